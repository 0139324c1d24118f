"""The payments that were asked for or came in, as they are kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from accounts.payments.gateway import PaymentStatus
from store.tables import payments
from store.types import AnyRow

LONGEST_KEY = 80


@dataclass(frozen=True)
class Payment:
    """One payment, in cents. ``gateway`` is None where it came in a file of payments.

    ``refunded_cents`` is promised or given back, ``disputed_cents`` in dispute or lost by one:
    both together are never more than ``cents``.
    """

    id: str
    key: str
    account_id: str
    cents: int
    method: str
    payer: str
    gateway: str | None
    gateway_id: str | None
    import_id: int | None
    status: PaymentStatus
    failure: str | None
    card_brand: str | None
    card_last4: str | None
    created_at: datetime
    succeeded_at: datetime | None
    refunded_cents: int
    disputed_cents: int


def id_of(key: str) -> str:
    """The id of the payment with this key: the same wherever and whenever it is made."""
    return f"P-{hashlib.sha256(key.encode()).hexdigest()[:24]}"


def find(connection: Connection, payment_id: str) -> Payment | None:
    """The payment, or None when there is none such."""
    chosen = payments.select().where(payments.c.id == payment_id)
    row = connection.execute(chosen).one_or_none()
    return payment_of(row) if row else None


def listed(connection: Connection, account_id: str | None = None, most: int = 50) -> list[Payment]:
    """The newest first, of one account or of all."""
    chosen = payments.select().order_by(payments.c.created_at.desc(), payments.c.id).limit(most)
    if account_id is not None:
        chosen = chosen.where(payments.c.account_id == account_id)
    return [payment_of(row) for row in connection.execute(chosen)]


def payment_of(row: AnyRow) -> Payment:
    """The payment that a row tells of."""
    return Payment(**row._mapping)
