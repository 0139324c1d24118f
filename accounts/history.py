"""What stands in the books: an account's statement, its balance at any moment, single entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from accounts.ledger import Kind, LedgerError, Posting
from store.tables import accounts, entries, postings
from store.types import EPOCH, AnyRow


@dataclass(frozen=True)
class Line:
    """One posting on an account's statement, and the balance after it, in cents."""

    at: datetime
    key: str
    kind: Kind
    cents: int
    balance_cents: int
    call_id: str | None
    actor: str
    note: str


@dataclass(frozen=True)
class Posted:
    """An entry as it stands. ``reverses`` and ``reversed_by`` are keys of other entries."""

    key: str
    kind: Kind
    actor: str
    at: datetime
    call_id: str | None
    note: str
    reverses: str | None
    reversed_by: str | None
    lines: Sequence[Posting]


def balance_at(connection: Connection, account_id: str, moment: datetime) -> int:
    """Cents that stood on the account at a moment, that moment's entries included.

    From the postings alone, for any account. Raises :class:`LedgerError` when there is none.
    """
    _refuse_strangers(connection, account_id)
    return _sum(connection, account_id, entries.c.at <= moment)


def history(
    connection: Connection, account_id: str, since: datetime = EPOCH, until: datetime | None = None
) -> Iterator[Line]:
    """The account's statement from ``since`` to before ``until``, oldest first.

    Raises :class:`LedgerError` when there is no such account.
    """
    _refuse_strangers(connection, account_id)
    running = _sum(connection, account_id, entries.c.at < since)
    chosen = (
        select(entries, postings.c.cents)
        .join(postings, postings.c.entry_id == entries.c.id)
        .where(postings.c.account_id == account_id, entries.c.at >= since)
        .order_by(entries.c.at, entries.c.id, postings.c.id)
    )
    if until is not None:
        chosen = chosen.where(entries.c.at < until)
    for row in connection.execution_options(yield_per=1000).execute(chosen):
        running += row.cents
        kind = Kind(row.kind)
        yield Line(row.at, row.key, kind, row.cents, running, row.call_id, row.actor, row.note)


def entry(connection: Connection, key: str) -> Posted:
    """The entry. Raises :class:`LedgerError` when there is none."""
    for found in _entries(connection, entries.c.key == key):
        return found
    raise LedgerError(f"no entry {key}")


def entries_of_call(connection: Connection, call_id: str) -> list[Posted]:
    """Everything that was posted for a call, oldest first."""
    return _entries(connection, entries.c.call_id == call_id)


def _entries(connection: Connection, which: ColumnElement[bool]) -> list[Posted]:
    original, reversal = entries.alias("original"), entries.alias("reversal")
    chosen = (
        select(entries, original.c.key.label("back"), reversal.c.key.label("taken_back_by"))
        .outerjoin(original, original.c.id == entries.c.reverses)
        .outerjoin(reversal, reversal.c.reverses == entries.c.id)
        .where(which)
        .order_by(entries.c.at, entries.c.id)
    )
    return [_posted(connection, row) for row in connection.execute(chosen).all()]


def _posted(connection: Connection, row: AnyRow) -> Posted:
    lines = connection.execute(
        select(postings.c.account_id, postings.c.cents)
        .where(postings.c.entry_id == row.id)
        .order_by(postings.c.id)
    )
    return Posted(
        row.key,
        Kind(row.kind),
        row.actor,
        row.at,
        row.call_id,
        row.note,
        row.back,
        row.taken_back_by,
        [Posting(*line) for line in lines],
    )


def _sum(connection: Connection, account_id: str, when: ColumnElement[bool]) -> int:
    total = (
        select(func.coalesce(func.sum(postings.c.cents), 0))
        .join(entries, entries.c.id == postings.c.entry_id)
        .where(postings.c.account_id == account_id, when)
    )
    return int(connection.execute(total).scalar_one())


def _refuse_strangers(connection: Connection, account_id: str) -> None:
    known = select(accounts.c.id).where(accounts.c.id == account_id)
    if connection.execute(known).one_or_none() is None:
        raise LedgerError(f"no account {account_id}")
