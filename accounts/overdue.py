"""What is overdue on a direct bill account, and the end of its suspension once that is paid."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, case, func, select

from accounts import life
from accounts.ledger import Kind
from accounts.life import SuspendedFor
from store.tables import accounts, entries, invoices, postings

OVERDUE: Final = SuspendedFor.OVERDUE
ACTOR: Final = "billing"
# Whatever isn't the charge of a call pays an invoice, or takes such a payment back: a charge-back,
# a reversed deposit, a correction.
_PAYS = entries.c.kind != Kind.CALL
_PAID = (
    select(func.coalesce(func.sum(postings.c.cents), 0))
    .join(entries, entries.c.id == postings.c.entry_id)
    .where(
        postings.c.account_id == invoices.c.account_id,
        entries.c.at >= invoices.c.covers_until,
        _PAYS,
    )
    .correlate(invoices)
    .scalar_subquery()
)
_LEFT = invoices.c.due_cents - _PAID
OPEN_CENTS = case((_LEFT < 0, 0), (_PAID < 0, invoices.c.due_cents), else_=_LEFT).label(
    "open_cents"
)
"""For a query on invoices: what of each isn't paid yet, in cents, never more than it asked for."""


def overdue_cents(connection: Connection, account_id: str, at: datetime) -> int:
    """Cents that should have been paid before ``at`` and weren't.

    An invoice asks for all that was owed at its end, older invoices' unpaid parts included: so
    the most that any of them still asks for is the whole.
    """
    cents: int = connection.execute(_OVERDUE, {"account": account_id, "at": at}).scalar_one()
    return int(cents)


def lift_if_paid(connection: Connection, account_id: str, at: datetime) -> bool:
    """Lift the suspension of an account that owes nothing overdue any more; whether it was lifted.

    For whoever posts a payment, in the payment's own transaction.
    """
    status = connection.execute(_STATUS, {"account": account_id}).scalar_one_or_none()
    if status != life.Status.SUSPENDED or overdue_cents(connection, account_id, at):
        return False
    return life.lift(connection, account_id, OVERDUE, ACTOR, at, "paid")


def _overdue() -> Select[Any]:
    unpaid = (
        select(OPEN_CENTS)
        .where(
            invoices.c.account_id == bindparam("account"),
            invoices.c.due_at < bindparam("at", type_=invoices.c.due_at.type),
        )
        .subquery()
    )
    return select(func.coalesce(func.max(unpaid.c.open_cents), 0))


_OVERDUE = _overdue()
_STATUS = select(accounts.c.status).where(accounts.c.id == bindparam("account"))
