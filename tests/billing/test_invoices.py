"""Direct bill on a fake clock: invoiced, reminded, suspended, paid, lifted."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from accounts import life, overdue, prepaid
from accounts.ledger import Kind, LedgerError
from accounts.periods import close
from accounts.reversal import reverse
from billing import dunning, invoices
from billing.dunning import Dunned
from store.database import Database
from store.settings import BillingSettings
from store.tables import notices
from tests.accounts.year import FEBRUARY, JANUARY, MARCH, day
from tests.billing.customers import BILLED, call, move, open_customer
from tests.builders import at_once, build_jail

NOTHING = Dunned(0, 0, 0, 0, 0)
ISSUED = day(FEBRUARY, 2)
DUE = datetime.fromisoformat("2020-02-22T23:59:59.999Z")
A_DAY = timedelta(days=1)
# Every day around a step, and some between.
DAYS = (0, 1, 8, 15, 16, 17, 19, 20, 21, 22, 30, 31, 32, 39)
INVOICE = f"{BILLED}-{JANUARY}"


@pytest.fixture
def billed(database: Database) -> Database:
    """January is closed and invoiced: $3.00 of calls, $1.00 paid."""
    build_jail(database, cents=0)
    with database.begin() as connection:
        open_customer(connection, BILLED)
        open_customer(connection, "idle")
        call(connection, BILLED, "C1", day(JANUARY, 5), 300)
        move(connection, BILLED, Kind.DEPOSIT, 100, day(JANUARY, 9))
    close(database, JANUARY, "clerk", day(FEBRUARY))
    with database.begin() as connection:
        assert invoices.issue(connection, JANUARY, ISSUED) == 1
    return database


def dun(database: Database, at: datetime) -> Dunned:
    """Run it twice: the second run has nothing left to do."""
    with database.begin() as connection:
        done = dunning.run(connection, at)
    with database.begin() as connection:
        assert dunning.run(connection, at) == NOTHING
    return done


def pay(database: Database, cents: int, at: datetime) -> None:
    with database.begin() as connection:
        prepaid.deposit(connection, BILLED, cents, f"p{at}", "clerk", at)


def status(database: Database) -> tuple[str, str | None]:
    with database.begin() as connection:
        found = life.find(connection, BILLED)
    assert found is not None
    return found.status, found.suspended_for


def told(database: Database) -> list[tuple[str, str]]:
    with database.begin() as connection:
        chosen = select(notices.c.kind, notices.c.subject).order_by(notices.c.id)
        return [(kind, subject) for kind, subject in connection.execute(chosen)]


def owed(database: Database, at: datetime) -> int:
    with database.begin() as connection:
        return overdue.overdue_cents(connection, BILLED, at)


def test_an_invoice_is_the_books_and_issued_once(billed: Database) -> None:
    with billed.begin() as connection:
        assert invoices.issue(connection, JANUARY, ISSUED + A_DAY) == 0
        found = invoices.find(connection, INVOICE)
        ((same, statement),) = invoices.with_statements(connection, JANUARY)
        assert invoices.listed(connection, "idle") == []
    assert found == same
    figures = (found.opening_cents, found.charged_cents, found.credited_cents, found.due_cents)
    assert figures == (0, 300, 100, 200)
    assert (statement.charged_cents, -statement.closing_cents) == (300, 200)
    assert (found.issued_at, found.due_at) == (ISSUED, DUE)
    assert told(billed) == [(invoices.ISSUED, INVOICE)]


def test_open_books_are_not_invoiced(billed: Database) -> None:
    with billed.begin() as connection, pytest.raises(LedgerError, match="ledger close 2020-02"):
        invoices.issue(connection, FEBRUARY, day(MARCH))


def test_a_late_payer_from_reminder_to_lift(billed: Database) -> None:
    steps = {at: dun(billed, at) for at in (ISSUED + A_DAY * n for n in DAYS)}
    done = {at.strftime("%m-%d"): one for at, one in steps.items() if one != NOTHING}
    assert done == {
        "02-18": Dunned(1, 0, 0, 0, 0),
        "02-22": Dunned(0, 1, 0, 0, 0),
        "02-23": Dunned(0, 0, 1, 0, 0),
        "03-04": Dunned(0, 0, 0, 1, 0),
    }
    assert status(billed) == ("suspended", "overdue")
    kinds = [kind for kind, _ in told(billed)]
    expected = (dunning.REMINDER, dunning.DUE, dunning.OVERDUE, dunning.SUSPENDED)
    assert kinds == [invoices.ISSUED, *expected]
    paid = day(MARCH, 12)
    pay(billed, 199, paid)
    assert (status(billed)[0], owed(billed, paid)) == ("suspended", 1)
    pay(billed, 1, paid + A_DAY)
    assert (status(billed), owed(billed, paid + A_DAY)) == (("open", None), 0)
    assert dun(billed, paid + A_DAY) == NOTHING


def test_who_pays_in_time_hears_nothing(billed: Database) -> None:
    pay(billed, 200, ISSUED + A_DAY)
    assert [dun(billed, ISSUED + A_DAY * n) for n in DAYS[2:]] == [NOTHING] * len(DAYS[2:])
    assert [kind for kind, _ in told(billed)] == [invoices.ISSUED]


def test_after_a_long_silence_only_what_still_matters_is_done(billed: Database) -> None:
    assert dun(billed, DUE + A_DAY * 60) == Dunned(0, 0, 1, 1, 0)


def test_a_payment_that_is_taken_back_suspends_again(billed: Database) -> None:
    late = DUE + A_DAY * 11
    dun(billed, late)
    pay(billed, 200, late)
    assert status(billed)[0] == "open"
    with billed.begin() as connection:
        reverse(connection, f"deposit:p{late}", "clerk", "the check bounced", late + A_DAY)
    assert owed(billed, late + A_DAY) == 200
    assert dun(billed, late + A_DAY).suspended == 1
    # A correction pays, too, though it doesn't come by the way of payments.
    with billed.begin() as connection:
        move(connection, BILLED, Kind.ADJUSTMENT, 200, late + 2 * A_DAY)
    assert dun(billed, late + 2 * A_DAY) == Dunned(0, 0, 0, 0, 1)
    assert status(billed) == ("open", None)


def test_the_next_invoice_carries_what_is_open(billed: Database) -> None:
    with billed.begin() as connection:
        call(connection, BILLED, "C2", day(FEBRUARY, 10), 50)
        move(connection, BILLED, Kind.DEPOSIT, 80, day(FEBRUARY, 25))
    close(billed, FEBRUARY, "clerk", day(MARCH))
    with billed.begin() as connection:
        invoices.issue(connection, FEBRUARY, day(MARCH, 2))
        first, second = invoices.listed(connection, BILLED)
    assert (second.opening_cents, second.due_cents) == (-200, 170)
    assert (first.open_cents, second.open_cents) == (120, 170)
    assert (owed(billed, DUE), owed(billed, DUE + A_DAY)) == (0, 120)
    assert owed(billed, second.due_at + A_DAY) == 170
    pay(billed, 170, day(MARCH, 5))
    assert owed(billed, second.due_at + A_DAY) == 0


def test_payment_and_suspension_at_once_never_leave_a_payer_suspended(billed: Database) -> None:
    late = DUE + A_DAY * 11
    acts = (lambda: dun_once(billed, late), lambda: pay(billed, 200, late))
    at_once(2, lambda n: acts[n]())
    assert status(billed) == ("open", None)


def dun_once(database: Database, at: datetime) -> None:
    with database.begin() as connection:
        dunning.run(connection, at)


def test_other_causes_stay_when_the_bill_is_paid(billed: Database) -> None:
    late = DUE + A_DAY * 11
    dun(billed, late)
    with billed.begin() as connection:
        life.suspend(connection, BILLED, "staff", "clerk", late)
    pay(billed, 200, late + A_DAY)
    assert status(billed) == ("suspended", "staff")


@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 10**8))
@settings(max_examples=50)
def test_the_due_day_is_whole_and_so_many_days_later(due: int, remind: int, later: int) -> None:
    if remind >= due:
        with pytest.raises(ValueError, match="fewer than"):
            BillingSettings(due_days=due, remind_days=remind)
        return
    issued = ISSUED + timedelta(seconds=later)
    until = invoices.due_at(issued, BillingSettings(due_days=due, remind_days=remind))
    assert (until.date() - issued.date()).days == due
    assert (until + timedelta(milliseconds=1)).date() == until.date() + A_DAY
