"""What staff order of numbers: why, where, for whom and until when; and whether that can be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from blocklists.faults import NotThere
from blocklists.lists import BlockCause
from blocklists.patterns import NumberError
from store.tables import facilities, persons

LONGEST_TEXT = 500
BY_STAFF = frozenset(set(BlockCause) - {BlockCause.VELOCITY})
"""What staff order; called parties ask them, too. The platform's own cause is the rest."""
BY_FACILITY = frozenset(BY_STAFF - {BlockCause.PROVIDER})
LIFTED_BY_FACILITY = BY_FACILITY - {BlockCause.CALLED_PARTY} | {BlockCause.VELOCITY}
"""What a facility's own staff may order and lift, for their facility."""


@dataclass(frozen=True)
class Scope:
    """Where and whom it binds. None: every facility, every person."""

    facility_id: str | None = None
    person_id: str | None = None

    def columns(self) -> dict[str, str | None]:
        """The columns that a list's row has of it."""
        return {"facility_id": self.facility_id, "person_id": self.person_id}


@dataclass(frozen=True)
class Order:
    """Why numbers are blocked, and until when. None: until somebody lifts it."""

    cause: BlockCause
    actor: str
    note: str = ""
    expires_at: datetime | None = None
    scope: Scope = Scope()


def must_be_kept(actor: str, note: str) -> None:
    """Raises :class:`NumberError` when who ordered it, or why, can't be kept as it is."""
    if not actor.strip() or len(actor) > LONGEST_TEXT or not actor.isprintable():
        raise NumberError("say who decided this: a name on one line")
    if len(note) > LONGEST_TEXT or not note.isprintable():
        raise NumberError(f"a note has at most {LONGEST_TEXT} characters, on one line")


def must_be_sound(connection: Connection, order: Order, at: datetime) -> None:
    """Raises :class:`NumberError` when no number can be blocked by this order."""
    must_be_kept(order.actor, order.note)
    if order.cause not in BY_STAFF:
        raise NumberError(f"{order.cause.value} is no cause by which staff block a number")
    if not order.note.strip() and order.cause in (BlockCause.COURT, BlockCause.SECURITY):
        raise NumberError(
            f"a block by {order.cause.value} needs a note, such as the order's number"
        )
    if order.expires_at is None and order.cause is BlockCause.COURT:
        raise NumberError("a court's order needs the day it ends: a longer one renews it")
    if order.expires_at is not None and order.expires_at <= at:
        raise NumberError("the block would have ended already")
    must_exist(connection, order.scope)


def must_exist(connection: Connection, scope: Scope) -> None:
    """Raises :class:`NumberError` when there is no such facility or person."""
    for table, known, what in (
        (facilities, scope.facility_id, "facility"),
        (persons, scope.person_id, "person"),
    ):
        if known is None:
            continue
        if connection.execute(select(table.c.id).where(table.c.id == known)).first() is None:
            raise NumberError(f"there is no {what} {known!r}")


def must_be_held(connection: Connection, person_id: str, facility_id: str) -> None:
    """Raises :class:`NotThere` when the person isn't held in the facility."""
    here = persons.c.id == person_id, persons.c.facility_id == facility_id
    if connection.execute(select(persons.c.id).where(*here)).first() is None:
        raise NotThere(f"there is no person {person_id} here")
