"""What is done with a person's list of allowed numbers: asked for, approved, refused, removed.

Whoever changes a list holds the person's row, so that two at once never take one last place.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from blocklists.faults import CantBe, NotThere
from blocklists.force import in_force
from blocklists.orders import must_be_kept
from blocklists.pan import DEFAULT_MAXIMUM, State, approved, give_up_places, live, locked, taken
from blocklists.patterns import NumberError, Pattern, dialable
from store.tables import allowed_numbers, controls, persons
from store.types import AnyRow

_row = allowed_numbers.c


def maximum_of(connection: Connection, person_id: str, at: datetime) -> int:
    """How many places the person's list has: the fewest that any layer of the person gives."""
    row = controls.c
    values = connection.execute(
        select(row.value)
        .join(persons, persons.c.id == person_id)
        .where(
            row.kind == "pan",
            *in_force(row, at),
            or_(
                and_(row.layer == "person", row.subject == persons.c.id),
                and_(row.layer == "unit", row.subject == persons.c.unit_id),
                and_(row.layer == "facility", row.subject == persons.c.facility_id),
            ),
        )
    ).scalars()
    given = [int(value["max"]) for value in values if value["mode"] != "off"]
    return min(given, default=DEFAULT_MAXIMUM)


def request(
    connection: Connection,
    person_id: str,
    number: str,
    actor: str,
    at: datetime,
    relationship: str = "",
    note: str = "",
) -> int:
    """Ask for a number on the person's list; the entry's id. Raises :class:`NumberError`.

    What is there already, or asked for, stays as it is.
    """
    must_be_kept(actor, note + relationship)
    locked(connection, person_id)
    normal = dialable(number)
    if (there := live(connection, person_id, normal, at)) is not None:
        return int(there.id)
    row: dict[str, Any] = {**Pattern(normal).columns(), "person_id": person_id, "facility_id": None}
    row |= {"state": State.REQUESTED.value, "learned": False, "relationship": relationship}
    row |= {"actor": actor, "at": at, "note": note}
    made = connection.execute(allowed_numbers.insert(), row).inserted_primary_key
    return int(made[0]) if made else 0


def add(
    connection: Connection,
    person_id: str,
    number: str,
    actor: str,
    at: datetime,
    relationship: str = "",
    note: str = "",
    expires_at: datetime | None = None,
) -> int:
    """Put a number on the person's list at once; the entry's id. Raises :class:`NumberError`."""
    if expires_at is not None and expires_at <= at:
        raise NumberError("the number would have left the list already")
    entry = request(connection, person_id, number, actor, at, relationship, note)
    approve(connection, person_id, entry, actor, at)
    if expires_at is not None:
        change = allowed_numbers.update().where(_row.id == entry)
        connection.execute(change.values(expires_at=expires_at))
    return entry


def add_all(
    connection: Connection,
    person_id: str,
    numbers: Mapping[str, str],
    actor: str,
    at: datetime,
) -> int:
    """Put normalised numbers, each with its relationship, on the person's list; how many are new.

    Raises :class:`NumberError` when there aren't places for all.
    """
    locked(connection, person_id)
    own = select(_row.number).where(_row.person_id == person_id, approved(at))
    new = numbers.keys() - set(connection.execute(own).scalars())
    free = maximum_of(connection, person_id, at) - taken(connection, person_id, at)
    if len(new) > free:
        raise CantBe(f"the list of {person_id} has {free} places for {len(new)} more numbers")
    give_up_places(connection, person_id, at)
    done = {"state": State.APPROVED.value, "decided_by": actor, "decided_at": at}
    asked = allowed_numbers.update().where(
        _row.person_id == person_id, _row.state == State.REQUESTED.value, _row.number.in_(new)
    )
    waiting = set(connection.execute(asked.values(done).returning(_row.number)).scalars())
    shared = {**done, "person_id": person_id, "learned": False, "actor": actor, "at": at}
    rows: list[dict[str, Any]] = [
        {**Pattern(one).columns(), **shared, "relationship": numbers[one], "note": ""}
        for one in sorted(new - waiting)
    ]
    if rows:
        connection.execute(allowed_numbers.insert(), rows)
    return len(new)


def approve(connection: Connection, person_id: str, entry: int, actor: str, at: datetime) -> AnyRow:
    """Let the person call a number that was asked for. Raises :class:`NumberError`.

    So it does when every place is taken. What is approved already stays so.
    """
    locked(connection, person_id)
    row = one(connection, person_id, entry)
    if row.state == State.APPROVED:
        return row
    places, have = taken(connection, person_id, at), maximum_of(connection, person_id, at)
    if row.state == State.REQUESTED and places >= have:
        raise CantBe(
            f"the list of {person_id} is full, {places} of {have} places are taken: "
            "remove a number, or set a higher maximum"
        )
    return _decide(connection, row, State.APPROVED, actor, at)


def refuse(connection: Connection, person_id: str, entry: int, actor: str, at: datetime) -> AnyRow:
    """Say no to a number that was asked for. Raises :class:`NumberError`."""
    locked(connection, person_id)
    row = one(connection, person_id, entry)
    return row if row.state == State.REFUSED else _decide(connection, row, State.REFUSED, actor, at)


def remove(connection: Connection, person_id: str, entry: int, actor: str, at: datetime) -> AnyRow:
    """Take a number off the person's list. Raises :class:`NumberError`."""
    locked(connection, person_id)
    row = one(connection, person_id, entry)
    return row if row.state == State.REMOVED else _decide(connection, row, State.REMOVED, actor, at)


def entries(connection: Connection, person_id: str) -> list[AnyRow]:
    """The person's list with its whole history, oldest first."""
    own = select(allowed_numbers).where(_row.person_id == person_id)
    return list(connection.execute(own.order_by(_row.id)))


def requested(connection: Connection, facility_id: str) -> list[AnyRow]:
    """What people of a facility have asked for and nobody has decided, oldest first."""
    here = select(allowed_numbers).join(persons, persons.c.id == _row.person_id)
    waiting = here.where(persons.c.facility_id == facility_id, _row.state == State.REQUESTED.value)
    return list(connection.execute(waiting.order_by(_row.id)))


def one(connection: Connection, person_id: str, entry: int) -> AnyRow:
    """An entry of the person's list. Raises :class:`NotThere`."""
    chosen = select(allowed_numbers).where(_row.id == entry, _row.person_id == person_id)
    row = connection.execute(chosen).one_or_none()
    if row is None:
        raise NotThere(f"the list of {person_id} has no entry {entry}: 'parloir pan list' shows it")
    return row


def _decide(connection: Connection, row: AnyRow, state: State, actor: str, at: datetime) -> AnyRow:
    if row.state not in _BEFORE[state]:
        raise CantBe(f"entry {row.id} is {row.state}: it can't be {state.value} now")
    done = {"state": state.value, "decided_by": actor, "decided_at": at}
    change = allowed_numbers.update().where(_row.id == row.id).values(done)
    connection.execute(change)
    return connection.execute(select(allowed_numbers).where(_row.id == row.id)).one()


_BEFORE: Mapping[State, frozenset[State]] = {
    State.APPROVED: frozenset({State.REQUESTED}),
    State.REFUSED: frozenset({State.REQUESTED}),
    State.REMOVED: frozenset({State.REQUESTED, State.APPROVED}),
}
