"""The packs as they stand in the books, to the clearing house and from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import IntegrityError

from accounts.ledger import LedgerError
from store.tables import emi_packs
from store.types import AnyRow

OUT: Final = "out"
IN: Final = "in"


@dataclass(frozen=True)
class Pack:
    """A pack of records. ``number`` is what both sides count by, ``id`` the table's own."""

    id: int
    number: int
    records: int
    cents: int
    sha256: str
    made_at: datetime
    actor: str


def find(connection: Connection, number: int, direction: str = OUT) -> Pack | None:
    """A pack by its number, or None."""
    mine = (emi_packs.c.direction == direction) & (emi_packs.c.number == number)
    row = connection.execute(emi_packs.select().where(mine)).one_or_none()
    return _pack(row) if row else None


def newest(connection: Connection, direction: str, limit: int) -> list[Pack]:
    """The latest packs, newest first."""
    rows = connection.execute(
        emi_packs.select()
        .where(emi_packs.c.direction == direction)
        .order_by(emi_packs.c.number.desc())
        .limit(limit)
    )
    return [_pack(row) for row in rows]


def last_number(connection: Connection, direction: str) -> int:
    """The number of the last pack that went this way; 0 before the first."""
    query = select(func.max(emi_packs.c.number)).where(emi_packs.c.direction == direction)
    return int(connection.execute(query).scalar_one() or 0)


def begin(connection: Connection, direction: str, number: int, at: datetime, actor: str) -> Pack:
    """A pack whose totals aren't known yet. Raises :class:`LedgerError` when it is there.

    Whoever begins the same pack at the same moment waits here, and is refused.
    """
    placeholder = f"{direction}:{number}"
    row = {"direction": direction, "number": number, "records": 0, "cents": 0}
    row |= {"sha256": placeholder, "made_at": at, "actor": actor}
    try:
        new = connection.execute(emi_packs.insert().returning(emi_packs), row).one()
    except IntegrityError:
        raise LedgerError(f"somebody else is at pack {number} right now: try again") from None
    return _pack(new)


def finish(connection: Connection, pack: Pack) -> None:
    """Keep the pack's totals and its file's hash. Raises :class:`LedgerError` for a file that
    was here before."""
    totals = {"records": pack.records, "cents": pack.cents, "sha256": pack.sha256}
    try:
        connection.execute(emi_packs.update().where(emi_packs.c.id == pack.id).values(totals))
    except IntegrityError:
        raise LedgerError("this very file was taken before") from None


def forget(connection: Connection, pack: Pack) -> None:
    """Give the number back of a pack in which nothing is."""
    connection.execute(emi_packs.delete().where(emi_packs.c.id == pack.id))


def _pack(row: AnyRow) -> Pack:
    named = (row.id, row.number, row.records, row.cents, row.sha256, row.made_at, row.actor)
    return Pack(*named)
