"""The gateway's books against ours: matched silently, else queued, exactly once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts import refunds
from accounts.chart import CASH, GATEWAY, GATEWAY_FEES
from accounts.ledger import LedgerError
from accounts.payments import unmatched
from accounts.payments.gateway import GatewayDown
from accounts.payments.reconcile import Reconciled, reconcile
from accounts.periods import close
from tests.accounts.payments.till import AT, RIVERA, Till

NEXT_DAY = AT + timedelta(days=1)


def of_day(till: Till) -> Reconciled:
    return reconcile(till.database, till.gateway, AT.date(), NEXT_DAY)


def test_a_day_matches_silently_and_its_payout_and_fees_are_posted(till: Till) -> None:
    payment = till.paid(2500)
    till.paid(1000)
    with till.database.begin() as connection:
        refunds.request(connection, RIVERA, 300, "ask", "requested", "test", till.at)
    refunds.send_due(till.database, till.gateway, till.at)
    told = till.books.dispute(str(payment.gateway_id), 2000)
    till.tell(told)
    till.tell(till.books.close_dispute(told["data"]["object"]["id"], "won"))
    till.books.pay_out()
    fees = 72 + 30 + 29 + 30 + 1500
    found = of_day(till)
    assert (found.matched, found.queued, found.fees_cents) == (6, 0, fees)
    assert found.payouts_cents == 3200 - fees
    assert (till.house(GATEWAY), till.house(GATEWAY_FEES)) == (0, -fees)
    assert till.house(CASH) == -(3200 - fees)
    assert of_day(till) == found
    assert (till.house(GATEWAY), till.queue()) == (0, [])
    till.sound()


def test_each_side_finds_what_the_other_has_not_and_only_once(till: Till) -> None:
    lost_webhook, vanished, other = till.ask(700), till.paid(900), till.paid(1100)
    till.books.pay(str(lost_webhook.gateway_id))
    del till.books.payments[str(vanished.gateway_id)]
    lines = {line["amount"]: line for line in till.books.transactions}
    till.books.transactions.remove(lines[900])
    lines[1100]["amount"] = 1150
    found = of_day(till)
    assert found.queued == 3
    assert {(item.problem, item.reference, item.cents) for item in till.queue()} == {
        ("missing_here", lost_webhook.gateway_id, 700),
        ("missing_there", vanished.gateway_id, 900),
        ("amount_differs", other.gateway_id, 1150),
    }
    assert of_day(till).queued == 0
    assert len(till.queue()) == 3


def test_a_webhook_a_day_late_is_no_finding(till: Till) -> None:
    asked = till.ask(700)
    paid = till.books.pay(str(asked.gateway_id))
    assert of_day(till).queued == 1
    till.at = NEXT_DAY
    till.tell(paid)
    assert (till.balance(), till.queue()) == (700, [])
    found = reconcile(till.database, till.gateway, NEXT_DAY.date(), NEXT_DAY + timedelta(days=1))
    assert (found.queued, of_day(till).queued) == (0, 0)


def test_a_person_resolves_an_item_with_a_note(till: Till) -> None:
    till.books.pay(till.gateway.create(700, "not ours").id)
    of_day(till)
    (item,) = till.queue()
    with till.database.begin() as connection, pytest.raises(LedgerError, match="say what"):
        unmatched.resolve(connection, item.id, "ortiz", " ", NEXT_DAY)
    with till.database.begin() as connection:
        unmatched.resolve(connection, item.id, "ortiz", "given back over there", NEXT_DAY)
        (done,) = unmatched.items(connection, resolved=True)
    assert (done.resolved_by, done.resolution) == ("ortiz", "given back over there")
    with till.database.begin() as connection, pytest.raises(LedgerError, match="no item"):
        unmatched.resolve(connection, item.id, "ortiz", "again", NEXT_DAY)
    of_day(till)
    assert till.queue() == []


def test_a_day_must_be_over(till: Till) -> None:
    with pytest.raises(LedgerError, match="isn't over"):
        reconcile(till.database, till.gateway, AT.date(), AT)


def test_nothing_is_queued_when_the_gateway_does_not_answer(till: Till) -> None:
    till.paid(900)
    till.stripe.server.broken = 1
    with pytest.raises(GatewayDown):
        of_day(till)
    assert till.queue() == []


def test_a_refund_that_failed_over_there_is_known(till: Till) -> None:
    till.paid(2500)
    till.books.refunds_are = "pending"
    with till.database.begin() as connection:
        refunds.request(connection, RIVERA, 300, "ask", "requested", "test", till.at)
    refunds.send_due(till.database, till.gateway, till.at)
    (refund,) = till.books.refunds
    failed = till.books.settle_refund(refund, "failed")
    assert of_day(till).queued == 1
    till.tell(failed)
    assert of_day(till).queued == 0


def test_fees_of_a_closed_month_are_posted_into_an_open_one(till: Till) -> None:
    till.paid(2500)
    later = AT + timedelta(days=20)
    close(till.database, "2026-11", "ortiz", later)
    assert reconcile(till.database, till.gateway, AT.date(), later).fees_cents == 102
    assert till.house(GATEWAY_FEES) == -102
