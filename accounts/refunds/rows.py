"""Refunds as they stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from accounts.ledger import LedgerError
from store.tables import refunds
from store.types import AnyRow

OPEN = ("requested", "sent", "failed")
"""Promised and not yet paid out."""


@dataclass(frozen=True)
class Refund:
    """One way that money goes back: ``payment_id`` the way it came, None by a check.

    ``status``: requested, sent, done, failed, escheat, remitted. ``failure`` says why it failed.
    """

    id: str
    key: str
    account_id: str
    cents: int
    cause: str
    payment_id: str | None
    status: str
    requested_at: datetime
    due_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None
    gateway_id: str | None
    check_number: str | None
    failure: str | None
    actor: str
    note: str


def find(connection: Connection, refund_id: str) -> Refund | None:
    """The refund, or None when there is none such."""
    row = connection.execute(refunds.select().where(refunds.c.id == refund_id)).one_or_none()
    return _refund(row) if row else None


def of_key(connection: Connection, key: str) -> list[Refund]:
    """The refunds of one request."""
    chosen = refunds.select().where(refunds.c.key == key).order_by(refunds.c.id)
    return [_refund(row) for row in connection.execute(chosen)]


def of_account(connection: Connection, account_id: str) -> list[Refund]:
    """Every refund of an account, oldest first."""
    chosen = refunds.select().where(refunds.c.account_id == account_id)
    rows = connection.execute(chosen.order_by(refunds.c.requested_at, refunds.c.id))
    return [_refund(row) for row in rows]


def not_paid_out(connection: Connection) -> list[Refund]:
    """Every refund that is promised and not paid out, the most urgent first."""
    chosen = refunds.select().where(refunds.c.status.in_(OPEN))
    rows = connection.execute(chosen.order_by(refunds.c.due_at, refunds.c.id))
    return [_refund(row) for row in rows]


def locked(connection: Connection, refund_id: str) -> Refund:
    """The refund, kept from everybody else until the transaction ends.

    Raises :class:`LedgerError` when there is none such.
    """
    chosen = refunds.select().where(refunds.c.id == refund_id).with_for_update()
    row = connection.execute(chosen).one_or_none()
    if row is None:
        raise LedgerError(f"no refund {refund_id}")
    return _refund(row)


def change(connection: Connection, refund_id: str, **columns: object) -> None:
    """Write what became of it."""
    connection.execute(refunds.update().where(refunds.c.id == refund_id).values(columns))


def _refund(row: AnyRow) -> Refund:
    return Refund(**row._mapping)
