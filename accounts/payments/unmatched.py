"""The queue of what doesn't match: a person looks at it and says what was done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from accounts.ledger import LedgerError
from store.tables import unmatched_items
from store.upsert import insert_new

Problem = Literal["missing_here", "missing_there", "amount_differs"]


@dataclass(frozen=True)
class Unmatched:
    """What one side knows and the other doesn't, or knows with another amount.

    ``source`` is the gateway, ``reference`` its id of the payment, refund, dispute or line.
    """

    source: str
    reference: str
    problem: Problem
    cents: int
    detail: str


@dataclass(frozen=True)
class Item:
    """One of the queue; ``resolved_at`` None: nobody has looked at it yet."""

    id: int
    source: str
    reference: str
    problem: Problem
    cents: int
    found_at: datetime
    detail: str
    resolved_at: datetime | None
    resolved_by: str | None
    resolution: str | None


def add(connection: Connection, one: Unmatched, at: datetime) -> bool:
    """Queue it; False when the very same was queued before, resolved or not."""
    row = {**vars(one), "found_at": at}
    new = insert_new(connection, unmatched_items).returning(unmatched_items.c.id)
    return connection.execute(new, row).one_or_none() is not None


def items(connection: Connection, *, resolved: bool = False) -> list[Item]:
    """The open ones, oldest first; or those that were resolved."""
    done = unmatched_items.c.resolved_at
    chosen = unmatched_items.select().where(done.is_not(None) if resolved else done.is_(None))
    rows = connection.execute(chosen.order_by(unmatched_items.c.id))
    return [Item(**row._mapping) for row in rows]


def resolve(connection: Connection, item_id: int, actor: str, note: str, at: datetime) -> None:
    """Say what was done about it. Raises :class:`LedgerError` without a note, or when it was."""
    if not note.strip():
        raise LedgerError("say what was done about it")
    its = unmatched_items.update().where(unmatched_items.c.id == item_id)
    still_open = its.where(unmatched_items.c.resolved_at.is_(None))
    done = {"resolved_at": at, "resolved_by": actor, "resolution": note}
    if connection.execute(still_open.values(done)).rowcount == 0:
        raise LedgerError(f"no item {item_id} that is open; 'parloir payment unmatched' lists them")


def settle(connection: Connection, source: str, reference: str, note: str, at: datetime) -> None:
    """What was missing here has come after all: nobody has to look at it any more."""
    connection.execute(
        unmatched_items.update()
        .where(
            unmatched_items.c.source == source,
            unmatched_items.c.reference == reference,
            unmatched_items.c.problem == "missing_here",
            unmatched_items.c.resolved_at.is_(None),
        )
        .values(resolved_at=at, resolved_by=source, resolution=note)
    )
