"""Reminders of invoices, and suspension of accounts that stay overdue; run once a day, or more.

Nothing is sent from here: a row in ``notices`` is what somebody is to be told. Every step is
dated by the invoice and taken once, however often it is asked for and however long nobody asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, literal, select

from accounts import life, overdue
from accounts.orders import locked
from accounts.overdue import OPEN_CENTS
from accounts.products import ProductId
from billing.invoices import DEFAULT_SETTINGS
from store.settings import BillingSettings
from store.tables import accounts, invoices, notices
from store.types import Moment
from store.upsert import insert_new

REMINDER, DUE, OVERDUE, SUSPENDED = (
    "invoice_reminder",
    "invoice_due",
    "invoice_overdue",
    "overdue_suspension",
)
_COLUMNS = ("account_id", "kind", "subject", "at")


@dataclass(frozen=True)
class Dunned:
    """How many accounts were told what, suspended, and lifted."""

    reminded: int
    due: int
    overdue: int
    suspended: int
    lifted: int


def run(
    connection: Connection,
    at: datetime,
    settings: BillingSettings = DEFAULT_SETTINGS,
) -> Dunned:
    """Take every step that is due by ``at`` and wasn't taken.

    A reminder is pointless once the due day has come, and the word of the due day once that is
    over: what was missed is left out. Only the newest invoice counts, since it carries what the
    older ones still ask for.
    """
    due, remind = invoices.c.due_at, timedelta(days=settings.remind_days)
    day = timedelta(days=1)
    now = literal(at, Moment())
    return Dunned(
        _tell(connection, REMINDER, at, (due >= at + day) & (due < at + remind)),
        _tell(connection, DUE, at, (due >= now) & (due < at + day)),
        _tell(connection, OVERDUE, at, _newest_due_before(at)),
        _suspend(connection, at, at - timedelta(days=settings.grace_days)),
        _lift(connection, at),
    )


def _tell(connection: Connection, kind: str, at: datetime, which: ColumnElement[bool]) -> int:
    told = exists().where(notices.c.account_id == invoices.c.account_id)
    told = told.where(notices.c.kind == kind, notices.c.subject == invoices.c.id)
    what = (literal(kind), invoices.c.id, literal(at, Moment()))
    unpaid = _unpaid(which & ~told).with_only_columns(invoices.c.account_id, *what)
    into = insert_new(connection, notices).from_select(list(_COLUMNS), unpaid)
    return len(connection.execute(into.returning(notices.c.id)).all())


def _suspend(connection: Connection, at: datetime, due_before: datetime) -> int:
    candidates = (
        _unpaid(_newest_due_before(due_before))
        .join(accounts, accounts.c.id == invoices.c.account_id)
        .where(accounts.c.suspended_for.is_distinct_from(overdue.OVERDUE))
        .order_by(invoices.c.account_id)
    )
    late = connection.execute(candidates).all()
    return sum(_suspend_one(connection, row.account_id, row.id, at, due_before) for row in late)


def _suspend_one(
    connection: Connection, account_id: str, invoice_id: str, at: datetime, due_before: datetime
) -> bool:
    # A payment that arrives in this moment waits for us, or we for it.
    account = locked(connection, account_id)
    if account.status == life.Status.CLOSED or not overdue.overdue_cents(
        connection, account_id, due_before
    ):
        return False
    new = life.suspend(connection, account_id, overdue.OVERDUE, overdue.ACTOR, at, invoice_id)
    if new:
        subject = f"{invoice_id} {at:%Y-%m-%d}"
        row = dict(zip(_COLUMNS, (account_id, SUSPENDED, subject, at), strict=True))
        connection.execute(insert_new(connection, notices), row)
    return new


def _lift(connection: Connection, at: datetime) -> int:
    """Whatever paid without asking for the lift: a correction, a charge-back that was won."""
    suspended = select(accounts.c.id).where(
        accounts.c.product == ProductId.DIRECT_BILL, accounts.c.status == life.Status.SUSPENDED
    )
    found = connection.execute(suspended.order_by(accounts.c.id)).scalars().all()
    return sum(overdue.lift_if_paid(connection, account_id, at) for account_id in found)


def _unpaid(which: ColumnElement[bool]) -> Select[Any]:
    chosen = select(invoices.c.id, invoices.c.account_id, OPEN_CENTS).where(which)
    some = chosen.subquery("some")
    return (
        select(invoices.c.id, invoices.c.account_id)
        .join(some, some.c.id == invoices.c.id)
        .where(some.c.open_cents > 0)
    )


def _newest_due_before(moment: datetime) -> ColumnElement[bool]:
    """The invoice is its account's last one that was due before the moment."""
    newer = invoices.alias("newer")
    last = (
        select(func.max(newer.c.due_at))
        .where(newer.c.account_id == invoices.c.account_id, newer.c.due_at < moment)
        .correlate(invoices)
        .scalar_subquery()
    )
    return invoices.c.due_at == last
