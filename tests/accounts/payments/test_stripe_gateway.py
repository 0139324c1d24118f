"""Stripe's own library against the local stand-in: what it asks for, and what it refuses."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest

from accounts.payments.gateway import GatewayDown, GatewayError, WebhookRefused
from accounts.payments.stripe_gateway import TOLERANCE_S, StripeGateway
from store.settings import PaymentSettings, Settings, SettingsError
from tests.accounts.payments.till import AT, Stripe
from tests.gateway.server import SECRET, WEBHOOK_SECRET
from tests.gateway.stripe_books import Body


def test_a_key_is_one_payment(stripe: Stripe) -> None:
    first = stripe.gateway.create(2500, "P-1")
    assert stripe.gateway.create(2500, "P-1") == first
    assert (first.cents, first.currency, first.status) == (2500, "usd", "created")
    assert len(stripe.books.payments) == 1
    stripe.books.pay(first.id)
    assert stripe.gateway.fetch(first.id).status == "succeeded"


def test_a_key_is_not_used_for_something_else(stripe: Stripe) -> None:
    stripe.gateway.create(2500, "P-1")
    with pytest.raises(GatewayError, match="idempotent") as refused:
        stripe.gateway.create(2600, "P-1")
    assert not isinstance(refused.value, GatewayDown)


def test_no_answer_is_no_refusal_and_the_same_key_finds_what_was_done(stripe: Stripe) -> None:
    stripe.server.broken = 1
    with pytest.raises(GatewayDown, match="try again"):
        stripe.gateway.create(2500, "P-1")
    assert stripe.gateway.create(2500, "P-1").id in stripe.books.payments
    assert len(stripe.books.payments) == 1


def test_nobody_listens() -> None:
    nowhere = StripeGateway(SECRET, WEBHOOK_SECRET, "http://127.0.0.1:9", retries=0)
    with pytest.raises(GatewayDown, match="doesn't answer"):
        nowhere.fetch("pi_1")


def test_a_wrong_secret_is_refused(stripe: Stripe) -> None:
    stranger = StripeGateway("sk_test_wrong", WEBHOOK_SECRET, stripe.server.address, retries=0)
    with pytest.raises(GatewayError, match="Invalid API Key"):
        stranger.create(100, "P-1")


def test_refunds_never_give_back_more_than_was_paid(stripe: Stripe) -> None:
    paid = stripe.gateway.create(1000, "P-1")
    stripe.books.pay(paid.id)
    first = stripe.gateway.refund(paid.id, 600, "R-1")
    assert stripe.gateway.refund(paid.id, 600, "R-1") == first
    assert (first.cents, first.status) == (600, "done")
    with pytest.raises(GatewayError, match="greater than unrefunded"):
        stripe.gateway.refund(paid.id, 401, "R-2")
    stripe.books.refunds_are = "pending"
    pending = stripe.gateway.refund(paid.id, 400, "R-3")
    stripe.books.settle_refund(pending.id, "failed")
    failed = stripe.gateway.fetch_refund(pending.id)
    assert (pending.status, failed.status, failed.failure) == (
        "pending",
        "failed",
        "lost_or_stolen_card",
    )


def test_its_books_come_whole_whatever_the_page(stripe: Stripe) -> None:
    ids = [stripe.gateway.create(100, f"P-{n}").id for n in range(3)]
    for n in range(120):
        stripe.books.pay(ids[n % 3])
    day_before = AT - timedelta(days=1)
    lines = list(stripe.gateway.transactions(day_before, AT + timedelta(seconds=1)))
    assert len({line.id for line in lines}) == 120
    assert {line.source for line in lines} == set(ids)
    assert {(line.kind, line.cents, line.fee_cents) for line in lines} == {("payment", 100, 32)}
    assert list(stripe.gateway.transactions(day_before, AT)) == []


def test_a_webhook_says_nothing_about_a_person(stripe: Stripe) -> None:
    made = stripe.gateway.create(2500, "P-1")
    stripe.books.payments[made.id]["receipt_email"] = "sam@example.com"
    event = stripe.gateway.verify_webhook(*stripe.books.signed(stripe.books.pay(made.id)))
    assert (event.about, event.status, event.payment) == ("payment", "succeeded", made.id)
    assert (event.our_id, event.cents, event.currency) == ("P-1", 2500, "usd")
    assert "sam@example.com" not in repr(event)


@pytest.mark.parametrize("kind", ["forged", "stale", "unsigned", "tampered", "no event", "no JSON"])
def test_what_is_not_from_stripe_now_is_refused(stripe: Stripe, kind: str) -> None:
    told = stripe.books.pay(stripe.gateway.create(2500, "P-1").id)
    payload, signature = stripe.books.signed(told)
    if kind == "forged":
        payload, signature = stripe.books.signed(told, secret="whsec_guessed")
    elif kind == "stale":
        payload, signature = stripe.books.signed(told, at=int(time.time()) - TOLERANCE_S - 5)
    elif kind == "unsigned":
        signature = ""
    elif kind == "tampered":
        payload = payload.replace(b"2500", b"9900")
    elif kind == "no event":
        payload, signature = stripe.books.signed({"object": "event", "id": "evt_1"})
    else:
        payload, signature = b"\xff{", f"t={int(time.time())},v1=00"
    with pytest.raises(WebhookRefused, match="webhook"):
        stripe.gateway.verify_webhook(payload, signature)


def test_unknown_kinds_are_let_by(stripe: Stripe) -> None:
    told = {
        "id": "evt_1",
        "object": "event",
        "type": "customer.created",
        "data": {"object": {"id": "cus_1", "object": "customer"}},
    }
    event = stripe.gateway.verify_webhook(*stripe.books.signed(told))
    assert (event.about, event.kind, event.gateway_id) == ("other", "customer.created", "cus_1")


def test_the_secrets_are_files(tmp_path: Path, stripe: Stripe) -> None:
    settings = Settings(tmp_path, payments=PaymentSettings(api_base=stripe.server.address))
    with pytest.raises(SettingsError, match=r"stripe\.secret"):
        StripeGateway.of(settings)
    settings.stripe_secret_file.write_text(f"{SECRET}\n")
    settings.stripe_webhook_secret_file.write_text(WEBHOOK_SECRET)
    gateway = StripeGateway.of(settings)
    assert gateway.create(100, "P-1").id in stripe.books.payments
    told: Body = {"id": "evt_1", "object": "event", "type": "balance.available"}
    told["data"] = {"object": {"id": "x", "object": "balance"}}
    assert gateway.verify_webhook(*stripe.books.signed(told)).id == "evt_1"
