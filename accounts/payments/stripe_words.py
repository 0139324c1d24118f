"""What Stripe says, in our words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from accounts.payments.gateway import (
    DisputeStatus,
    GatewayEvent,
    GatewayTransaction,
    PaymentStatus,
    RefundStatus,
    TransactionKind,
)
from store.types import from_epoch_ms

Body = Mapping[str, Any]

PAYMENT_STATUS: Final[Mapping[str, PaymentStatus]] = {
    "succeeded": "succeeded",
    "canceled": "canceled",
}
REFUND_STATUS: Final[Mapping[str, RefundStatus]] = {
    "succeeded": "done",
    "failed": "failed",
    "canceled": "failed",
}
# Everything that isn't decided is open; "warning_..." is a bank's question.
DISPUTE_STATUS: Final[Mapping[str, DisputeStatus]] = {
    "won": "won",
    "lost": "lost",
    "prevented": "inquiry",
}
PAYMENT_EVENTS: Final[Mapping[str, PaymentStatus]] = {
    "payment_intent.succeeded": "succeeded",
    "payment_intent.payment_failed": "failed",
    "payment_intent.canceled": "canceled",
}
TRANSACTIONS: Final[Mapping[str, TransactionKind]] = {
    "charge": "payment",
    "payment": "payment",
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund_failure",
    "payment_failure_refund": "refund_failure",
    "payout": "payout",
    "payout_failure": "payout",
    "payout_cancel": "payout",
    "stripe_fee": "fee",
}
# By the category where the type says too little: a dispute is an "adjustment".
DISPUTES: Final = frozenset({"dispute", "dispute_reversal"})


def event_of(told: Body) -> GatewayEvent:
    """One event, without anything about a person."""
    kind, about = told["type"], told["data"]["object"]
    event = GatewayEvent(told["id"], kind, "other", gateway_id=about.get("id") or "")
    if kind in PAYMENT_EVENTS:
        return _payment(event, about)
    if kind == "charge.succeeded":
        return _card(event, about)
    if about.get("object") == "refund":
        return _refund(event, about)
    if about.get("object") == "dispute":
        return _dispute(event, about)
    return event


def transaction_of(line: Body) -> GatewayTransaction:
    """One balance transaction, with its source expanded."""
    source = line.get("source") or {}
    kind = TRANSACTIONS.get(line["type"], "other")
    if line.get("reporting_category") in DISPUTES:
        kind = "dispute"
    its_id = source.get("payment_intent") if kind == "payment" else None
    return GatewayTransaction(
        line["id"],
        kind,
        its_id or source.get("id") or line["id"],
        line["amount"],
        line["fee"],
        line["currency"],
        from_epoch_ms(line["created"] * 1000),
    )


def _payment(event: GatewayEvent, about: Body) -> GatewayEvent:
    status = PAYMENT_EVENTS[event.kind]
    error = about.get("last_payment_error") or {}
    return replace(
        event,
        about="payment",
        status=status,
        payment=about["id"],
        our_id=(about.get("metadata") or {}).get("payment", ""),
        cents=about["amount_received"] if status == "succeeded" else about["amount"],
        currency=about["currency"],
        failure=error.get("decline_code") or error.get("code") or "",
    )


def _card(event: GatewayEvent, about: Body) -> GatewayEvent:
    card = (about.get("payment_method_details") or {}).get("card") or {}
    return replace(
        event,
        about="card",
        payment=about.get("payment_intent") or "",
        card_brand=card.get("brand") or "",
        card_last4=card.get("last4") or "",
    )


def _refund(event: GatewayEvent, about: Body) -> GatewayEvent:
    return replace(
        event,
        about="refund",
        status=REFUND_STATUS.get(about.get("status") or "", "pending"),
        payment=about.get("payment_intent") or "",
        our_id=(about.get("metadata") or {}).get("refund", ""),
        cents=about["amount"],
        currency=about["currency"],
        failure=about.get("failure_reason") or "",
    )


def _dispute(event: GatewayEvent, about: Body) -> GatewayEvent:
    said = about["status"]
    inquiry = said.startswith("warning_")
    return replace(
        event,
        about="dispute",
        status="inquiry" if inquiry else DISPUTE_STATUS.get(said, "open"),
        payment=about.get("payment_intent") or "",
        cents=about["amount"],
        currency=about["currency"],
    )
