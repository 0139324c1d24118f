"""A payment gateway in memory that gives money back once a key, and fails as it is told to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from accounts.payments.gateway import (
    GatewayDown,
    GatewayError,
    GatewayEvent,
    GatewayPayment,
    GatewayRefund,
    GatewayTransaction,
    RefundStatus,
)
from store.database import Database
from store.tables import payments


class Crash(Exception):
    """Our process dies here."""


@dataclass
class FakeGateway:
    """``answers``: what it says next, the last one from then on.

    ``crash_before`` and ``crash_after``: we die before it has heard us, or before we hear it.
    """

    answers: list[RefundStatus | type[Exception]] = field(default_factory=lambda: ["done"])
    given: dict[str, GatewayRefund] = field(default_factory=dict)
    crash_before: bool = False
    crash_after: bool = False
    name: str = "fake"

    def refund(self, gateway_id: str, cents: int, key: str) -> GatewayRefund:
        if self.crash_before:
            raise Crash
        if key not in self.given:
            self._decide(cents, key)
        assert self.given[key].cents == cents
        if self.crash_after:
            raise Crash
        return self.given[key]

    def _decide(self, cents: int, key: str) -> None:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, type):
            raise answer("the card is closed")
        failure = "the card is closed" if answer == "failed" else ""
        self.given[key] = GatewayRefund(f"re_{key}", cents, answer, failure)

    @property
    def paid_out(self) -> int:
        return sum(one.cents for one in self.given.values() if one.status == "done")

    def create(self, cents: int, our_id: str) -> GatewayPayment:
        raise NotImplementedError

    def fetch(self, gateway_id: str) -> GatewayPayment:
        raise NotImplementedError

    def fetch_refund(self, gateway_id: str) -> GatewayRefund:
        raise NotImplementedError

    def transactions(self, since: datetime, until: datetime) -> Iterator[GatewayTransaction]:
        raise NotImplementedError

    def verify_webhook(self, payload: bytes, signature: str) -> GatewayEvent:
        raise NotImplementedError


DOWN, REFUSED = GatewayDown, GatewayError


def card_payment(
    database: Database, account: str, cents: int, name: str, at: datetime, **columns: object
) -> None:
    """A card payment as it stands once it was paid; the ledger is another matter."""
    row = {
        "id": name,
        "key": name,
        "account_id": account,
        "cents": cents,
        "method": "card",
        "payer": "Sam Rivera",
        "gateway": "fake",
        "gateway_id": f"pi_{name}",
        "status": "succeeded",
        "card_brand": "visa",
        "card_last4": "4242",
        "created_at": at,
        "succeeded_at": at,
    }
    with database.begin() as connection:
        connection.execute(payments.insert(), {**row, **columns})
