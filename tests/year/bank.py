"""A payment gateway in this process: it answers late, fails, and takes payments back.

What it does depends on its seed and on what it is asked about, never on the order of asking.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

from accounts.payments.gateway import (
    GatewayDown,
    GatewayEvent,
    GatewayPayment,
    GatewayRefund,
    GatewayTransaction,
    WebhookRefused,
)

SIGNATURE = "the bank's own"


class Bank:
    """A :class:`accounts.payments.gateway.Gateway`. ``outbox`` is what it has to tell."""

    name = "bank"

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._payments: dict[str, GatewayPayment] = {}
        self._refunds: dict[str, GatewayRefund] = {}
        self._asked: dict[str, int] = {}
        self.outbox: list[GatewayEvent] = []

    def create(self, cents: int, our_id: str) -> GatewayPayment:
        """Ask for a payment."""
        made = GatewayPayment(f"pi_{our_id}", cents, "usd", "created", "secret")
        return self._payments.setdefault(made.id, made)

    def fetch(self, gateway_id: str) -> GatewayPayment:
        """A payment as it was asked for."""
        return self._payments[gateway_id]

    def refund(self, gateway_id: str, cents: int, key: str) -> GatewayRefund:
        """Give back: no answer at first, an answer that comes later, a failure, or at once."""
        about = f"{gateway_id} {cents}"
        self._asked[key] = self._asked.get(key, 0) + 1
        if self._draw(f"{about} down") < 0.3 and self._asked[key] < 3:
            raise GatewayDown("the bank doesn't answer")
        if key not in self._refunds:
            drawn = self._draw(about)
            status = "done" if drawn < 0.6 else "pending" if drawn < 0.85 else "failed"
            failure = "the card is gone" if status == "failed" else ""
            number = hashlib.sha256(key.encode()).hexdigest()[:12]
            self._refunds[key] = GatewayRefund(f"re_{number}", cents, status, failure)  # type: ignore[arg-type]
            if status == "pending":
                end = "failed" if drawn > 0.8 else "done"
                self._tell("refund", end, self._refunds[key].id, gateway_id, key, cents)
        return self._refunds[key]

    def fetch_refund(self, gateway_id: str) -> GatewayRefund:
        """A refund as it was answered."""
        return next(one for one in self._refunds.values() if one.id == gateway_id)

    def transactions(self, since: datetime, until: datetime) -> Iterator[GatewayTransaction]:
        """This bank keeps no books."""
        return iter(())

    def verify_webhook(self, payload: bytes, signature: str) -> GatewayEvent:
        """What was told."""
        if signature != SIGNATURE:
            raise WebhookRefused("this isn't from the bank")
        return GatewayEvent(**json.loads(payload))

    def pay(self, payment: GatewayPayment, our_id: str) -> bool:
        """The payer's card is charged; whether that worked."""
        paid = self._draw(payment.id) > 0.05
        status = "succeeded" if paid else "failed"
        self._tell("payment", status, payment.id, payment.id, our_id, payment.cents)
        return paid

    def take_back(self, gateway_id: str, status: str) -> None:
        """The payer's bank opens a dispute, or decides it."""
        cents = self._payments[gateway_id].cents
        self._tell("dispute", status, f"dp_{gateway_id}", gateway_id, "", cents)

    def told(self) -> list[bytes]:
        """What it tells now, a part of it twice."""
        events, self.outbox = self.outbox, []
        again = [one for one in events if self._draw(f"{one.id} again") < 0.1]
        return [json.dumps(asdict(one)).encode() for one in [*events, *again]]

    def _tell(
        self, about: str, status: str, its: str, payment: str, our_id: str, cents: int
    ) -> None:
        event = GatewayEvent(
            f"ev_{its}_{status}",
            f"{about}.{status}",
            about,  # type: ignore[arg-type]
            status,
            its,
            payment,
            our_id,
            cents,
            "usd",
            "declined" if status == "failed" else "",
        )
        self.outbox.append(event)

    def _draw(self, what: str) -> float:
        digest = hashlib.sha256(f"{self._seed} {what}".encode()).digest()
        return int.from_bytes(digest[:6]) / 2**48
