"""What a payment gateway can do for us, whichever it is. Card numbers never come here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from accounts.ledger import LedgerError

CURRENCY = "usd"
PaymentStatus = Literal["created", "succeeded", "failed", "canceled"]
RefundStatus = Literal["pending", "done", "failed"]
# An inquiry is a bank's question: no money has moved.
DisputeStatus = Literal["inquiry", "open", "won", "lost"]
TransactionKind = Literal[
    "payment", "refund", "refund_failure", "dispute", "payout", "fee", "other"
]


class GatewayError(LedgerError):
    """The gateway refuses, and will refuse again; the message says why."""


class GatewayDown(GatewayError):
    """No answer, so it isn't known whether it was done: ask again later, with the same key."""


class WebhookRefused(GatewayError):
    """What was told isn't from the gateway, or is too old. Nothing was stored."""


@dataclass(frozen=True)
class GatewayPayment:
    """A payment at the gateway. Whoever has ``client_secret`` may pay it, and no more."""

    id: str
    cents: int
    currency: str
    status: PaymentStatus
    client_secret: str


@dataclass(frozen=True)
class GatewayRefund:
    """A refund at the gateway; ``failure`` is why it failed, else empty."""

    id: str
    cents: int
    status: RefundStatus
    failure: str = ""


@dataclass(frozen=True)
class GatewayTransaction:
    """One line of the gateway's own books.

    ``source`` is the gateway's id of the payment, refund, dispute or payout. ``cents`` is what it
    brought (below zero: took) before ``fee_cents``, which the gateway kept.
    """

    id: str
    kind: TransactionKind
    source: str
    cents: int
    fee_cents: int
    currency: str
    at: datetime


@dataclass(frozen=True)
class GatewayEvent:
    """What the gateway told us by webhook, verified. It holds nothing about a person.

    ``kind`` is the gateway's own word. ``gateway_id`` is its id of what the event is ``about``;
    ``payment`` its id of the payment that belongs to it. ``our_id`` is the id that we gave.
    """

    id: str
    kind: str
    about: Literal["payment", "card", "refund", "dispute", "other"]
    status: str = ""
    gateway_id: str = ""
    payment: str = ""
    our_id: str = ""
    cents: int = 0
    currency: str = ""
    failure: str = ""
    card_brand: str = ""
    card_last4: str = ""


class Gateway(Protocol):
    """A gateway. The same ``key`` does a thing once, however often it is asked for.

    Every method raises :class:`GatewayError`, or :class:`GatewayDown` when it isn't known.
    """

    @property
    def name(self) -> str:
        """As it stands on payments, such as ``stripe``."""

    def create(self, cents: int, our_id: str) -> GatewayPayment:
        """Ask for a payment in US dollars; ``our_id`` is its key."""

    def fetch(self, gateway_id: str) -> GatewayPayment:
        """A payment as it is now."""

    def refund(self, gateway_id: str, cents: int, key: str) -> GatewayRefund:
        """Give back a part of a payment, or all of it."""

    def fetch_refund(self, gateway_id: str) -> GatewayRefund:
        """A refund as it is now."""

    def transactions(self, since: datetime, until: datetime) -> Iterator[GatewayTransaction]:
        """The gateway's own books from ``since`` to before ``until``."""

    def verify_webhook(self, payload: bytes, signature: str) -> GatewayEvent:
        """What was told; raises :class:`WebhookRefused` when it is forged or stale."""
