"""Reversals, staff's own postings, statements, the export: what they post and what they refuse."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from sqlalchemy import text

from accounts import invariants
from accounts.adjusting import AGAINST, LARGEST_CENTS, Adjustment, adjust
from accounts.chart import ADJUSTMENTS, CASH, CUSTOMERS, WRITE_OFFS
from accounts.export import HEAD, export
from accounts.history import balance_at, entries_of_call, entry, history
from accounts.ledger import (
    LONGEST_KEY,
    Entry,
    KeyReused,
    Kind,
    LedgerError,
    Posting,
    open_books,
    post,
)
from accounts.products import ProductId
from accounts.reversal import reverse
from store.database import Database
from store.types import now
from tests.accounts.year import (
    APRIL_1,
    FEBRUARY,
    JANUARY,
    MARCH,
    charged,
    credited,
    day,
    paid_in,
    posted,
)
from tests.builders import at_once, balance, open_account

ME = "rivera"
FIRST = paid_in("first", ME, 1000, day(JANUARY))


@pytest.fixture(autouse=True)
def _books(database: Database) -> None:
    open_books(database)
    open_account(database, ME, cents=0)
    assert posted(database, FIRST) == [True]


def cents(database: Database) -> int:
    return balance(database, ME).balance_cents


def taken_back(database: Database, key: str, month: str = MARCH) -> bool:
    with database.begin() as connection:
        return reverse(connection, key, "bookkeeper", "a slip", day(month))


def adjusted(database: Database, amount: int, **others: Any) -> bool:
    one = Adjustment(ME, amount, Kind.ADJUSTMENT, "1", "clerk", "found it", day(MARCH), ADJUSTMENTS)
    with database.begin() as connection:
        return adjust(connection, replace(one, **others))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lines": (Posting(CASH, -5), Posting("nobody", 5))}, "no account nobody"),
        ({"lines": (Posting("nobody", -5), Posting(ME, 5))}, "no account"),
        ({"lines": (Posting(CASH, -5), Posting(ME, 6))}, "sum to zero"),
        ({"lines": (Posting(ME, -1001), Posting(CASH, 1001))}, "past its limit"),
        ({"key": "k" * (LONGEST_KEY + 1)}, "is longer than"),
    ],
)
def test_what_can_not_be_posted(database: Database, change: dict[str, Any], words: str) -> None:
    with pytest.raises(LedgerError, match=words):
        posted(database, replace(paid_in("other", ME, 5, day(MARCH)), **change))
    assert cents(database) == 1000


def test_half_a_cent_is_no_posting(database: Database) -> None:
    half: Any = Decimal("0.5")
    with pytest.raises(LedgerError, match="whole cents"):
        posted(database, paid_in("half", ME, half, day(MARCH)))


@pytest.mark.parametrize(
    "other", [paid_in("first", ME, 999, day(JANUARY)), charged("first", ME, 5, day(JANUARY))]
)
def test_a_key_is_for_one_content(database: Database, other: Entry) -> None:
    assert posted(database, FIRST) == [False]
    with pytest.raises(KeyReused, match="first was posted before, with other figures"):
        posted(database, other)
    assert cents(database) == 1000


def test_a_reversal_is_the_mirror_and_both_stay(database: Database) -> None:
    posted(database, charged("call", ME, 300, day(FEBRUARY)))
    assert taken_back(database, "call")
    assert cents(database) == 1000
    with database.begin() as connection:
        original, mirror = entries_of_call(connection, "call")
        assert [*invariants.reversals_sound(connection)] == []
    assert (original.reversed_by, mirror.reverses) == (mirror.key, original.key)
    assert (mirror.kind, mirror.note) == (Kind.REVERSAL, "a slip")
    assert [(one.account_id, -one.cents) for one in mirror.lines] == [
        (one.account_id, one.cents) for one in original.lines
    ]


def test_a_reversal_happens_once(database: Database) -> None:
    posted(database, charged("call", ME, 300, day(FEBRUARY)))
    assert sum(at_once(6, lambda _: taken_back(database, "call"))) == 1
    assert not taken_back(database, "call")
    assert cents(database) == 1000


def test_what_can_not_be_reversed(database: Database) -> None:
    posted(database, charged("call", ME, 300, day(FEBRUARY)))
    for key, words in (("404", "no entry 404"), ("first", "take account rivera past its limit")):
        with pytest.raises(LedgerError, match=words):
            taken_back(database, key)
    with pytest.raises(LedgerError, match="reverse it after that"):
        taken_back(database, "call", JANUARY)
    with pytest.raises(LedgerError, match="say why"), database.begin() as connection:
        reverse(connection, "call", "bookkeeper", " ", APRIL_1)
    taken_back(database, "call")
    with pytest.raises(LedgerError, match="is a reversal"):
        taken_back(database, "reversal:call")
    assert cents(database) == 1000


def test_nobody_gets_a_call_back_twice(database: Database) -> None:
    posted(
        database,
        charged("call", ME, 300, day(FEBRUARY)),
        credited("credit", "call", ME, 100, day(FEBRUARY, 2)),
    )
    with pytest.raises(LedgerError, match="was given back before"):
        taken_back(database, "call")
    assert taken_back(database, "credit")
    assert taken_back(database, "call")
    assert cents(database) == 1000


def test_a_planted_reversal_is_found(database: Database) -> None:
    with database.begin() as connection:
        first = connection.execute(text("SELECT id FROM entries")).scalar_one()
        lines = (Posting(CASH, 400), Posting(ME, -400))
        post(connection, Entry("odd", Kind.CALL, "x", APRIL_1, lines, reverses=first))
        found = " ".join(invariants.reversals_sound(connection))
    assert "odd of kind call can't be the reversal of first" in found
    assert f"leaves 600 cents of what it reverses on {ME}" in found


def test_staff_correct_a_balance_once(database: Database) -> None:
    assert [adjusted(database, -250), adjusted(database, -250)] == [True, False]
    assert cents(database) == 750
    assert adjusted(database, 100, key="2", against=CASH)
    with database.begin() as connection:
        assert balance_at(connection, ADJUSTMENTS, APRIL_1) == 250
        assert balance_at(connection, CASH, APRIL_1) == -1100


@pytest.mark.parametrize(
    ("amount", "change", "words"),
    [
        (-1001, {}, "past its limit"),
        (0, {}, "between"),
        (LARGEST_CENTS + 1, {}, "between"),
        (5, {"note": ""}, "say why"),
        (5, {"account_id": "nobody"}, "no account nobody"),
        (5, {"account_id": CASH}, f"no account {CASH}"),
        (5, {"against": ME}, "staff can't post"),
        (5, {"kind": Kind.CALL}, "staff can't post"),
        (5, {"at": now() + timedelta(days=1)}, "in the future"),
        (5, {"kind": Kind.WRITE_OFF, "against": WRITE_OFFS}, "owes, and no more"),
    ],
)
def test_what_staff_can_not_post(
    database: Database, amount: int, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(LedgerError, match=words):
        adjusted(database, amount, **change)
    assert cents(database) == 1000


def test_no_more_is_written_off_than_is_owed(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(text("UPDATE balances SET credit_limit_cents = 500"))
    adjusted(database, -1300)
    given_up = {"kind": Kind.WRITE_OFF, "against": WRITE_OFFS}
    for amount in (301, -1):
        with pytest.raises(LedgerError, match="owes, and no more"):
            adjusted(database, amount, **given_up)
    assert [adjusted(database, 300, **given_up) for _ in range(2)] == [True, False]
    assert cents(database) == 0


def test_a_statement_runs_from_balance_to_balance(database: Database) -> None:
    posted(database, paid_in("late", ME, 7, day(MARCH)), charged("call", ME, 300, day(FEBRUARY)))
    with database.begin() as connection:
        whole = [(line.key, line.balance_cents) for line in history(connection, ME)]
        part = [
            (line.cents, line.balance_cents)
            for line in history(connection, ME, day(JANUARY, 2), day(MARCH))
        ]
        then = [balance_at(connection, ME, day(month)) for month in (JANUARY, FEBRUARY, MARCH)]
        before = balance_at(connection, ME, day(JANUARY) - timedelta(milliseconds=1))
    assert whole == [("first", 1000), ("call", 700), ("late", 707)]
    assert part == [(-300, 700)]
    assert (before, *then) == (0, 1000, 700, 707)


def test_strangers_have_no_statement(database: Database) -> None:
    with database.begin() as connection:
        for ask in (
            lambda: balance_at(connection, "nobody", APRIL_1),
            lambda: [*history(connection, "nobody")],
            lambda: entry(connection, "nobody"),
        ):
            with pytest.raises(LedgerError, match=r"no (account|entry) nobody"):
                ask()


def exported(database: Database, first: str, last: str) -> list[list[str]]:
    out = StringIO()
    with database.begin() as connection:
        export(connection, first, last, out)
    return [*csv.reader(out.getvalue().splitlines())]


def test_the_export_is_the_books(database: Database) -> None:
    posted(database, charged("call", ME, 305, day(FEBRUARY)))
    adjusted(database, 5, note="=cmd|' /C calc'!A0", at=day(FEBRUARY, 2))
    head, *lines, total = exported(database, JANUARY, FEBRUARY)
    assert tuple(head) == HEAD
    assert [line[:8] for line in lines] == [
        ["2020-01-01", "first", "deposit", "1000", CASH, "10.00", "", ""],
        ["2020-01-01", "first", "deposit", "2100", ME, "", "10.00", ""],
        ["2020-02-01", "call", "call", "2100", ME, "3.05", "", "call"],
        ["2020-02-01", "call", "call", "4000", "house.revenue.base", "", "3.05", "call"],
        ["2020-02-02", "adjustment:1", "adjustment", "5100", ADJUSTMENTS, "0.05", "", ""],
        ["2020-02-02", "adjustment:1", "adjustment", "2100", ME, "", "0.05", ""],
    ]
    assert lines[-1][8:] == ["clerk", "'=cmd|' /C calc'!A0"]
    assert total == ["total", "3 entries", "", "", "", "13.10", "13.10", "", "", ""]
    assert len(exported(database, MARCH, MARCH)) == 2


def test_every_product_and_reason_has_its_account(database: Database) -> None:
    assert {*ProductId} == {*CUSTOMERS}
    assert {*AGAINST} == {Kind.ADJUSTMENT, Kind.WRITE_OFF}
