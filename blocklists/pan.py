"""A person's own list of allowed numbers (PAN), and what may be called beside it.

Every place on the list has a state: requested, approved, refused, removed. Rows stay, so the
list's history is the table. A facility's own numbers, and those for everybody, take no place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, func, or_, select

from blocklists.patterns import matches, parse
from store.tables import allowed_numbers, persons

DEFAULT_MAXIMUM = 20
_row = allowed_numbers.c


class State(StrEnum):
    """Where a number stands on a list."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    REMOVED = "removed"


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
    return PanStanding(bool(found.allowed), found.entries or 0)


def learn(connection: Connection, person_id: str, number: str, maximum: int, at: datetime) -> bool:
    """Put a number that was called on the person's list, while there is a place; whether it was.

    What the list, the facility's or everybody's has already isn't put twice.
    """
    facility_id = _locked(connection, person_id)
    found = standing(connection, person_id, facility_id, number, at)
    if found.allowed or found.entries >= maximum:
        return False
    row = {**parse(number).columns(), "person_id": person_id, "facility_id": None}
    row |= {"state": State.APPROVED.value, "learned": True, "relationship": "", "note": ""}
    row |= {"actor": "the call", "at": at, "decided_by": "the call", "decided_at": at}
    connection.execute(allowed_numbers.insert(), row)
    return True


def in_force(at: object) -> ColumnElement[bool]:
    """For a query: the row allows its numbers now."""
    unexpired = or_(_row.expires_at.is_(None), _row.expires_at > at)
    return and_(_row.state == State.APPROVED.value, unexpired)


def _locked(connection: Connection, person_id: str) -> str:
    """Whoever changes the list of this person waits here for the other; the facility."""
    row = select(persons.c.facility_id).where(persons.c.id == person_id).with_for_update()
    return str(connection.execute(row).scalar_one())


_OWN = _row.person_id == bindparam("person")
_ANYBODYS = and_(
    _row.person_id.is_(None),
    or_(_row.facility_id.is_(None), _row.facility_id == bindparam("facility")),
)
_HITS = matches(bindparam("number"), _row.stem, _row.pattern)
_STANDING = select(
    func.max(case((_HITS, 1), else_=0)).label("allowed"),
    func.sum(case((_OWN, 1), else_=0)).label("entries"),
).where(in_force(bindparam("at")), or_(_OWN, and_(_ANYBODYS, _HITS)))
