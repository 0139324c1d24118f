"""Past calls through the columns and back, on both databases, from files, into a report."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from accounts import prepaid
from accounts.ledger import open_books
from custody.facilities import Facility, add_facility
from custody.lines.phones import Phone, add_phone
from rating import deckfile
from rating.dbrows import count, rerate_database
from rating.deck import NO_DECK, Waiver
from rating.engine import charge, quote
from rating.rerate import Report, rerate
from rating.rows import COLUMNS, RowError, Vocabulary, read_csv
from rating.rules import FEDERAL_ONLY, Book, book
from rating.terms import FacilityTerms, cdr_columns
from store.database import Database
from store.tables import calls, cdrs, rerated_calls
from store.types import now
from tests.rating import world

FIRST, LAST = date(2026, 6, 1), date(2026, 6, 30)
START = datetime(2026, 6, 1, 0, 0, tzinfo=UTC)
NUMBERS = ("+15125550123", "+12125550123", "+525512345678", "+528112345678")
CHEAPER = book(
    deckfile.parse(
        "cheaper.toml",
        'name = "cheaper"\n[[rate]]\neffective_from = 2026-06-15\nbase = "0.05"\n'
        'citation = "Contract 18"\n',
    )
)
MANY = 120


def jail(database: Database) -> FacilityTerms:
    """One facility with a phone, and an account."""
    terms = world.FACILITIES[0]
    open_books(database)
    add_facility(
        database,
        Facility(
            terms.id, "Medium", "jail", Decimal(terms.adp), terms.state, terms.timezone, 900, True
        ),
        "test",
    )
    with database.begin() as connection:
        add_phone(connection, Phone("medium-1", terms.id), "test", now())
    for account in ("one", "another"):
        prepaid.open_account(database, account, "Sam Rivera", [])
    return terms


def write_calls(database: Database, facility: FacilityTerms, prices: Book) -> list[dict[str, Any]]:
    rows = [call_record(facility, prices, n) for n in range(MANY)]
    with database.begin() as connection:
        for row in rows:
            live = {
                "id": row["call_id"],
                "facility_id": facility.id,
                "phone_id": "medium-1",
                "caller_channel": "x",
                "offhook_at": row["started_at"],
            }
            connection.execute(calls.insert(), live)
        connection.execute(cdrs.insert(), rows)
    return rows


def call_record(facility: FacilityTerms, prices: Book, n: int) -> dict[str, Any]:
    at = START + timedelta(hours=6 * n)
    terms = quote(facility, NUMBERS[n % 4], at, prices=prices)
    charged = charge(terms, 37 * n)
    return {
        "call_id": f"CALL{n}" if n % 2 else f"LONGER-CALL-{n:08}",
        "written_at": now(),
        "facility_id": facility.id,
        "phone_id": "medium-1",
        "number": NUMBERS[n % 4],
        "states": {},
        "started_at": at - timedelta(seconds=40),
        "cause": "caller_hung_up",
        "talk_ms": 0,
        "billed_seconds": charged.seconds,
        "account_id": "one" if n % 3 else "another",
        "product": "prepaid_collect",
        "lines": [[line.kind, line.cents] for line in charged.lines],
        "charged_cents": charged.total_cents,
        "quote": terms.as_json(),
        **cdr_columns(terms.as_json(), charged),
        "code_version": "test",
        "recorded": False,
        "privileged": False,
        "asterisk": {},
    }


def run(database: Database, facility: FacilityTerms, prices: Book, name: str) -> Report:
    words = Vocabulary.of(prices, [facility])
    *_, report = rerate_database(database, words, FIRST, LAST, name)
    return report


def test_the_same_prices_give_the_same_charges(database: Database) -> None:
    facility = jail(database)
    rows = write_calls(database, facility, world.prices())
    report = run(database, facility, world.prices(), "again")
    assert (report.calls, report.refused) == (MANY - 1, 0)  # the call of no seconds isn't charged
    assert report.charged_cents == report.rerated_cents == sum(r["charged_cents"] for r in rows)
    assert report.refunds == {}
    with database.begin() as connection:
        assert count(connection, FIRST, LAST) == MANY - 1


def test_another_deck_gives_other_prices_and_refunds(database: Database) -> None:
    facility = jail(database)
    rows = write_calls(database, facility, FEDERAL_ONLY)
    report = run(database, facility, CHEAPER, "cheaper")
    run(database, facility, CHEAPER, "cheaper")  # a run of the same name replaces the other
    expected = {r["call_id"]: charge_by(CHEAPER, facility, r) for r in rows if r["billed_seconds"]}
    with database.begin() as connection:
        found = connection.execute(select(rerated_calls)).all()
    assert {row.call_id: row.base_cents for row in found} == expected
    over: dict[str, int] = {"one": 0, "another": 0}
    for row in rows:
        new = expected.get(row["call_id"], 0)
        over[row["account_id"]] += max(row["charged_cents"] - new, 0)
    assert {name: refund.cents for name, refund in report.refunds.items()} == over
    assert all(refund.lines[1:] == [0, 0] for refund in report.refunds.values())


def charge_by(prices: Book, facility: FacilityTerms, row: Mapping[str, Any]) -> int:
    at = datetime.fromisoformat(row["quote"]["at"])
    terms = quote(facility, row["number"], at, prices=prices)
    return charge(terms, row["billed_seconds"]).total_cents


def test_no_calls_at_all(database: Database) -> None:
    words = Vocabulary.of(CHEAPER, [jail(database)])
    assert list(rerate_database(database, words, FIRST, LAST, "none")) == []


def test_a_failed_run_leaves_nothing(database: Database) -> None:
    facility = jail(database)
    write_calls(database, facility, FEDERAL_ONLY)
    stranger = FacilityTerms("stranger", "jail", Decimal(1), "America/Chicago", "TX")
    with pytest.raises(RowError, match="facility: unknown facility"):
        run(database, stranger, CHEAPER, "failed")
    with database.begin() as connection:
        assert connection.execute(select(rerated_calls)).all() == []


ROW = {
    "call_id": "A1",
    "account_id": "one",
    "start": "2026-06-02T12:00:00-05:00",
    "seconds": "600",
    "facility": "medium",
    "jurisdiction": "interstate",
    "medium": "audio",
    "call_class": "voice",
    "account_type": "prepaid_collect",
    "tax_state": "NY",
    "number": "+12125550123",
    "base": "100",
    "additive": "0",
    "tax": "0",
}


def write_csv(path: Path, rows: list[Mapping[str, str]]) -> None:
    with path.open("w", newline="") as text:
        writer = csv.DictWriter(text, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def test_a_file_of_calls(tmp_path: Path) -> None:
    words = Vocabulary.of(world.prices(), world.FACILITIES)
    again = {**ROW, "seconds": "0", "base": "0", "account_id": "josé"}
    write_csv(tmp_path / "c.csv", [ROW, again])
    source = read_csv(tmp_path / "c.csv", words)
    *_, report = rerate(source, words.rater(FIRST, LAST), _ignore)
    # 80 + 12 and 37 % of it, against 100 charged.
    assert (report.calls, report.charged_cents, report.rerated_cents) == (2, 100, 80 + 12 + 34)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("start", "2026-06-02T12:00:00", ":2: start: 2026-06-02T12:00:00 needs an offset"),
        ("start", "noon", ":2: start: Invalid isoformat"),
        ("seconds", "ten", ":2: seconds: invalid literal"),
        ("facility", "nowhere", ":2: facility: unknown facility 'nowhere'"),
        ("jurisdiction", "mars", ":2: jurisdiction: unknown jurisdiction 'mars'"),
        ("base", "1.5", ":2: base: invalid literal"),
        ("base", "-1", ":2: base: -1 isn't from 0 to"),
        ("seconds", "-1", ":2: seconds: -1 isn't from 0 to 86400"),
        ("seconds", "9" * 20, ":2: seconds: 9+ isn't from 0 to 86400"),
        ("account_id", "x" * 41, ":2: account_id: is longer than 40 bytes"),
    ],
)
def test_a_bad_row_says_where(field: str, value: str, message: str, tmp_path: Path) -> None:
    words = Vocabulary.of(world.prices(), world.FACILITIES)
    write_csv(tmp_path / "c.csv", [{**ROW, field: value}])
    with pytest.raises(RowError, match=message):
        list(read_csv(tmp_path / "c.csv", words))


def test_a_short_row_says_where(tmp_path: Path) -> None:
    words = Vocabulary.of(world.prices(), world.FACILITIES)
    (tmp_path / "c.csv").write_text(",".join(COLUMNS) + "\nA1,one\n")
    with pytest.raises(RowError, match=r"c.csv:2: start: is missing"):
        list(read_csv(tmp_path / "c.csv", words))


def test_what_is_no_csv(tmp_path: Path) -> None:
    words = Vocabulary.of(world.prices(), world.FACILITIES)
    (tmp_path / "c.csv").write_bytes(b"\x99\x00\xff")
    with pytest.raises(RowError, match=r"c.csv:1: file: can't be read as CSV"):
        list(read_csv(tmp_path / "c.csv", words))


def test_a_call_without_a_rate_keeps_its_price(database: Database) -> None:
    """No federal cap in force on intrastate calls then, and no contract: nothing to compare."""
    facility = jail(database)
    write_calls(database, facility, FEDERAL_ONLY)
    waived = Waiver("medium", "W1", date(2025, 8, 1), date(2026, 1, 1), None)
    report = run(database, facility, book(replace(NO_DECK, waivers=(waived,))), "waived")
    with database.begin() as connection:
        found = connection.execute(select(rerated_calls.c.call_id)).scalars().all()
    assert 0 < report.refused == report.calls - len(found)


def test_a_call_outside_the_days(tmp_path: Path) -> None:
    words = Vocabulary.of(world.prices(), world.FACILITIES)
    write_csv(tmp_path / "c.csv", [{**ROW, "start": "2027-06-02T12:00:00Z"}])
    with pytest.raises(ValueError, match="outside the days"):
        list(rerate(read_csv(tmp_path / "c.csv", words), words.rater(FIRST, LAST), _ignore))


def _ignore(charged: object, rated: object) -> None:
    """Keep nothing."""
