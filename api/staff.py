"""A facility's staff and their roles. Their tokens are made by command."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from api.context import Asked
from api.guard import Caller, on_facility
from api.problems import Kind, Problem
from api.tokens import Scope
from api.words import FACILITY_ID, NAME_ID, Body, Line
from custody import staff
from custody.roles import Role

router = APIRouter(prefix="/facilities/{facility_id}/staff", tags=["staff"])

FacilityId = Annotated[str, Path(pattern=FACILITY_ID)]
StaffId = Annotated[str, Path(pattern=NAME_ID)]
Allowed = Annotated[Caller, Depends(on_facility(Scope.STAFF_WRITE))]


class StaffOut(BaseModel):
    """Somebody on the staff. ``active``: whether they may do anything now."""

    id: str
    name: str
    role: Role
    active: bool


class NewStaff(Body):
    """Somebody to be added, and why."""

    id: Annotated[str, Field(pattern=NAME_ID)]
    name: Annotated[Line, Field(max_length=staff.LONGEST_NAME)]
    role: Role
    note: Line


class StaffChange(Body):
    """Another role, or off and on; what isn't sent stays. And why."""

    role: Role | None = None
    active: bool | None = None
    note: Line


@router.get("")
def list_staff(asked: Asked, _who: Allowed, facility_id: FacilityId) -> list[StaffOut]:
    """Everybody who is or was on the staff."""
    with asked.database.begin() as connection:
        every = staff.staff_of(connection, facility_id)
    return [StaffOut.model_validate(one, from_attributes=True) for one in every]


@router.post("", status_code=201)
def add_staff(asked: Asked, who: Allowed, facility_id: FacilityId, new: NewStaff) -> StaffOut:
    """Add somebody."""
    with asked.database.begin() as connection:
        done = (who.actor, new.note, asked.clock())
        staff.add_staff(connection, new.id, facility_id, new.name, new.role, *done)
        return _out(connection, new.id)


@router.patch("/{staff_id}")
def change_staff(
    asked: Asked, who: Allowed, facility_id: FacilityId, staff_id: StaffId, new: StaffChange
) -> StaffOut:
    """Give another role, or take all away; their tokens follow at once."""
    with asked.database.begin() as connection:
        if staff_id not in {one.id for one in staff.staff_of(connection, facility_id)}:
            raise Problem(Kind.NOT_FOUND)
        done = (who.actor, new.note, asked.clock())
        if new.role is not None:
            staff.give_role(connection, staff_id, new.role, *done)
        if new.active is not None:
            staff.turn(connection, staff_id, new.active, *done)
        return _out(connection, staff_id)


def _out(connection: Connection, staff_id: str) -> StaffOut:
    return StaffOut.model_validate(staff.one_of_staff(connection, staff_id), from_attributes=True)
