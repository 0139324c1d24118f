"""People in custody and the units in which they are held."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field

from api.context import Asked
from api.guard import Caller, on_facility, on_person
from api.tokens import Scope
from api.words import FACILITY_ID, NAME_ID, PERSON_ID, Body, Line
from custody import people, standing, units
from custody.jail.events import Kind
from custody.jail.kept import Outcome, of_person
from custody.status import Status
from store.types import AnyRow

router = APIRouter(prefix="/facilities/{facility_id}", tags=["people"])

FacilityId = Annotated[str, Path(pattern=FACILITY_ID)]
PersonId = Annotated[str, Path(pattern=PERSON_ID)]
UnitId = Annotated[str, Field(pattern=NAME_ID)]
Seen = Annotated[Caller, Depends(on_facility(Scope.PEOPLE_READ))]
Changed = Annotated[Caller, Depends(on_facility(Scope.PEOPLE_WRITE))]
PersonSeen = Annotated[Caller, Depends(on_person(Scope.PEOPLE_READ))]
PersonChanged = Annotated[Caller, Depends(on_person(Scope.PEOPLE_WRITE))]


class UnitOut(BaseModel):
    """A housing unit."""

    id: str
    name: str


class NewUnit(Body):
    """A unit to be added; its id is of its own among all facilities."""

    id: UnitId
    name: Annotated[Line, Field(max_length=units.LONGEST_NAME)]


class PersonOut(BaseModel):
    """How a person stands. ``told_at``: when what was told last of them happened."""

    id: str
    unit: str | None
    name: str
    status: Status
    has_pin: bool
    told_at: datetime | None


class HappenedOut(BaseModel):
    """What was told of a person, by whom, and what became of it."""

    at: datetime
    received_at: datetime
    source: str
    kind: Kind
    outcome: Outcome
    detail: str
    actor: str
    note: str


class PersonHistory(PersonOut):
    """How a person stands and how it came to that, in the order it happened."""

    history: list[HappenedOut]


class NewStatus(Body):
    """How a person stands from now on, and why."""

    status: Status
    note: Line


class NewUnitOfPerson(Body):
    """The unit of this facility in which a person is held from now on (null: none), and why."""

    unit: UnitId | None
    note: Line


@router.get("/units")
def list_units(asked: Asked, _who: Seen, facility_id: FacilityId) -> list[UnitOut]:
    """The facility's units."""
    with asked.database.begin() as connection:
        return [
            UnitOut(id=one.id, name=one.name) for one in units.units_of(connection, facility_id)
        ]


@router.post("/units", status_code=201)
def add_unit(asked: Asked, who: Changed, facility_id: FacilityId, new: NewUnit) -> UnitOut:
    """Add a unit."""
    with asked.database.begin() as connection:
        units.add_unit(connection, new.id, facility_id, new.name, who.actor, asked.clock())
    return UnitOut(id=new.id, name=new.name)


@router.get("/people")
def list_people(
    asked: Asked,
    _who: Seen,
    facility_id: FacilityId,
    status: Status | None = None,
    unit: Annotated[str | None, Query(pattern=NAME_ID)] = None,
    after: Annotated[str, Query(pattern=r"^[0-9]{0,12}$")] = "",
) -> list[PersonOut]:
    """The facility's people by their ids, 500 at once: ``after`` is the last id seen so far."""
    with asked.database.begin() as connection:
        found = people.people_of(connection, facility_id, status, unit, after)
    return [PersonOut(**_facts(row)) for row in found]


@router.get("/people/{person_id}")
def show_person(asked: Asked, _who: PersonSeen, person_id: PersonId) -> PersonHistory:
    """How a person stands, and how it came to that."""
    with asked.database.begin() as connection:
        row = people.person(connection, person_id)
        history = [_happened(one) for one in of_person(connection, person_id)]
    return PersonHistory(**_facts(row), history=history)


@router.put("/people/{person_id}/status")
def set_status(asked: Asked, who: PersonChanged, person_id: PersonId, new: NewStatus) -> PersonOut:
    """Set a status; it counts from the next call on. ``in_custody`` lifts every suspension."""
    with asked.database.begin() as connection:
        done = (who.actor, new.note, asked.clock())
        standing.set_status(connection, person_id, new.status, *done)
        return PersonOut(**_facts(people.person(connection, person_id)))


@router.put("/people/{person_id}/unit")
def move_person(
    asked: Asked,
    who: PersonChanged,
    facility_id: FacilityId,
    person_id: PersonId,
    new: NewUnitOfPerson,
) -> PersonOut:
    """Move a person to another unit of the facility, or to none."""
    with asked.database.begin() as connection:
        done = (who.actor, new.note, asked.clock())
        standing.move(connection, person_id, facility_id, new.unit, *done)
        return PersonOut(**_facts(people.person(connection, person_id)))


def _facts(row: AnyRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "unit": row.unit_id,
        "name": row.name,
        "status": row.status,
        "has_pin": people.has_pin(row),
        "told_at": row.jail_at,
    }


def _happened(row: AnyRow) -> HappenedOut:
    return HappenedOut(
        at=row.at,
        received_at=row.received_at,
        source=row.source,
        kind=row.kind,
        outcome=row.outcome,
        detail=row.detail,
        actor=row.actor,
        note=row.facts["note"],
    )
