"""The four ways to pay, each with a call of its own and with its own reasons to refuse."""

from __future__ import annotations

import pytest

from accounts import collect, life
from accounts.ledger import Entry, Kind, Posting, post
from accounts.life import NewAccount, SuspendedFor
from accounts.products import ProductId
from calls.reasons import Reason
from store.tables import billable_numbers
from tests.builders import NO_ACCOUNT_NUMBER, balance
from tests.replay.happening import Outcome
from tests.replay.person import answering
from tests.replay.stage import MENU, STRAIGHT, Stage

DIALS = answering({**STRAIGHT, "enter-number": f"{NO_ACCOUNT_NUMBER.removeprefix('+1')}#"})
BILL, CARRIER = "bill", collect.account_of(NO_ACCOUNT_NUMBER)
DAY_MS = 24 * 3600 * 1000


@pytest.fixture
def billed(any_stage: Stage) -> Stage:
    """Somebody who pays at the end of the month, up to thirty cents."""
    with any_stage.database.begin() as connection:
        new = NewAccount(
            BILL,
            ProductId.DIRECT_BILL,
            "Sam Rivera",
            (NO_ACCOUNT_NUMBER,),
            credit_limit_cents=30,
        )
        life.open_account(connection, new, "test", any_stage.clock.now())
    return any_stage


@pytest.fixture
def carried(any_stage: Stage) -> Stage:
    """A number without an account, whose carrier bills collect calls."""
    row = {"prefix": NO_ACCOUNT_NUMBER[:8], "line_type": "landline", "carrier": "Valley Telephone"}
    who = {"actor": "test", "at": any_stage.clock.now(), "note": ""}
    with any_stage.database.begin() as connection:
        connection.execute(
            billable_numbers.insert(), {**row, "ocn": "0123", "billable": True, **who}
        )
    return any_stage


def call(stage: Stage) -> Outcome:
    return stage.replay(DIALS, answering({MENU: "2 1"}))


def refused(stage: Stage, reason: Reason, sentence: str) -> None:
    outcome = stage.replay(DIALS)
    cdr = stage.ends_well(outcome)
    assert (cdr.refusal_code, cdr.charged_cents, cdr.account_id) == (reason.code, 0, None)
    assert sentence in outcome.caller.person.heard
    assert outcome.called.person.heard == []


def test_direct_bill_pays_into_its_credit(billed: Stage) -> None:
    outcome = call(billed)
    cdr = billed.ends_well(outcome)
    assert (cdr.product, cdr.account_id, cdr.charged_cents) == ("direct_bill", BILL, 11)
    assert "charged-to-monthly-bill" in outcome.called.person.heard
    assert balance(billed.database, BILL).balance_cents == -11
    assert billed.findings() == []


def test_direct_bill_ends_at_its_limit(billed: Stage) -> None:
    for _ in range(2):
        billed.ends_well(call(billed))
    with billed.database.begin() as connection:
        lines = [Posting(BILL, -8), Posting("house.adjustments", 8)]
        at = billed.clock.now()
        post(connection, Entry("fills", Kind.ADJUSTMENT, "test", at, lines))
    refused(billed, Reason.CREDIT_LIMIT, "refused-credit-limit")


@pytest.mark.parametrize(
    ("cause", "reason", "sentence"),
    [
        (SuspendedFor.OVERDUE, Reason.BILL_OVERDUE, "refused-bill-overdue"),
        (SuspendedFor.STAFF, Reason.ACCOUNT_SUSPENDED, "refused-account-suspended"),
    ],
)
def test_a_suspended_account_pays_for_nothing_until_it_is_lifted(
    billed: Stage, cause: SuspendedFor, reason: Reason, sentence: str
) -> None:
    with billed.database.begin() as connection:
        life.suspend(connection, BILL, cause, "test", billed.clock.now(), "a test")
    refused(billed, reason, sentence)
    with billed.database.begin() as connection:
        life.lift(connection, BILL, cause, "test", billed.clock.now(), "a test")
    assert billed.ends_well(call(billed)).charged_cents == 11


def test_the_carrier_bills_who_has_no_account(carried: Stage) -> None:
    outcome = call(carried)
    cdr = carried.ends_well(outcome)
    assert (cdr.product, cdr.account_id) == ("traditional_collect", CARRIER)
    assert balance(carried.database, CARRIER).balance_cents == -cdr.charged_cents < 0
    assert "charged-to-phone-bill" in outcome.called.person.heard
    with carried.database.begin() as connection:
        account = life.find(connection, CARRIER)
        (opened,) = life.orders(connection, CARRIER)
    assert account is not None
    assert (account.status, opened.cause) == ("open", "first_acceptance")
    assert carried.findings() == []


def test_who_never_accepts_has_no_account(carried: Stage) -> None:
    carried.ends_well(carried.replay(DIALS, answering({MENU: "3"})))
    with carried.database.begin() as connection:
        account = life.find(connection, CARRIER)
    assert account is not None
    assert account.status == "provisional"
    assert carried.findings() == []


def test_a_carriers_limit_frees_itself(carried: Stage) -> None:
    carried.ends_well(call(carried))
    with carried.database.begin() as connection:
        at = carried.clock.now()
        left = collect.refresh(connection, CARRIER, carried.settings.call, at)
        lines = [Posting(CARRIER, -left), Posting("house.revenue.base", left)]
        post(connection, Entry("fills", Kind.CALL, "test", at, lines))
    refused(carried, Reason.COLLECT_LIMIT, "refused-collect-limit")
    carried.clock.pass_ms(DAY_MS)
    assert carried.ends_well(call(carried)).charged_cents == 11


def test_as_many_carrier_billed_calls_as_a_day_allows(carried: Stage) -> None:
    most = carried.settings.call.collect_calls_a_day
    for _ in range(most):
        carried.ends_well(call(carried))
    refused(carried, Reason.TOO_MANY_COLLECT_CALLS, "refused-collect-calls")
    carried.clock.pass_ms(DAY_MS)
    assert carried.ends_well(call(carried)).charged_cents == 11
    assert carried.findings() == []


def test_who_closes_the_own_collect_account_is_not_billed_any_more(carried: Stage) -> None:
    cents = carried.ends_well(call(carried)).charged_cents
    at = carried.clock.now()
    with carried.database.begin() as connection:
        paid = [Posting(CARRIER, cents), Posting("house.receivable.carriers", -cents)]
        post(connection, Entry("pack", Kind.CARRIER_BILLED, "test", at, paid))
        collect.refresh(connection, CARRIER, carried.settings.call, at)
        life.close(connection, CARRIER, "requested", "test", at, "no more")
    refused(carried, Reason.NO_ACCOUNT, "refused-no-account")
