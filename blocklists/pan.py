"""A person's own list of allowed numbers (PAN), and what may be called beside it.

Every place on the list has a state: requested, approved, refused, removed. Rows stay, so the
list's history is the table. A facility's own numbers, and those for everybody, take no place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    ScalarSelect,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
)

from blocklists.force import Columns, unexpired
from blocklists.patterns import NumberError, Pattern, matches
from store.tables import allowed_numbers, persons
from store.types import AnyRow

DEFAULT_MAXIMUM = 20
_row = allowed_numbers.c
# In the query of all facts: psycopg reads one of more than 4,096 letters anew for every call.
_short = allowed_numbers.alias("a").c


class State(StrEnum):
    """Where a number stands on a list."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    REMOVED = "removed"


_LIVE = (State.REQUESTED.value, State.APPROVED.value)
_CALL = "a call"


@dataclass(frozen=True)
class PanStanding:
    """Whether the person may call a number by the lists, and how many places are taken."""

    allowed: bool
    entries: int


def standing(
    connection: Connection, person_id: str, facility_id: str, number: str, at: datetime
) -> PanStanding:
    """What the person's list, the facility's and everybody's say of a normalised number."""
    asked = {"person": person_id, "facility": facility_id, "number": number, "at": at}
    found = connection.execute(_STANDING, asked).one()
    return PanStanding(bool(found.allowed), found.entries)


def learn(connection: Connection, person_id: str, number: str, maximum: int, at: datetime) -> bool:
    """Put a number that was called on the person's list, while there is a place; whether it was.

    What the list, the facility's or everybody's has already isn't put twice.
    """
    facility_id = locked(connection, person_id)
    found = standing(connection, person_id, facility_id, number, at)
    if found.allowed or found.entries >= maximum:
        return False
    done = {"state": State.APPROVED.value, "learned": True, "decided_by": _CALL, "decided_at": at}
    if (asked := live(connection, person_id, number, at)) is not None:
        connection.execute(allowed_numbers.update().where(_row.id == asked.id).values(done))
        return True
    row = {**Pattern(number).columns(), "person_id": person_id, "relationship": "", "note": ""}
    connection.execute(allowed_numbers.insert(), {**row, **done, "actor": _CALL, "at": at})
    return True


def live(connection: Connection, person_id: str, number: str, at: datetime) -> AnyRow | None:
    """The entry of a number that is asked for or approved, if there is one."""
    give_up_places(connection, person_id, at)
    its = (_row.person_id == person_id, _row.number == number, _row.state.in_(_LIVE))
    return connection.execute(select(allowed_numbers).where(*its)).one_or_none()


def give_up_places(connection: Connection, person_id: str, at: datetime) -> None:
    """Remove from the person's list what has expired, as whoever adds to it does first."""
    expired = (_row.person_id == person_id, _row.state.in_(_LIVE), _row.expires_at <= at)
    done = {"state": State.REMOVED.value, "decided_by": "its end", "decided_at": at}
    connection.execute(allowed_numbers.update().where(*expired).values(done))


def approved(at: object) -> ColumnElement[bool]:
    """For a query: the row allows its numbers now."""
    return _approved(_row, at)


def locked(connection: Connection, person_id: str) -> str:
    """Have whoever changes the list of this person wait for the other; the person's facility.

    Raises :class:`NumberError` when there is no such person.
    """
    row = select(persons.c.facility_id).where(persons.c.id == person_id).with_for_update()
    facility_id = connection.execute(row).scalar_one_or_none()
    if facility_id is None:
        raise NumberError(f"there is no person {person_id!r}")
    return str(facility_id)


def taken(connection: Connection, person_id: str, at: datetime) -> int:
    """How many places of the person's list are taken."""
    return connection.execute(select(_taken(person_id, at))).scalar_one()


def unless_allowed(
    number: object, person_id: object, facility_id: object, at: object
) -> ColumnElement[int | None]:
    """For a query: NULL where the lists have the number, else how many places are taken."""
    return case((~_allowed(number, person_id, facility_id, at), _taken(person_id, at)))


def _allowed(
    number: object, person_id: object, facility_id: object, at: object
) -> ColumnElement[bool]:
    anybodys = and_(
        _short.person_id.is_(None),
        or_(_short.facility_id.is_(None), _short.facility_id == facility_id),
    )
    hits = matches(number, _short.stem, _short.pattern)
    theirs = or_(_short.person_id == person_id, anybodys)
    return exists(select(1).where(_approved(_short, at), hits, theirs))


def _taken(person_id: object, at: object) -> ScalarSelect[int]:
    own = _short.person_id == person_id
    return select(func.count()).where(_approved(_short, at), own).scalar_subquery()


def _approved(row: Columns, at: object) -> ColumnElement[bool]:
    return and_(row.state == literal_column(f"'{State.APPROVED}'"), unexpired(row, at))


_PERSON: BindParameter[str] = bindparam("person")
_AT: BindParameter[datetime] = bindparam("at")
# Two questions: each finds its few rows by an index of its own.
_STANDING = select(
    _allowed(bindparam("number"), _PERSON, bindparam("facility"), _AT).label("allowed"),
    _taken(_PERSON, _AT).label("entries"),
)
