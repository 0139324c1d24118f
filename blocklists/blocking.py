"""Blocks as staff order them: each with its note, its end, and a way to lift it.

What is ordered twice is there once. A block is never deleted: whoever lifts it is written
beside it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select

from blocklists.faults import CantBe, NotThere
from blocklists.force import in_force
from blocklists.lists import BlockCause
from blocklists.patterns import NumberError, Pattern, on, parse
from store.tables import blocked_numbers, facilities, persons
from store.turns import take_turn
from store.types import AnyRow

BY_STAFF = frozenset(set(BlockCause) - {BlockCause.VELOCITY})
"""What staff order; called parties ask them, too. The platform's own cause is the rest."""
BY_FACILITY = frozenset(BY_STAFF - {BlockCause.PROVIDER})
LIFTED_BY_FACILITY = BY_FACILITY - {BlockCause.CALLED_PARTY} | {BlockCause.VELOCITY}
"""What a facility's own staff may order and lift, for their facility."""
_row = blocked_numbers.c


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


@dataclass(frozen=True)
class Page:
    """So many rows after the one of this id."""

    after: int = 0
    most: int = 1000


def must_be_sound(connection: Connection, order: Order, at: datetime) -> None:
    """Raises :class:`NumberError` when no number can be blocked by this order."""
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


def order_block(connection: Connection, number: str, order: Order, at: datetime) -> int:
    """Block a number or a pattern; the block's id. Raises :class:`NumberError`.

    The very same order, while it is in force, is not put twice.
    """
    must_be_sound(connection, order, at)
    put_new(connection, [parse(number)], order, at)
    same = _same(order, at, _row.id, [parse(number).number]).order_by(_row.id).limit(1)
    return int(connection.execute(same).scalar_one())


def put_new(
    connection: Connection, patterns: Collection[Pattern], order: Order, at: datetime
) -> int:
    """Block those that this very order doesn't block yet; how many there were."""
    take_turn(connection, blocked_numbers)
    there = set(connection.execute(_same(order, at, _row.number)).scalars())
    shared: dict[str, Any] = {
        "cause": order.cause.value,
        "actor": order.actor,
        "at": at,
        "note": order.note,
    }
    shared |= {"expires_at": order.expires_at, **order.scope.columns()}
    new = {one.number: one for one in patterns if one.number not in there}
    if new:
        rows: list[dict[str, Any]] = [{**one.columns(), **shared} for one in new.values()]
        connection.execute(blocked_numbers.insert(), rows)
    return len(new)


def lift(
    connection: Connection,
    block_id: int,
    actor: str,
    at: datetime,
    facility_id: str | None = None,
) -> AnyRow:
    """End one block; the row as it was. Raises :class:`NumberError`.

    With ``facility_id`` as that facility's staff may: its own and its people's blocks, of causes
    that are theirs to lift.
    """
    chosen = select(blocked_numbers).where(_row.id == block_id)
    if facility_id is not None:
        chosen = chosen.where(_own(facility_id))
    row = connection.execute(chosen.with_for_update()).one_or_none()
    if row is None:
        raise NotThere(f"there is no block {block_id} here: 'parloir number list' shows them")
    if facility_id is not None and row.cause not in {one.value for one in LIFTED_BY_FACILITY}:
        raise CantBe(f"a block by {row.cause} is not the facility's to lift")
    if row.lifted_at is None:
        lifted = blocked_numbers.update().where(_row.id == block_id)
        connection.execute(lifted.values(lifted_at=at, lifted_by=actor))
    return row


def in_force_at(
    connection: Connection,
    at: datetime,
    facility_id: str | None,
    number: str | None = None,
    page: Page = Page(),
) -> list[AnyRow]:
    """The blocks that bind a facility's people now, or everybody, oldest first.

    Given a number: only those that bind it. Raises :class:`NumberError`.
    """
    query = select(blocked_numbers).where(
        *in_force(_row, at), _at(facility_id), _row.id > page.after
    )
    query = query.order_by(_row.id).limit(page.most)
    return list(connection.execute(query if number is None else query.where(_on(number))))


def history(connection: Connection, number: str, facility_id: str | None = None) -> list[AnyRow]:
    """Every block that ever bound a number, lifted or not, oldest first.

    ``facility_id``: only what is seen from there. Raises :class:`NumberError`.
    """
    here = [] if facility_id is None else [_at(facility_id)]
    query = select(blocked_numbers).where(_on(number), *here).order_by(_row.id)
    return list(connection.execute(query))


def one(connection: Connection, block_id: int) -> AnyRow:
    """The block of an id that is known."""
    return connection.execute(select(blocked_numbers).where(_row.id == block_id)).one()


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


def _on(number: str) -> ColumnElement[bool]:
    return on(number, _row.number, _row.stem, _row.pattern)


def _at(facility_id: str | None) -> ColumnElement[bool]:
    """What binds people of the facility, wherever it was ordered."""
    anybodys = _row.facility_id.is_(None) & _row.person_id.is_(None)
    return anybodys if facility_id is None else or_(anybodys, _own(facility_id))


def _own(facility_id: str) -> ColumnElement[bool]:
    """What was ordered for the facility, or for one of its people wherever they are."""
    its_people = select(persons.c.id).where(persons.c.facility_id == facility_id)
    follows = _row.facility_id.is_(None) & _row.person_id.in_(its_people)
    return or_(_row.facility_id == facility_id, follows)


def _same(
    order: Order, at: datetime, column: ColumnElement[Any], numbers: Collection[str] = ()
) -> Any:
    """The rows in force of just this order, of some numbers or all."""
    return select(column).where(
        *in_force(_row, at),
        _row.cause == order.cause.value,
        _row.note == order.note,
        _row.facility_id.is_not_distinct_from(order.scope.facility_id),
        _row.person_id.is_not_distinct_from(order.scope.person_id),
        _row.expires_at.is_not_distinct_from(order.expires_at),
        *([_row.number.in_(numbers)] if numbers else []),
    )
