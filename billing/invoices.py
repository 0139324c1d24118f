"""The monthly invoice of direct bill: issued once from closed books, never changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Connection, Label, Select, String, case, cast, func, literal
from sqlalchemy import select as sql

from accounts.ledger import Kind, LedgerError
from accounts.months import end_of, start_of
from accounts.overdue import OPEN_CENTS
from accounts.products import ProductId
from billing.statements import Statement, is_final, of_month
from store.settings import BillingSettings
from store.tables import accounts, balances, entries, invoices, notices, postings
from store.types import Moment
from store.upsert import insert_new

ISSUED = "invoice_issued"
DEFAULT_SETTINGS = BillingSettings()


@dataclass(frozen=True)
class Invoice:
    """What was asked for, in cents; ``open_cents`` is what isn't paid of it now.

    ``due_cents`` is all that was owed at the month's end, the opening balance included.
    ``credited_cents`` is what else moved: payments, credits, corrections.
    """

    id: str
    account_id: str
    month: str
    issued_at: datetime
    covers_until: datetime
    due_at: datetime
    opening_cents: int
    charged_cents: int
    credited_cents: int
    due_cents: int
    open_cents: int


def issue(
    connection: Connection,
    month: str,
    at: datetime,
    settings: BillingSettings = DEFAULT_SETTINGS,
) -> int:
    """Issue the month's invoices that aren't yet, and a notice of each; how many were new.

    Direct bill accounts that owed nothing and had nothing posted get none. Raises
    :class:`LedgerError` unless the month's books are closed: so no invoice ever differs from them.
    """
    if not is_final(connection, month):
        raise LedgerError(f"the books of {month} are open: 'parloir ledger close {month}' first")
    chosen = _to_issue(month, at, due_at(at, settings))
    names = [column.name for column in chosen.selected_columns]
    issued = insert_new(connection, invoices).from_select(names, chosen).returning(invoices.c.id)
    count = len(connection.execute(issued).all())
    connection.execute(_notices(connection, month, at))
    return count


def due_at(issued_at: datetime, settings: BillingSettings) -> datetime:
    """The last moment of the due day (UTC)."""
    day = issued_at.replace(hour=0, minute=0, second=0, microsecond=0)
    return day + timedelta(days=settings.due_days + 1) - timedelta(milliseconds=1)


def find(connection: Connection, invoice_id: str) -> Invoice:
    """The invoice. Raises :class:`LedgerError` when there is none."""
    row = connection.execute(_ALL.where(invoices.c.id == invoice_id)).one_or_none()
    if row is None:
        raise LedgerError(f"no invoice {invoice_id}")
    return Invoice(*row)


def listed(
    connection: Connection, account_id: str | None = None, month: str | None = None
) -> list[Invoice]:
    """Invoices of an account, of a month, or all; oldest first."""
    chosen = _ALL.order_by(invoices.c.month, invoices.c.account_id)
    if account_id is not None:
        chosen = chosen.where(invoices.c.account_id == account_id)
    if month is not None:
        chosen = chosen.where(invoices.c.month == month)
    return [Invoice(*row) for row in connection.execute(chosen)]


def statement_of(connection: Connection, invoice: Invoice) -> Statement:
    """The calls and payments that the invoice is about. Raises :class:`LedgerError`."""
    (statement,) = of_month(connection, invoice.month, invoice.account_id)
    return _same(invoice, statement)


def with_statements(connection: Connection, month: str) -> Iterator[tuple[Invoice, Statement]]:
    """Every invoice of a month with what it is about. Raises :class:`LedgerError`."""
    issued = {one.account_id: one for one in listed(connection, month=month)}
    for statement in of_month(connection, month):
        if statement.account_id in issued:
            yield issued[statement.account_id], _same(issued[statement.account_id], statement)


def _same(invoice: Invoice, statement: Statement) -> Statement:
    asked = (invoice.charged_cents, invoice.due_cents)
    if asked != (statement.charged_cents, -min(0, statement.closing_cents)):
        raise LedgerError(f"invoice {invoice.id} differs from the books: run 'parloir check'")
    return statement


def _to_issue(month: str, at: datetime, due: datetime) -> Select[Any]:
    moved = _moved(month).subquery("moved")
    since, charged, credited = (func.coalesce(moved.c[name], 0) for name in _MOVED)
    opening = balances.c.balance_cents - since
    owed = charged - credited - opening
    return (
        sql(
            (accounts.c.id + literal(f"-{month}", String)).label("id"),
            accounts.c.id.label("account_id"),
            literal(month).label("month"),
            literal(at, Moment()).label("issued_at"),
            literal(end_of(month), Moment()).label("covers_until"),
            literal(due, Moment()).label("due_at"),
            opening.label("opening_cents"),
            charged.label("charged_cents"),
            credited.label("credited_cents"),
            case((owed > 0, owed), else_=0).label("due_cents"),
        )
        .join(balances, balances.c.account_id == accounts.c.id)
        .outerjoin(moved, moved.c.account_id == accounts.c.id)
        .where(accounts.c.product == ProductId.DIRECT_BILL)
        .where((opening < 0) | (charged != 0) | (credited != 0))
    )


_MOVED = ("since_cents", "charged_cents", "credited_cents")


def _moved(month: str) -> Select[Any]:
    """By direct bill account: what was posted since the month began, and in it."""
    cents, within = postings.c.cents, entries.c.at < end_of(month)
    call = entries.c.kind == Kind.CALL
    return (
        sql(
            postings.c.account_id,
            _sum(cents, "since_cents"),
            _sum(case((within & call, -cents), else_=0), "charged_cents"),
            _sum(case((within & ~call, cents), else_=0), "credited_cents"),
        )
        .join(entries, entries.c.id == postings.c.entry_id)
        .join(accounts, accounts.c.id == postings.c.account_id)
        .where(accounts.c.product == ProductId.DIRECT_BILL, entries.c.at >= start_of(month))
        .group_by(postings.c.account_id)
    )


def _sum(cents: Any, name: str) -> Label[int]:
    return cast(func.sum(cents), BigInteger).label(name)


def _notices(connection: Connection, month: str, at: datetime) -> Any:
    new = sql(
        invoices.c.account_id,
        literal(ISSUED).label("kind"),
        invoices.c.id.label("subject"),
        literal(at, Moment()).label("at"),
    ).where(invoices.c.month == month)
    return insert_new(connection, notices).from_select(["account_id", "kind", "subject", "at"], new)


_ALL = sql(
    *(invoices.c[one.name] for one in fields(Invoice) if one.name != OPEN_CENTS.name), OPEN_CENTS
)
