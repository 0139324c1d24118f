"""What staff did, by whom and why: to a phone, a trunk, a person's PIN and name, one of the staff.

And what changes nothing that could be looked at elsewhere: a password, an unlocking, a name reset.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from api.context import Asked
from api.guard import Caller, everywhere, on_facility, on_person
from api.lines import FacilityId, PhoneId, must_be_here
from api.people import PersonId
from api.problems import Kind, Problem
from api.staff import StaffId
from api.tokens import Scope
from api.trunks import TrunkId
from api.words import Body, Line
from custody import orders, staff
from custody.lines import phones, shared, trunks
from custody.places import PlaceError
from custody.roles import Role
from store.types import AnyRow

router = APIRouter()
Lines = Annotated[Caller, Depends(on_facility(Scope.LINES_WRITE))]
Provider = Annotated[Caller, Depends(everywhere(Scope.LINES_WRITE))]
Staff = Annotated[Caller, Depends(on_facility(Scope.STAFF_WRITE))]
PersonSeen = Annotated[Caller, Depends(on_person(Scope.PEOPLE_READ))]
PersonChanged = Annotated[Caller, Depends(on_person(Scope.PEOPLE_WRITE))]
PHONE = "/facilities/{facility_id}/phones/{phone_id}"
PERSON = "/facilities/{facility_id}/people/{person_id}"


class Why(Body):
    """Why it is done: it is kept."""

    note: Line


class OrderOut(BaseModel):
    """What was done, by whom, when and why."""

    kind: str
    actor: str
    at: datetime
    note: str


class StaffOrderOut(OrderOut):
    """What was decided about somebody on the staff; ``role``: the one they had after it."""

    role: Role


class PasswordOut(BaseModel):
    """A phone's SIP password, which is told this once."""

    id: str
    password: str


@router.get(PHONE + "/orders", tags=["lines"])
def list_phone_orders(
    asked: Asked, _who: Lines, facility_id: FacilityId, phone_id: PhoneId
) -> list[OrderOut]:
    """What was done to a phone, in the order of time."""
    with asked.database.begin() as connection:
        must_be_here(connection, facility_id, phone_id)
        return [_out(row) for row in shared.orders(connection, "phone", phone_id)]


@router.post(PHONE + "/password", status_code=201, tags=["lines"])
def give_phone_password(
    asked: Asked, who: Lines, facility_id: FacilityId, phone_id: PhoneId, why: Why
) -> PasswordOut:
    """Give a phone another SIP password. Asterisk knows it within seconds."""
    done = (who.actor, why.note, asked.clock())
    with asked.database.begin() as connection:
        must_be_here(connection, facility_id, phone_id)
        password = phones.new_password(connection, phone_id, *done)
    return PasswordOut(id=phone_id, password=password)


@router.get("/trunks/{trunk_id}/orders", tags=["lines"])
def list_trunk_orders(asked: Asked, _who: Provider, trunk_id: TrunkId) -> list[OrderOut]:
    """What was done to a trunk, in the order of time. Staff only."""
    with asked.database.begin() as connection:
        try:
            trunks.find_trunk(connection, trunk_id)
        except PlaceError:
            raise Problem(Kind.NOT_FOUND) from None
        return [_out(row) for row in shared.orders(connection, "trunk", trunk_id)]


@router.get(PERSON + "/orders", tags=["people"])
def list_person_orders(asked: Asked, _who: PersonSeen, person_id: PersonId) -> list[OrderOut]:
    """What was done about a person's PIN and name, by staff and the person."""
    with asked.database.begin() as connection:
        return [_out(row) for row in orders.orders(connection, person_id)]


@router.post(PERSON + "/unlocking", status_code=204, tags=["people"])
def unlock_person(asked: Asked, who: PersonChanged, person_id: PersonId, why: Why) -> None:
    """Let a person try the PIN again at once, after too many wrong ones."""
    orders.unlock(asked.database, person_id, who.actor, why.note)


@router.post(PERSON + "/name-reset", status_code=204, tags=["people"])
def reset_name(asked: Asked, who: PersonChanged, person_id: PersonId, why: Why) -> None:
    """Have the name recorded again at the next call; what was recorded stays as evidence."""
    orders.reset_name(asked.database, person_id, who.actor, why.note)


@router.get("/facilities/{facility_id}/staff/{staff_id}/orders", tags=["staff"])
def list_staff_orders(
    asked: Asked, _who: Staff, facility_id: FacilityId, staff_id: StaffId
) -> list[StaffOrderOut]:
    """What was decided about somebody on the staff, in the order of time."""
    with asked.database.begin() as connection:
        if staff_id not in {one.id for one in staff.staff_of(connection, facility_id)}:
            raise Problem(Kind.NOT_FOUND)
        every = staff.orders_on(connection, staff_id)
    return [StaffOrderOut.model_validate(one, from_attributes=True) for one in every]


def _out(row: AnyRow) -> OrderOut:
    return OrderOut.model_validate(row, from_attributes=True)
