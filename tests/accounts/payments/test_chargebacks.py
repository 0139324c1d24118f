"""Charge-backs: taken from what is there, the rest borne by the house, given back when won."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from accounts import life, refunds
from accounts.chart import CHARGEBACKS, GATEWAY, REFUNDS_PAYABLE
from accounts.ledger import Entry, Kind, Posting, post
from accounts.payments import webhooks
from accounts.payments.chargebacks import TooEarly
from accounts.payments.records import Payment
from store.tables import balances, disputes
from tests.accounts.payments.till import RIVERA, Till
from tests.gateway.stripe_books import Body


def spend(till: Till, cents: int) -> None:
    """Calls that cost so much."""
    lines = [Posting(RIVERA, -cents), Posting("house.revenue.base", cents)]
    with till.database.begin() as connection:
        post(connection, Entry(f"call:{next(till.keys)}", Kind.CALL, "test", till.at, lines))


def dispute(till: Till, payment: Payment, cents: int) -> str:
    """The payer's bank takes back a part; the gateway tells us."""
    told = till.books.dispute(str(payment.gateway_id), cents)
    till.tell(told)
    return str(told["data"]["object"]["id"])


def close(till: Till, dispute_id: str, status: str) -> Body:
    told = till.books.close_dispute(dispute_id, status)
    till.tell(told)
    return told


def suspended(till: Till) -> str | None:
    return till.account().suspended_for


@pytest.mark.parametrize(("spent", "taken"), [(0, 2000), (1500, 1000), (2500, 0)])
def test_what_is_there_is_taken_and_the_rest_is_ours(till: Till, spent: int, taken: int) -> None:
    payment = till.paid(2500)
    if spent:
        spend(till, spent)
    dispute(till, payment, 2000)
    assert till.balance() == 2500 - spent - taken
    assert till.house(CHARGEBACKS) == taken - 2000
    assert till.house(GATEWAY) == 2000 - 2500
    assert (suspended(till), till.payment(payment.id).disputed_cents) == ("chargeback", 2000)
    till.sound()


def test_what_a_call_holds_is_left_to_it(till: Till) -> None:
    payment = till.paid(2500)
    with till.database.begin() as connection:
        connection.execute(balances.update().values(held_cents=700))
    dispute(till, payment, 2500)
    assert (till.balance(), till.house(CHARGEBACKS)) == (700, -700)


def test_won_is_given_back_whole_and_lost_stays(till: Till) -> None:
    payment = till.paid(2500)
    spend(till, 2000)
    won = dispute(till, payment, 1000)
    lost = dispute(till, payment, 1500)
    assert (till.balance(), till.house(CHARGEBACKS)) == (0, -2000)
    close(till, won, "won")
    # The other one stands, so the account stays suspended.
    assert (till.balance(), till.house(CHARGEBACKS), suspended(till)) == (500, -1500, "chargeback")
    close(till, lost, "lost")
    assert (till.balance(), suspended(till)) == (500, "chargeback")
    assert till.payment(payment.id).disputed_cents == 1500
    till.sound()


def test_a_single_dispute_won_lifts_the_suspension(till: Till) -> None:
    payment = till.paid(2500)
    its = dispute(till, payment, 2500)
    told = close(till, its, "won")
    assert (till.balance(), till.house(CHARGEBACKS), suspended(till)) == (2500, 0, None)
    assert till.house(GATEWAY) == -2500
    till.tell({**told, "id": "evt_again"})
    assert (till.balance(), till.payment(payment.id).disputed_cents) == (2500, 0)


def test_an_inquiry_moves_nothing(till: Till) -> None:
    payment = till.paid(2500)
    told = till.books.dispute(str(payment.gateway_id), 2500, "warning_needs_response")
    assert "no money" in till.tell(told).outcome
    assert (till.balance(), suspended(till)) == (2500, None)


def test_disputes_never_count_more_than_the_payment(till: Till) -> None:
    payment = till.paid(2500)
    till.paid(5000)
    first, second = dispute(till, payment, 2500), dispute(till, payment, 2500)
    assert till.payment(payment.id).disputed_cents == 2500
    # The account bears no more than the payment; what the bank took beyond it is for a person.
    assert (till.balance(), till.house(CHARGEBACKS)) == (5000, -2500)
    assert [(item.problem, item.reference) for item in till.queue()] == [("amount_differs", second)]
    close(till, second, "won")
    close(till, first, "won")
    assert (till.balance(), till.house(CHARGEBACKS), till.house(GATEWAY)) == (7500, 0, -7500)
    till.sound()


def test_a_dispute_after_a_refund_takes_only_what_is_left(till: Till) -> None:
    payment = till.paid(2500)
    till.at += timedelta(hours=1)
    till.paid(5000)
    with till.database.begin() as connection:
        refunds.request(connection, RIVERA, 5600, "ask", "requested", "test", till.at)
    assert till.payment(payment.id).refunded_cents == 600
    dispute(till, payment, 2500)
    after = till.payment(payment.id)
    assert (after.refunded_cents, after.disputed_cents) == (600, 1900)
    assert (till.balance(), till.house(CHARGEBACKS)) == (0, -600)
    assert till.house(REFUNDS_PAYABLE) == 5600
    assert len(till.queue()) == 1


def test_out_of_order_is_harmless(till: Till) -> None:
    asked = till.ask(2500)
    paid = till.books.pay(str(asked.gateway_id))
    opened = till.books.dispute(str(asked.gateway_id), 2500)
    closed = till.books.close_dispute(opened["data"]["object"]["id"], "won")
    with pytest.raises(TooEarly):
        till.tell(closed)
    till.tell(paid)
    assert len(webhooks.handle_pending(till.database, till.gateway.name, till.at)) == 1
    till.tell(opened)
    assert (till.balance(), suspended(till)) == (2500, None)
    with till.database.begin() as connection:
        assert connection.execute(select(disputes.c.status)).scalars().all() == ["won"]


def test_a_dispute_of_no_payment_of_ours_waits_for_a_person(till: Till) -> None:
    stranger = till.gateway.create(700, "not ours")
    till.books.pay(stranger.id)
    till.tell(till.books.dispute(stranger.id, 700))
    assert [item.cents for item in till.queue()] == [700]
    assert (till.balance(), till.house(CHARGEBACKS)) == (0, 0)


def test_won_after_closing_is_given_back_to_the_holder(till: Till) -> None:
    payment = till.paid(2500)
    spend(till, 500)
    its = dispute(till, payment, 2500)
    with till.database.begin() as connection:
        life.close(connection, RIVERA, "requested", "test", till.at)
    close(till, its, "won")
    with till.database.begin() as connection:
        (back,) = refunds.of_account(connection, RIVERA)
    assert (back.cents, back.payment_id, till.balance()) == (2000, payment.id, 0)
    till.sound()


def test_a_dispute_after_closing_is_ours_and_never_opens_the_account_again(till: Till) -> None:
    payment = till.paid(2500)
    spend(till, 2500)
    before = dispute(till, payment, 1000)
    with till.database.begin() as connection:
        life.close(connection, RIVERA, "requested", "test", till.at)
    after = dispute(till, payment, 1500)
    assert (till.balance(), till.house(CHARGEBACKS)) == (0, -2500)
    for its in (before, after):
        close(till, its, "won")
    assert (till.account().status, till.balance(), till.house(CHARGEBACKS)) == ("closed", 0, 0)
