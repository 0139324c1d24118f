"""What Stripe would keep: payments, refunds, disputes, its own books, and what it tells."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Body = dict[str, Any]
DISPUTE_FEE = 1500


class Refusal(Exception):
    """What Stripe answers instead: an HTTP status and its error."""

    def __init__(self, status: int, kind: str, message: str, code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": kind, "message": message, "code": code}}


@dataclass
class StripeBooks:
    """The state of one pretended account at Stripe. No money, no card, nobody outside.

    Methods below "what the tests do" are what payers, banks and time do to it; each appends what
    Stripe would tell by webhook to ``events``.
    """

    webhook_secret: str
    clock: Callable[[], int] = field(default=lambda: int(time.time()))
    refunds_are: str = "succeeded"
    payments: dict[str, Body] = field(default_factory=dict)
    charges: dict[str, Body] = field(default_factory=dict)
    refunds: dict[str, Body] = field(default_factory=dict)
    disputes: dict[str, Body] = field(default_factory=dict)
    transactions: list[Body] = field(default_factory=list)
    events: list[Body] = field(default_factory=list)
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def create_payment(self, params: Body) -> Body:
        """POST /v1/payment_intents."""
        if "payment_method_types" in params:
            code = "payment_method_types_no_longer_supported"
            raise Refusal(400, "invalid_request_error", "payment_method_types is gone", code)
        amount = _amount(params)
        if params.get("currency") != "usd":
            raise Refusal(400, "invalid_request_error", f"Invalid currency: {params['currency']}")
        made = self._object("payment_intent", "pi", amount=amount, amount_received=0)
        made |= {
            "currency": "usd",
            "status": "requires_payment_method",
            "client_secret": f"{made['id']}_secret_test",
            "metadata": params.get("metadata", {}),
            "last_payment_error": None,
            "latest_charge": None,
        }
        self.payments[made["id"]] = made
        return made

    def create_refund(self, params: Body) -> Body:
        """POST /v1/refunds."""
        charge = self._charge_of(known(self.payments, params.get("payment_intent", "")))
        amount = _amount(params)
        if charge["disputed"]:
            raise Refusal(400, "invalid_request_error", "charge is disputed", "charge_disputed")
        if amount > charge["amount"] - charge["amount_refunded"]:
            why = "Refund amount is greater than unrefunded amount on charge"
            raise Refusal(400, "invalid_request_error", why)
        made = self._object("refund", "re", amount=amount, currency="usd", charge=charge["id"])
        made |= {
            "payment_intent": charge["payment_intent"],
            "status": self.refunds_are,
            "metadata": params.get("metadata", {}),
            "failure_reason": None,
        }
        self.refunds[made["id"]] = made
        charge["amount_refunded"] += amount
        self._book("refund", "refund", made["id"], -amount)
        self._tell("refund.created", made)
        return made

    def list_transactions(self, query: Body) -> Body:
        """GET /v1/balance_transactions: newest first, page by page."""
        created = query.get("created", {})
        since, until = int(created.get("gte", 0)), int(created.get("lt", 2**62))
        chosen = [one for one in reversed(self.transactions) if since <= one["created"] < until]
        if after := query.get("starting_after"):
            chosen = chosen[[one["id"] for one in chosen].index(after) + 1 :]
        limit = int(query.get("limit", 10))
        expand = "data.source" in query.get("expand", {}).values()
        page = [{**one, "source": self._source(one["source"], expand)} for one in chosen[:limit]]
        more = len(chosen) > limit
        return {"object": "list", "data": page, "has_more": more, "url": "/v1/balance_transactions"}

    # What the tests do.

    def pay(self, payment_id: str, *, cents: int | None = None, currency: str = "usd") -> Body:
        """The payer confirms with a good card (or, wrongly, another amount was taken)."""
        payment = self.payments[payment_id]
        amount = payment["amount"] if cents is None else cents
        charge = self._object("charge", "ch", amount=amount, currency=currency, disputed=False)
        card = {"brand": "visa", "last4": "4242"}
        charge |= {"payment_intent": payment_id, "amount_refunded": 0}
        charge["payment_method_details"] = {"type": "card", "card": card}
        self.charges[charge["id"]] = charge
        payment |= {"status": "succeeded", "amount_received": amount, "currency": currency}
        payment |= {"latest_charge": charge["id"], "last_payment_error": None}
        self._book("charge", "charge", charge["id"], amount, amount * 29 // 1000 + 30)
        self._tell("charge.succeeded", charge)
        return self._tell("payment_intent.succeeded", payment)

    def decline(self, payment_id: str) -> Body:
        """The payer's card is declined; another may be tried."""
        payment = self.payments[payment_id]
        error = {"type": "card_error", "code": "card_declined", "decline_code": "do_not_honor"}
        payment["last_payment_error"] = error
        return self._tell("payment_intent.payment_failed", payment)

    def cancel(self, payment_id: str) -> Body:
        """Nobody will pay it any more."""
        payment = self.payments[payment_id]
        payment["status"] = "canceled"
        return self._tell("payment_intent.canceled", payment)

    def settle_refund(self, refund_id: str, status: str) -> Body:
        """A pending refund succeeds or fails; what failed is money again."""
        refund = self.refunds[refund_id]
        refund["status"] = status
        if status == "failed":
            refund["failure_reason"] = "lost_or_stolen_card"
            self.charges[refund["charge"]]["amount_refunded"] -= refund["amount"]
            self._book("refund_failure", "refund_failure", refund_id, refund["amount"])
        return self._tell("refund.failed" if status == "failed" else "refund.updated", refund)

    def dispute(self, payment_id: str, cents: int, status: str = "needs_response") -> Body:
        """The payer's bank takes back ``cents``; or only asks (``warning_needs_response``)."""
        charge = self._charge_of(self.payments[payment_id])
        made = self._object("dispute", "dp", amount=cents, currency="usd", charge=charge["id"])
        made |= {"payment_intent": payment_id, "status": status}
        self.disputes[made["id"]] = made
        if not status.startswith("warning_"):
            charge["disputed"] = True
            self._book("adjustment", "dispute", made["id"], -cents, DISPUTE_FEE)
        return self._tell("charge.dispute.created", made)

    def close_dispute(self, dispute_id: str, status: str) -> Body:
        """The bank decides: won gives the money back."""
        dispute = self.disputes[dispute_id]
        dispute["status"] = status
        if status == "won":
            self._book("adjustment", "dispute_reversal", dispute_id, dispute["amount"])
        return self._tell("charge.dispute.closed", dispute)

    def pay_out(self) -> Body:
        """Everything that stands there goes to the bank."""
        cents = self.balance()
        payout = self._object("payout", "po", amount=cents, currency="usd", status="paid")
        self._book("payout", "payout", payout["id"], -cents)
        return self._tell("payout.paid", payout)

    def balance(self) -> int:
        """Cents that stand at Stripe."""
        return sum(one["net"] for one in self.transactions)

    def signed(self, event: Body, *, at: int | None = None, secret: str = "") -> tuple[bytes, str]:
        """The webhook of an event: its payload and its Stripe-Signature."""
        payload, stamp = json.dumps(event), int(time.time()) if at is None else at
        key = (secret or self.webhook_secret).encode()
        mac = hmac.new(key, f"{stamp}.{payload}".encode(), hashlib.sha256).hexdigest()
        return payload.encode(), f"t={stamp},v1={mac}"

    def _object(self, kind: str, prefix: str, **facts: object) -> Body:
        its_id = f"{prefix}_test_{next(self.numbers)}"
        return {"id": its_id, "object": kind, "created": self.clock(), "livemode": False, **facts}

    def _book(self, kind: str, category: str, source: str, cents: int, fee: int = 0) -> None:
        line = self._object("balance_transaction", "txn", amount=cents, fee=fee, net=cents - fee)
        line |= {"type": kind, "reporting_category": category, "source": source, "currency": "usd"}
        self.transactions.append(line)

    def _tell(self, kind: str, about: Body) -> Body:
        event = self._object("event", "evt", type=kind, data={"object": dict(about)})
        self.events.append(event)
        return event

    def _charge_of(self, payment: Body) -> Body:
        if payment["latest_charge"] is None:
            raise Refusal(400, "invalid_request_error", "This PaymentIntent has no charge")
        return self.charges[payment["latest_charge"]]

    def _source(self, its_id: str, expand: bool) -> Body | str:
        every = {**self.charges, **self.refunds, **self.disputes}
        return every.get(its_id, {"id": its_id}) if expand else its_id


def known(among: dict[str, Body], its_id: str) -> Body:
    if its_id not in among:
        message = f"No such object: {its_id!r}"
        raise Refusal(404, "invalid_request_error", message, "resource_missing")
    return among[its_id]


def _amount(params: Body) -> int:
    amount = params.get("amount", "")
    if not amount.isdigit() or not 0 < int(amount) <= 99_999_999:
        raise Refusal(400, "invalid_request_error", f"Invalid integer: {amount}")
    return int(amount)
