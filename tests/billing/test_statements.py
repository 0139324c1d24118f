"""Statements: their lines are the ledger's to the cent, month after month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count, pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, event, update

from accounts.history import balance_at
from accounts.ledger import Kind, LedgerError
from accounts.months import end_of, start_of
from accounts.products import ProductId
from billing.statement_lines import call_line
from billing.statements import Statement, of_month
from store.database import Database
from store.tables import accounts, balances
from tests.accounts.year import FEBRUARY, JANUARY, MARCH, MONTHS, day
from tests.billing.customers import (
    BILLED,
    TAX_CODES,
    call,
    charge,
    move,
    open_customer,
    statement,
    write_record,
)
from tests.builders import ACCOUNT, DEBIT, MORNING, build_jail, open_debit, talked

MS = timedelta(milliseconds=1)
_numbers = count()
days = st.builds(day, st.sampled_from(MONTHS), st.integers(1, 28))
slices = st.tuples(days, st.integers(0, 300), st.integers(0, 90), st.integers(0, 40))
charges = st.tuples(st.just(Kind.CALL), st.lists(slices, min_size=1, max_size=4))
OTHERS = [kind for kind in Kind if kind is not Kind.CALL]
moves = st.tuples(st.sampled_from(OTHERS), st.tuples(days, st.integers(-900, 900).filter(bool)))
ledgers = st.lists(st.tuples(st.integers(0, 2), charges | moves), max_size=12, unique_by=str)


def books(connection: Connection, posted: Sequence[tuple[int, Any]]) -> list[str]:
    """Three new accounts with these postings, in any order of days."""
    run = next(_numbers)
    products = [product for product in ProductId if product is not ProductId.INMATE_DEBIT]
    names = [f"a{run}-{n}" for n in range(3)]
    for name, product in zip(names, products, strict=True):
        open_customer(connection, name, product)
    connection.execute(update(balances).values(credit_limit_cents=10**9))
    for number, (which, (kind, what)) in enumerate(posted):
        if kind is Kind.CALL:
            sound = [one for one in what if any(one[1:])]
            charge(connection, names[which], f"C{run}-{number}", sound)
        else:
            move(connection, names[which], kind, what[1], what[0])
    return names


def test_every_months_lines_are_the_ledgers(database: Database) -> None:
    build_jail(database, cents=0)

    @settings(max_examples=10)
    @given(ledgers)
    def holds(posted: Sequence[tuple[int, Any]]) -> None:
        with database.begin() as connection:
            try:
                names = books(connection, posted)
            except LedgerError:
                # Two movements of a kind, account, day and amount have one key.
                connection.rollback()
                return
            for name in names:
                chained(connection, name)
            connection.rollback()

    def chained(connection: Connection, name: str) -> None:
        every = [next(of_month(connection, month, name)) for month in MONTHS]
        for one in every:
            agrees(connection, one)
        assert all(one.closing_cents == after.opening_cents for one, after in pairwise(every))

    holds()


def agrees(connection: Connection, one: Statement) -> None:
    before, last = start_of(one.month) - MS, end_of(one.month) - MS
    assert one.opening_cents == balance_at(connection, one.account_id, before)
    assert one.closing_cents == balance_at(connection, one.account_id, last)
    lines = sum(move.cents for move in one.movements) - sum(call.cents for call in one.calls)
    assert lines == one.closing_cents - one.opening_cents
    parts = one.base_cents + one.additive_cents + sum(tax.cents for tax in one.taxes)
    assert parts == one.charged_cents
    assert sum(one.by_kind.values()) == one.moved_cents


def test_all_together_are_each_by_itself_in_four_queries(database: Database) -> None:
    build_jail(database, cents=0)
    with database.begin() as connection:
        for number in range(30):
            open_customer(connection, f"b{number}")
            call(connection, f"b{number}", f"C{number}", day(JANUARY, 3), 100 + number)
            move(connection, f"b{number}", Kind.DEPOSIT, 50, day(JANUARY, 4))
    asked = []
    event.listen(database.engine, "before_cursor_execute", lambda *of: asked.append(of[2]))
    with database.begin() as connection:
        together = list(of_month(connection, JANUARY))
    assert len([query for query in asked if query.startswith("SELECT")]) == 4
    apart = [statement(database, one.account_id, JANUARY) for one in together]
    assert together == apart
    assert {f"b{number}" for number in range(30)} <= {one.account_id for one in together}


@given(st.integers(0, 50), st.integers(0, 50), st.data())
def test_a_call_past_the_months_end_splits_its_taxes_without_a_cent_lost(
    one: int, other: int, data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, one + other))
    accepted = start_of(FEBRUARY) - timedelta(seconds=90)
    cdr = {
        "lines": [["base", 9], ["additive", 0], ["fusf", one], ["sales", other]],
        "quote": None,
        "number": None,
        "billed_seconds": 200,
        "charged_cents": 9 + one + other,
        "timezone": "America/New_York",
        "call_id": "C",
        "at": accepted,
        "additive_cents": 0,
    }
    months = []
    for month, taxes in ((JANUARY, first), (FEBRUARY, one + other - first)):
        row: Any = SimpleNamespace(**cdr, total_cents=taxes, tax_cents=taxes)
        months.append(call_line(row, start_of(month)))
    sums = {
        code: sum(tax.cents for line in months for tax in line.taxes if tax.code == code)
        for code in TAX_CODES
    }
    assert sums == {"fusf": one, "sales": other}
    assert [line.cents for line in months] == [first, one + other - first]


def test_the_months_border_is_the_books(database: Database) -> None:
    build_jail(database, cents=0)
    border = end_of(JANUARY)
    with database.begin() as connection:
        open_customer(connection, BILLED)
        write_record(connection, BILLED, "C", border - MS, (100, 20, 5, 3))
        charge(connection, BILLED, "C", [(border - MS, 60, 12, 4), (border, 40, 8, 4)])
        move(connection, BILLED, Kind.DEPOSIT, 10, border - MS)
        move(connection, BILLED, Kind.DEPOSIT, 20, border)
    january, february = (statement(database, BILLED, month) for month in (JANUARY, FEBRUARY))
    (first,), (second,) = january.calls, february.calls
    assert (first.cents, second.cents) == (76, 52)
    assert [(tax.code, tax.cents) for tax in first.taxes] == [("fusf", 4)]
    assert [(tax.code, tax.cents) for tax in second.taxes] == [("fusf", 1), ("sales", 3)]
    assert not first.whole
    assert not second.whole
    # The facility's clock shows January for both.
    assert first.at == second.at == (border - MS)
    assert first.at.tzname() == "EST"
    assert [one.cents for one in (*january.movements, *february.movements)] == [10, 20]
    assert (january.closing_cents, february.closing_cents) == (-66, -98)


def test_a_call_that_was_placed_is_a_line_with_all_its_parts(database: Database) -> None:
    build_jail(database, cents=2000)
    call_id = talked(database, 125)
    found = statement(database, ACCOUNT, f"{MORNING:%Y-%m}")
    (line,) = found.calls
    assert (line.call_id, line.seconds, line.number) == (call_id, 125, "+12125550101")
    assert line.at.isoformat() == "2026-11-02T10:00:00-05:00"
    assert line.cents == found.charged_cents > 0
    assert line.base_e4 is not None
    assert line.whole
    assert not found.final


def test_the_persons_own_account_has_one_too(database: Database) -> None:
    build_jail(database, cents=0)
    open_debit(database, cents=0)
    found = statement(database, DEBIT, f"{MORNING:%Y-%m}")
    assert (found.product, found.calls, found.closing_cents) == (ProductId.INMATE_DEBIT, (), 0)


def test_accounts_that_were_not_there_have_none(database: Database) -> None:
    build_jail(database, cents=0)
    with database.begin() as connection:
        open_customer(connection, BILLED)
        open_customer(connection, "gone")
        gone = accounts.update().where(accounts.c.id == "gone").values(status="closed")
        connection.execute(gone)
        assert list(of_month(connection, "2019-12")) == []
        named = [one.account_id for one in of_month(connection, MARCH)]
        assert named == [BILLED]
        with pytest.raises(LedgerError, match="no account nobody of a customer"):
            of_month(connection, JANUARY, "nobody")
        with pytest.raises(LedgerError, match=r"no account house\.cash"):
            of_month(connection, JANUARY, "house.cash")


def test_a_credit_says_for_which_call(database: Database) -> None:
    build_jail(database, cents=0)
    at: datetime = day(JANUARY, 5)
    with database.begin() as connection:
        open_customer(connection, BILLED)
        call(connection, BILLED, "C", at, 100)
        move(connection, BILLED, Kind.CREDIT, 30, day(FEBRUARY, 2), "C")
        move(connection, BILLED, Kind.REFUND, 5, day(FEBRUARY, 3), "C")
        move(connection, BILLED, Kind.REFUND, -25, day(FEBRUARY, 4))
    found = statement(database, BILLED, FEBRUARY)
    assert [(one.number, one.call_at) for one in found.movements] == [
        ("+12125550101", at),
        ("+12125550101", at),
        (None, None),
    ]
    assert found.by_kind == {"credit": 30, "refund_call": 5, "refund": -25}
