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
from blocklists.orders import LIFTED_BY_FACILITY, Order, must_be_sound
from blocklists.patterns import Pattern, on, parse
from store.tables import blocked_numbers, persons
from store.turns import take_turn
from store.types import AnyRow

_row = blocked_numbers.c


@dataclass(frozen=True)
class Page:
    """So many rows after the one of this id."""

    after: int = 0
    most: int = 1000


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
