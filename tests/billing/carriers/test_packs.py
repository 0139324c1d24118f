"""Packs to the carriers: every charged call once, posted and written the same."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from sqlalchemy import update

from accounts.chart import CARRIERS
from accounts.invariants import cached_balances, unbalanced_entries
from accounts.ledger import Entry, Kind, LedgerError, Posting, post
from billing.carriers import packs
from billing.carriers.invariants import carriers_owe_what_is_open, packs_have_their_totals
from billing.carriers.layout import DETAIL, HEADER, TRAILER, Layout
from billing.carriers.writer import write
from store.database import Database
from store.tables import closed_periods, facilities
from tests.billing.carriers.talks import (
    AT,
    NUMBERS,
    account,
    available,
    balance,
    submitted,
    talk,
    town,
)

RULES = (
    unbalanced_entries,
    cached_balances,
    carriers_owe_what_is_open,
    packs_have_their_totals,
)


def sound(database: Database) -> None:
    """No invariant is broken."""
    with database.begin() as connection:
        assert [found for rule in RULES for found in rule(connection)] == []


def test_a_pack_has_every_charged_call_once(database: Database) -> None:
    town(database)
    talk(database, "one", NUMBERS[0], 150)
    talk(database, "two", NUMBERS[1], 70, AT + timedelta(minutes=1))
    talk(database, "three", NUMBERS[0], 30, AT + timedelta(minutes=2))
    talk(database, "free", NUMBERS[2], 0)
    before = available(database, account(NUMBERS[0]))
    pack, file = submitted(database)
    assert pack is not None
    assert (pack.number, pack.records, pack.cents) == (1, 3, 250)
    head, *details, tail = file.decode().splitlines()
    assert Layout(HEADER).read(head)["cents"] == Layout(TRAILER).read(tail)["cents"] == 250
    read = [Layout(DETAIL).read(line) for line in details]
    assert [one["mills"] for one in read] == [1500, 700, 300]
    assert len({one["serial"] for one in read}) == 3
    # 20 seconds after the phone was taken off the hook, in the facility's own zone.
    first = read[0]
    assert (first["date"], first["connect_time"], first["elapsed"]) == (261102, 100020, 1010)
    assert (first["from_number"], first["to_number"]) == (3305550000, 2175550101)
    assert (first["billing_number"], first["from_state"]) == (2175550101, "OH")
    assert [balance(database, one) for one in (account(NUMBERS[0]), CARRIERS)] == [0, -250]
    assert available(database, account(NUMBERS[0])) == before
    assert submitted(database) == (None, b"")
    talk(database, "four", NUMBERS[1], 11)
    again, _ = submitted(database)
    assert again is not None
    assert (again.number, again.records, again.cents) == (2, 1, 11)
    sound(database)


def test_what_was_credited_is_not_billed(database: Database) -> None:
    town(database)
    talk(database, "one", NUMBERS[0], 150)
    talk(database, "two", NUMBERS[0], 80)
    with database.begin() as connection:
        for call, cents in (("one", 50), ("two", 80)):
            lines = [Posting("house.credits", -cents), Posting(account(NUMBERS[0]), cents)]
            post(connection, Entry(f"credit:{call}", Kind.CREDIT, "clerk", AT, lines, call))
    pack, _ = submitted(database)
    assert pack is not None
    assert (pack.records, pack.cents) == (1, 100)
    assert balance(database, account(NUMBERS[0])) == 0
    sound(database)


def test_a_file_is_written_again_byte_for_byte(database: Database) -> None:
    town(database)
    talk(database, "one", NUMBERS[0], 150)
    pack, file = submitted(database)
    assert pack is not None
    talk(database, "two", NUMBERS[0], 150)
    submitted(database)
    sink = io.BytesIO()
    with database.begin() as connection:
        assert write(connection, 1, sink) == pack
        assert sink.getvalue() == file
        connection.execute(update(facilities).values(state="PA"))
        with pytest.raises(LedgerError, match="otherwise than it was made"):
            write(connection, 1, io.BytesIO())
        with pytest.raises(LedgerError, match="no pack 7"):
            write(connection, 7, io.BytesIO())


def test_nothing_is_posted_into_a_closed_month(database: Database) -> None:
    town(database)
    talk(database, "one", NUMBERS[0], 150)
    closing = {"month": "2026-11", "closed_at": AT, "actor": "x", "entries": 0, "debit_cents": 0}
    with database.begin() as connection:
        connection.execute(closed_periods.insert(), closing)
    with pytest.raises(LedgerError, match="2026-11 is closed"):
        submitted(database)
    assert balance(database, CARRIERS) == 0
    pack, _ = submitted(database, AT + timedelta(days=30))
    assert pack is not None
    assert pack.number == 1


def test_a_crash_before_the_commit_leaves_nothing(database: Database) -> None:
    town(database)
    talk(database, "one", NUMBERS[0], 150)
    with database.engine.connect() as connection:
        packs.submit(connection, AT, "clerk")
    sound(database)
    pack, _ = submitted(database)
    assert pack is not None
    assert (pack.number, pack.cents) == (1, 150)
