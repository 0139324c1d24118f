"""Which lists of millions are in force: loaded, replaced, lifted."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, or_, select

from blocklists.bulk_files import Compiled
from blocklists.faults import CantBe, NotThere
from blocklists.force import in_force
from blocklists.orders import LIFTED_BY_FACILITY, Order, must_be_sound
from blocklists.patterns import NumberError
from store.tables import bulk_lists
from store.turns import take_turn
from store.types import AnyRow

LONGEST_NAME = 80
_row = bulk_lists.c


def register(
    connection: Connection,
    name: str,
    compiled: Compiled,
    order: Order,
    at: datetime,
    *,
    by_facility: bool = False,
) -> None:
    """Block every number of a list from now on, in the place of an older one of this name.

    ``by_facility``: as a facility's staff may, who replace only what is theirs to lift. Raises
    :class:`NumberError` for an order that can't be.
    """
    must_be_sound(connection, order, at)
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise NumberError(f"a list needs a name of at most {LONGEST_NAME} characters on one line")
    if order.scope.person_id is not None:
        raise NumberError("a list of millions binds a facility or everybody, not one person")
    take_turn(connection, bulk_lists)
    there = _chosen(connection, name, order.scope.facility_id)
    row: dict[str, object] = {"name": name, "facility_id": order.scope.facility_id}
    row |= {"file": str(compiled.file), "entries": compiled.entries, "sha256": compiled.sha256}
    row |= {"cause": order.cause.value, "note": order.note, "expires_at": order.expires_at}
    if there is not None and all(there._mapping[one] == value for one, value in row.items()):
        return
    if by_facility:
        _must_be_theirs(there)
    _lift(connection, there, order.actor, at)
    connection.execute(bulk_lists.insert(), {**row, "actor": order.actor, "at": at})


def lift(
    connection: Connection,
    name: str,
    actor: str,
    at: datetime,
    facility_id: str | None = None,
    *,
    by_facility: bool = False,
) -> AnyRow:
    """Block its numbers no more; the list's row. Its file stays. As above."""
    there = _chosen(connection, name, facility_id)
    if there is None:
        raise NotThere(f"there is no list {name!r}: 'parloir number bulk list' shows them")
    if by_facility:
        _must_be_theirs(there)
    _lift(connection, there, actor, at)
    return there


def lists_in_force(
    connection: Connection, at: datetime, facility_id: str | None = None
) -> list[AnyRow]:
    """The lists in force, oldest first: all, or those that bind a facility."""
    unlifted = select(bulk_lists).where(*in_force(_row, at))
    if facility_id is not None:
        unlifted = unlifted.where(or_(_row.facility_id.is_(None), _row.facility_id == facility_id))
    return list(connection.execute(unlifted.order_by(_row.id)))


def moved_to(connection: Connection, folder: Path) -> None:
    """Look for the lists' files in another folder from now on, where they are there."""
    for row in connection.execute(select(_row.id, _row.file)).all():
        file = folder.resolve() / Path(row.file).name
        if file.exists():
            change = bulk_lists.update().where(_row.id == row.id)
            connection.execute(change.values(file=str(file)))


def _must_be_theirs(row: AnyRow | None) -> None:
    if row is not None and row.cause not in {cause.value for cause in LIFTED_BY_FACILITY}:
        raise CantBe(f"a list by {row.cause} is not the facility's to lift")


def _chosen(connection: Connection, name: str, facility_id: str | None) -> AnyRow | None:
    its = select(bulk_lists).where(
        _row.name == name,
        _row.facility_id.is_not_distinct_from(facility_id),
        _row.lifted_at.is_(None),
    )
    newest = its.order_by(_row.id.desc()).limit(1)
    return connection.execute(newest.with_for_update()).one_or_none()


def _lift(connection: Connection, row: AnyRow | None, actor: str, at: datetime) -> None:
    if row is not None:
        change = bulk_lists.update().where(_row.id == row.id)
        connection.execute(change.values(lifted_at=at, lifted_by=actor))
