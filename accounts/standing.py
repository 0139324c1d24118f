"""An account as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique

from sqlalchemy import Connection

from accounts import numbers as its_numbers
from accounts.ledger import LedgerError
from accounts.opening import Status
from accounts.products import ProductId
from store.tables import accounts


@unique
class SuspendedFor(StrEnum):
    """Why an account pays for no call, the weightiest first."""

    MANDATE = "mandate"
    STAFF = "staff"
    CHARGEBACK = "chargeback"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class Account:
    """An account as it stands. Its money is another matter (:func:`accounts.prepaid.find`)."""

    id: str
    product: ProductId
    holder: str
    status: Status
    suspended_for: SuspendedFor | None
    person_id: str | None
    language: str
    email: str | None
    address: str | None
    opened_at: datetime
    verified_at: datetime | None
    inactivity: str
    numbers: tuple[str, ...]


def find(connection: Connection, account_id: str) -> Account | None:
    """The customer's account, or None when there is none such."""
    row = connection.execute(accounts.select().where(accounts.c.id == account_id)).one_or_none()
    if row is None or row.product not in set(ProductId):
        return None
    return Account(
        id=row.id,
        product=ProductId(row.product),
        holder=row.holder,
        status=Status(row.status),
        suspended_for=SuspendedFor(row.suspended_for) if row.suspended_for else None,
        person_id=row.person_id,
        language=row.language,
        email=row.email,
        address=row.address,
        opened_at=row.opened_at,
        verified_at=row.verified_at,
        inactivity=row.inactivity,
        numbers=its_numbers.of(connection, account_id),
    )


def refuse_strangers(connection: Connection, account_id: str) -> None:
    """Raises :class:`LedgerError` when there is no such account of a customer."""
    if find(connection, account_id) is None:
        raise LedgerError(f"no account {account_id}")


def change(connection: Connection, account_id: str, **columns: object) -> None:
    """Write what became of it."""
    connection.execute(accounts.update().where(accounts.c.id == account_id).values(columns))
