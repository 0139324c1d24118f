"""Taking an entry back: by its mirror image, once, and both stay in the books."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from accounts.chart import HOUSE
from accounts.ledger import REVERSAL_KEY, Entry, Kind, LedgerError, Posting, paid_for, post
from store.tables import entries, postings
from store.types import AnyRow


def reverse(connection: Connection, key: str, actor: str, note: str, at: datetime) -> bool:
    """Take the entry back, dated ``at``. False when it was taken back before.

    Raises :class:`LedgerError` for what :func:`accounts.ledger.post` refuses, an unknown entry, a
    reversal, a moment before the entry's own, no reason, and for a charge of which a part was
    given back since.
    """
    if not note.strip():
        raise LedgerError("say why the entry is taken back")
    original = connection.execute(entries.select().where(entries.c.key == key)).one_or_none()
    if original is None:
        raise LedgerError(f"no entry {key}")
    if original.reverses is not None:
        raise LedgerError(f"{key} is a reversal: it can't be reversed")
    if at < original.at:
        raise LedgerError(f"{key} is of {original.at:%Y-%m-%d %H:%M}: reverse it after that")
    lines = _mirror(connection, original)
    # Locks the account first, so that of two at once the second finds the first's reversal.
    stands = _stands(connection, original, lines)
    if _was_reversed(connection, original):
        return False
    if not stands:
        raise LedgerError(f"a part of {key} was given back before: post the rest by itself")
    mine = Entry(
        f"{REVERSAL_KEY}{key}",
        Kind.REVERSAL,
        actor,
        at,
        lines,
        original.call_id,
        note,
        original.id,
    )
    return post(connection, mine)


def _mirror(connection: Connection, original: AnyRow) -> list[Posting]:
    rows = connection.execute(postings.select().where(postings.c.entry_id == original.id))
    return [Posting(row.account_id, -row.cents) for row in rows]


def _stands(connection: Connection, original: AnyRow, lines: list[Posting]) -> bool:
    """Nobody gets back more for a call than is still paid for it."""
    if original.call_id is None:
        return True
    given = [line for line in lines if line.account_id not in HOUSE and line.cents > 0]
    return all(
        paid_for(connection, line.account_id, original.call_id) >= line.cents for line in given
    )


def _was_reversed(connection: Connection, original: AnyRow) -> bool:
    link = select(entries.c.id).where(entries.c.reverses == original.id)
    return connection.execute(link).one_or_none() is not None
