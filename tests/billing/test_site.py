"""Site reports: what the ledger says of a facility's calls, and payments within the additive."""

from __future__ import annotations

import csv
import io
from dataclasses import astuple, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.chart import CREDITS
from accounts.ledger import Entry, Kind, LedgerError, Posting, post
from accounts.periods import close
from accounts.reversal import reverse
from billing import site
from billing.site import Payment, SiteReport, SiteRow
from store.database import Database
from store.tables import facility_payments
from tests.accounts.year import FEBRUARY, JANUARY, day
from tests.billing.customers import BILLED, call, open_customer
from tests.builders import FACILITY, MORNING, at_once, build_jail, talked

PAYMENT = Payment(FACILITY, JANUARY, 30, "pay-1", "clerk", day(FEBRUARY, 3), "January")


@pytest.fixture
def january(database: Database) -> Database:
    """Two calls of $3.00, 60 cents of each the additive; 100 cents of one credited. Closed."""
    build_jail(database, cents=0)
    with database.begin() as connection:
        open_customer(connection, BILLED)
        call(connection, BILLED, "C1", day(JANUARY, 5), 300)
        call(connection, BILLED, "C2", day(JANUARY, 6), 300)
        call(connection, BILLED, "C3", day(FEBRUARY, 6), 300)
        credit = (Posting(CREDITS, -100), Posting(BILLED, 100))
        at = day(JANUARY, 7)
        post(connection, Entry("credit:C1", Kind.CREDIT, "clerk", at, credit, "C1"))
    close(database, JANUARY, "clerk", day(FEBRUARY))
    return database


def reported(database: Database, month: str = JANUARY) -> SiteReport:
    with database.begin() as connection:
        return site.report(connection, FACILITY, month)


def pay(database: Database, payment: Payment) -> bool:
    with database.begin() as connection:
        return site.pay(connection, payment)


def test_a_report_is_the_ledgers(january: Database) -> None:
    found = reported(january)
    row = SiteRow("direct_bill", "interstate", 2, 1450, 476, 120, 4, 100)
    assert (found.rows, found.final, found.name) == ([row], True, "Millbrook County Jail")
    assert astuple(found.total)[2:] == astuple(row)[2:]
    # A sixth of the charges was credited, so a sixth of the additive is.
    assert (found.collected_cents, found.paid_cents) == (100, 0)


def test_what_is_taken_back_later_lowers_that_months_additive(january: Database) -> None:
    assert reported(january, FEBRUARY).rows[0].additive_cents == 60
    with january.begin() as connection:
        reverse(connection, "call:C2:0", "clerk", "wrong deck", day(FEBRUARY, 10))
    found = reported(january, FEBRUARY)
    assert (found.rows[0].additive_cents, found.collected_cents, found.final) == (0, 0, False)
    assert reported(january).rows[0].additive_cents == 120


def test_a_month_without_calls_is_empty(january: Database) -> None:
    found = reported(january, "2020-03")
    assert (found.rows, found.total.calls, found.collected_cents) == ([], 0, 0)


def test_a_facility_is_paid_out_of_the_additive_and_no_more(january: Database) -> None:
    assert pay(january, PAYMENT)
    assert not pay(january, PAYMENT)
    with pytest.raises(LedgerError, match="pay-1 was recorded before, with other figures"):
        pay(january, replace(PAYMENT, cents=31))
    with pytest.raises(LedgerError, match=r"30 paid: 70 are left \(47 CFR 64.6015\)"):
        pay(january, replace(PAYMENT, cents=71, key="pay-2"))
    assert pay(january, replace(PAYMENT, cents=70, key="pay-2"))
    assert [one.cents for one in reported(january).payments] == [30, 70]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"cents": 0}, r"\$0\.01 or more"),
        ({"cents": -5}, r"\$0\.01 or more"),
        ({"facility_id": "nowhere"}, "no facility nowhere"),
        ({"month": FEBRUARY}, "the books of 2020-02 are open"),
    ],
)
def test_payments_that_cannot_be_are_refused(
    january: Database, changed: dict[str, object], why: str
) -> None:
    with pytest.raises(LedgerError, match=why):
        pay(january, replace(PAYMENT, **changed))  # type: ignore[arg-type]
    assert reported(january).paid_cents == 0


def test_two_payments_at_once_stay_within_it(january: Database) -> None:
    def try_to(number: int) -> bool:
        try:
            return pay(january, replace(PAYMENT, cents=60, key=f"pay-{number}"))
        except LedgerError:
            return False

    assert sorted(at_once(2, try_to)) == [False, True]
    with january.begin() as connection:
        assert len(connection.execute(facility_payments.select()).all()) == 1


def test_placed_calls_are_counted_free_ones_too(database: Database) -> None:
    build_jail(database, cents=2000)
    talked(database, 125)
    (row,) = reported(database, f"{MORNING:%Y-%m}").rows
    assert (row.product, row.calls, row.seconds) == ("prepaid_collect", 1, 125)
    assert row.base_cents > 0


FIGURES = ["1450", "476", "120", "4", "100"]


def test_the_table_is_whole_cents_and_sums(january: Database) -> None:
    pay(january, PAYMENT)
    out = io.StringIO()
    site.write_csv(reported(january), out)
    head, row, total, collected, paid = csv.reader(io.StringIO(out.getvalue()))
    assert row == [FACILITY, JANUARY, "direct_bill", "interstate", "2", *FIGURES]
    assert total[4:] == row[4:]
    assert head[7] == "additive_cents"
    assert (collected[7], paid[7]) == ("100", "30")


@given(*[st.integers(0, 10_000)] * 4)
def test_a_credit_takes_its_share_of_the_additive_rounded_up(
    base: int, additive: int, tax: int, credit: int
) -> None:
    charged = base + additive + tax
    credit = min(credit, charged)
    row = SiteRow("p", "j", 1, 60, base, additive, tax, credit)
    assert 0 <= row.kept_additive_cents <= additive
    if charged:
        assert row.kept_additive_cents * charged <= additive * (charged - credit)
