"""Card payments: asked for once, paid in once, and only what was asked for."""

from __future__ import annotations

import dataclasses

import pytest
from sqlalchemy.exc import OperationalError

from accounts import life, refunds
from accounts.chart import GATEWAY
from accounts.ledger import KeyReused, LedgerError
from accounts.payments import intake, webhooks
from accounts.payments.gateway import GatewayDown, WebhookRefused
from accounts.payments.intake import NewPayment
from accounts.prepaid import LARGEST_DEPOSIT_CENTS
from accounts.products import Party, ProductId
from store.tables import accounts, entries, webhook_events
from tests.accounts.payments.till import RIVERA, Till
from tests.builders import at_once

NEW = NewPayment("key-1", RIVERA, 5000, "Sam Rivera")


def test_a_payment_is_paid_in_when_the_gateway_says_so(till: Till) -> None:
    asked = till.ask(2500)
    assert (asked.status, asked.method, till.balance()) == ("created", "card", 0)
    charged, told = till.books.pay(str(asked.gateway_id)), till.books.events[0]
    assert till.tell(told).outcome == "its card is noted"
    assert till.tell(charged).account_id == RIVERA
    paid = till.payment(asked.id)
    assert (paid.status, paid.card_brand, paid.card_last4) == ("succeeded", "visa", "4242")
    assert (till.balance(), till.house(GATEWAY), paid.succeeded_at) == (2500, -2500, till.at)
    till.sound()


def test_a_key_is_one_payment_with_one_secret(till: Till) -> None:
    first = intake.create(till.database, till.gateway, NEW, till.at)
    assert intake.create(till.database, till.gateway, NEW, till.at) == first
    assert len(till.books.payments) == 1
    for other in (dataclasses.replace(NEW, cents=5001), dataclasses.replace(NEW, account_id="x")):
        with pytest.raises(KeyReused, match="other figures"):
            intake.create(till.database, till.gateway, other, till.at)


def test_a_crash_after_the_gateway_was_asked_is_made_good_by_asking_again(till: Till) -> None:
    till.stripe.server.broken = 1
    with pytest.raises(GatewayDown):
        intake.create(till.database, till.gateway, NEW, till.at)
    (gateway_id,) = till.books.payments
    paid = till.books.pay(gateway_id)
    # The payer was quicker than we: the payment is known by our own id.
    till.tell(paid)
    assert till.balance() == 5000
    asked = intake.create(till.database, till.gateway, NEW, till.at)
    assert (asked.status, len(till.books.payments)) == ("succeeded", 1)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"cents": 0}, "between"),
        ({"cents": -500}, "between"),
        ({"cents": LARGEST_DEPOSIT_CENTS + 1}, "between"),
        ({"currency": "eur"}, "in usd"),
        ({"account_id": "nobody"}, "no account nobody"),
        ({"account_id": GATEWAY}, "no account"),
        ({"party": Party.FACILITY}, "can't pay"),
        ({"key": ""}, "key"),
        ({"key": "k" * 81}, "key"),
        ({"key": "cash/K-1"}, "slash"),
        ({"payer": " "}, "payer"),
    ],
)
def test_what_cannot_be_is_refused_and_never_asked_for(
    till: Till, change: dict[str, object], why: str
) -> None:
    wrong = dataclasses.replace(NEW, **change)  # type: ignore[arg-type]
    with pytest.raises(LedgerError, match=why):
        intake.create(till.database, till.gateway, wrong, till.at)
    assert till.books.payments == {}


@pytest.mark.parametrize("cents", [1, 49, 5000])
def test_no_minimum_and_fifty_dollars_always(till: Till, cents: int) -> None:
    till.paid(cents)
    assert till.balance() == cents


def test_a_closed_account_and_a_phone_bill_take_no_money(till: Till) -> None:
    till.open("TC-13125550102", "+13125550102", product=ProductId.TRADITIONAL_COLLECT)
    with till.database.begin() as connection:
        life.close(connection, RIVERA, "requested", "test", till.at)
    for account, why in ((RIVERA, "closed"), ("TC-13125550102", "phone bill")):
        with pytest.raises(LedgerError, match=why):
            till.ask(100, account=account)


def test_money_for_an_account_closed_meanwhile_waits_for_a_person(till: Till) -> None:
    asked = till.ask(2500)
    with till.database.begin() as connection:
        life.close(connection, RIVERA, "requested", "test", till.at)
    paid = till.books.pay(str(asked.gateway_id))
    till.tell(paid)
    (item,) = till.queue()
    assert (item.problem, item.cents, item.reference) == ("missing_here", 2500, asked.gateway_id)
    assert (till.payment(asked.id).status, till.balance()) == ("canceled", 0)
    # A person gives it back over there: told again, it must not be paid in after all.
    with till.database.begin() as connection:
        connection.execute(accounts.update().values(status="open"))
    till.tell({**paid, "id": "evt_again"})
    assert till.balance() == 0
    till.sound()


@pytest.mark.parametrize("wrong", [{"cents": 2400}, {"currency": "eur"}])
def test_another_amount_or_currency_waits_for_a_person(
    till: Till, wrong: dict[str, object]
) -> None:
    asked = till.ask(2500)
    till.tell(till.books.pay(str(asked.gateway_id), **wrong))  # type: ignore[arg-type]
    assert [item.problem for item in till.queue()] == ["amount_differs"]
    assert till.balance() == till.house(GATEWAY) == 0


def test_a_payment_that_nobody_asked_for_waits_for_a_person(till: Till) -> None:
    stranger = till.gateway.create(700, "not ours")
    till.tell(till.books.decline(stranger.id))
    assert till.queue() == []
    till.tell(till.books.pay(stranger.id))
    assert [(item.problem, item.cents) for item in till.queue()] == [("missing_here", 700)]


def test_a_declined_card_may_be_followed_by_a_good_one(till: Till) -> None:
    asked = till.ask(2500)
    declined = till.books.decline(str(asked.gateway_id))
    till.tell(declined)
    failed = till.payment(asked.id)
    assert (failed.status, failed.failure) == ("failed", "do_not_honor")
    till.tell(till.books.pay(str(asked.gateway_id)))
    # Told late, and again: what is paid stays paid.
    till.tell({**declined, "id": "evt_late"})
    assert (till.payment(asked.id).status, till.payment(asked.id).failure) == ("succeeded", None)
    assert till.balance() == 2500


def test_what_is_told_again_is_done_once(till: Till) -> None:
    asked = till.ask(2500)
    paid = till.books.pay(str(asked.gateway_id))
    first = till.tell(paid)
    assert till.tell(paid).outcome == first.outcome
    till.tell({**paid, "id": "evt_under_another_id"})
    assert till.balance() == 2500


def test_forged_webhooks_are_neither_kept_nor_done(till: Till) -> None:
    asked = till.ask(2500)
    paid = till.books.pay(str(asked.gateway_id))
    payload, signature = till.books.signed(paid, secret="whsec_guessed")
    with pytest.raises(WebhookRefused):
        webhooks.receive(till.database, till.gateway, payload, signature, till.at)
    with till.database.begin() as connection:
        assert connection.execute(webhook_events.select()).all() == []
    assert till.balance() == 0


def test_unknown_kinds_are_noted(till: Till) -> None:
    told = {"id": "evt_1", "object": "event", "type": "customer.created"}
    assert till.tell({**told, "data": {"object": {"id": "cus_1"}}}).outcome == "noted"


def test_a_crash_between_keeping_and_doing_is_made_good(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = till.ask(2500)
    paid = till.books.pay(str(asked.gateway_id))

    def crash(*_: object) -> str:
        raise OperationalError("", {}, Exception("the database went away"))

    with monkeypatch.context() as broken:
        broken.setattr("accounts.payments.intake.prepaid.deposit", crash)
        with pytest.raises(OperationalError):
            till.tell(paid)
    assert till.balance() == 0
    (done,) = webhooks.handle_pending(till.database, till.gateway.name, till.at)
    assert (done.account_id, till.balance()) == (RIVERA, 2500)
    assert webhooks.handle_pending(till.database, till.gateway.name, till.at) == []


def test_two_webhooks_at_once_pay_in_once(till: Till) -> None:
    asked = till.ask(2500)
    paid = till.books.pay(str(asked.gateway_id))
    told = [paid, paid, {**paid, "id": "evt_twin"}, paid]
    at_once(4, lambda n: till.tell(told[n]))
    assert till.balance() == 2500
    with till.database.begin() as connection:
        assert len(connection.execute(entries.select()).all()) == 1


def test_two_at_once_ask_for_one_payment(till: Till) -> None:
    asked = at_once(4, lambda _: intake.create(till.database, till.gateway, NEW, till.at))
    assert len(set(asked)) == len(till.books.payments) == 1


def test_a_payment_lifts_what_is_overdue_and_restarts_the_clock(till: Till) -> None:
    with till.database.begin() as connection:
        life.suspend(connection, RIVERA, "overdue", "billing", till.at)
        connection.execute(accounts.update().values(inactivity="inactive_pending_contact"))
    till.paid(100)
    account = till.account()
    assert (account.status, account.inactivity) == ("open", "active")


def test_refunds_are_settled_by_what_the_gateway_tells(till: Till) -> None:
    paid = till.paid(2500)
    till.books.refunds_are = "pending"
    with till.database.begin() as connection:
        refunds.request(connection, RIVERA, 1000, "ask-1", "requested", "test", till.at)
        refunds.request(connection, RIVERA, 500, "ask-2", "requested", "test", till.at)
    refunds.send_due(till.database, till.gateway, till.at)
    for refund, status in zip(till.books.refunds, ("succeeded", "failed"), strict=True):
        till.tell(till.books.settle_refund(refund, status))
    with till.database.begin() as connection:
        found = {one.cents: one.status for one in refunds.of_account(connection, RIVERA)}
    assert found in ({1000: "done", 500: "failed"}, {500: "done", 1000: "failed"})
    done = next(cents for cents, status in found.items() if status == "done")
    assert till.house(GATEWAY) == done - 2500
    assert till.payment(paid.id).refunded_cents == 1500
    till.sound()


def test_a_refund_made_at_the_gateway_waits_for_a_person(till: Till) -> None:
    paid = till.paid(2500)
    till.gateway.refund(str(paid.gateway_id), 300, "by hand")
    till.tell(till.books.events[-1])
    assert [(item.problem, item.cents) for item in till.queue()] == [("missing_here", -300)]
