"""Closing a month: after that nothing is posted into it, or before it, any more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from datetime import datetime
from itertools import chain

from sqlalchemy import BigInteger, Connection, case, cast, distinct, func, select
from sqlalchemy.exc import OperationalError

from accounts.invariants import cached_balances, reversals_sound, unbalanced_entries
from accounts.ledger import LedgerError
from accounts.months import end_of, following, month_of, start_of
from store.database import Database
from store.tables import closed_periods, entries, postings

# Posts wait behind us while we wait: rather give up and be asked again.
LOCK_WAIT = "3s"
LOCK_NOT_AVAILABLE = "55P03"


@dataclass(frozen=True)
class Totals:
    """A month's control totals: its entries, and the sum of their debits in cents."""

    entries: int
    debit_cents: int


@dataclass(frozen=True)
class Period:
    """A closed month."""

    month: str
    closed_at: datetime
    actor: str
    totals: Totals


def close(database: Database, month: str, actor: str, at: datetime) -> Period:
    """Close a past month; months are closed in order, beginning with the first entry's.

    Posts wait while it is counted. Raises :class:`LedgerError` when it isn't the next month or
    isn't over, when an invariant of the ledger is broken, or when the entries can't be locked.
    """
    with database.begin() as connection:
        for finding in _broken(connection):
            raise LedgerError(f"the books are not in order: {finding}; see 'parloir check'")
    with database.begin() as connection:
        _keep_posts_out(connection)
        _refuse_unless_next(connection, month, at)
        counted = totals(connection, month)
        row = (month, at, actor, *astuple(counted))
        connection.execute(closed_periods.insert().values(row))
    return Period(month, at, actor, counted)


def closed(connection: Connection) -> list[Period]:
    """Every closed month, oldest first."""
    rows = connection.execute(closed_periods.select().order_by(closed_periods.c.month))
    return [
        Period(row.month, row.closed_at, row.actor, Totals(row.entries, row.debit_cents))
        for row in rows
    ]


def totals(connection: Connection, month: str) -> Totals:
    """What stands in a month now."""
    debit = case((postings.c.cents < 0, -postings.c.cents), else_=0)
    row = connection.execute(
        select(func.count(distinct(entries.c.id)), cast(func.sum(debit), BigInteger))
        .join(postings, postings.c.entry_id == entries.c.id)
        .where(entries.c.at >= start_of(month), entries.c.at < end_of(month))
    ).one()
    return Totals(row[0], row[1] or 0)


def changed(connection: Connection) -> Iterator[str]:
    """Closed months whose control totals are not what they were: one line each."""
    for period in closed(connection):
        found = totals(connection, period.month)
        if found != period.totals:
            yield (
                f"{period.month} was closed with {period.totals.entries} entries over "
                f"{period.totals.debit_cents} cents; now {found.entries} over {found.debit_cents}"
            )


def next_month(connection: Connection) -> str | None:
    """The month that is to be closed next, over or not; None when nothing was ever posted."""
    last = connection.execute(select(func.max(closed_periods.c.month))).scalar_one()
    if last is not None:
        return following(last)
    first = connection.execute(select(func.min(entries.c.at))).scalar_one()
    return None if first is None else month_of(first)


def _broken(connection: Connection) -> Iterator[str]:
    rules = (unbalanced_entries, cached_balances, reversals_sound, changed)
    return chain.from_iterable(rule(connection) for rule in rules)


def _refuse_unless_next(connection: Connection, month: str, at: datetime) -> None:
    due = next_month(connection)
    if due is None:
        raise LedgerError("nothing was posted yet: there is no month to close")
    if month < due:
        raise LedgerError(f"{month} is closed already, or lies before the first entry")
    if month >= month_of(at):
        raise LedgerError(f"{month} isn't over yet")
    if month != due:
        raise LedgerError(f"close {due} first")


def _keep_posts_out(connection: Connection) -> None:
    """SQLite has one transaction at a time anyway."""
    if connection.dialect.name == "sqlite":
        return
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'")
    try:
        connection.exec_driver_sql("LOCK TABLE entries IN SHARE ROW EXCLUSIVE MODE")
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
            raise
        raise LedgerError("somebody is posting and doesn't finish: try again") from None
