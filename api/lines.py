"""A facility's phones and hotlines."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from api.context import Asked
from api.guard import Caller, on_facility
from api.problems import Kind, Problem
from api.tokens import Scope
from api.words import FACILITY_ID, NAME_ID, Body, Line, Number
from custody.lines import hotlines, phones
from custody.lines.hotlines import HotlineKind
from custody.lines.phones import Phone
from custody.places import PlaceError
from store.types import AnyRow

router = APIRouter(prefix="/facilities/{facility_id}", tags=["lines"])

FacilityId = Annotated[str, Path(pattern=FACILITY_ID)]
PhoneId = Annotated[str, Path(pattern=NAME_ID)]
CODE = r"^[0-9]{2,6}$"
Code = Annotated[str, Path(pattern=CODE)]
Changed = Annotated[Caller, Depends(on_facility(Scope.LINES_WRITE))]
Codecs = Annotated[str, Field(pattern=r"^[a-z0-9]{4}(,[a-z0-9]{4}){0,2}$")]
Addresses = Annotated[str, Field(pattern=r"^[0-9./, ]{0,200}$")]
Transport = Literal["udp", "tcp", "tls"]


class PhoneOut(BaseModel):
    """A phone, without its password."""

    id: str
    unit_id: str | None
    label: str
    transport: Transport
    encrypts: bool
    codecs: str
    addresses: str
    active: bool


class Described(Body):
    """How a phone is reached, and from where it may come (nowhere said: anywhere)."""

    unit_id: Annotated[str | None, Field(pattern=NAME_ID)] = None
    label: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f-\x9f]{0,80}$")] = ""
    transport: Transport = "udp"
    encrypts: bool = False
    codecs: Codecs = "ulaw,alaw"
    addresses: Addresses = ""


class NewPhone(Described):
    """A phone to be added; its id is of its own among all facilities."""

    id: Annotated[str, Field(pattern=NAME_ID)]


class ChangedPhone(Described):
    """A phone described anew, and why."""

    note: Line


class AddedPhone(PhoneOut):
    """A phone with its SIP password, which is told this once."""

    password: str


class Switch(Body):
    """Whether it is in use from now on, and why."""

    active: bool
    note: Line


class HotlineOut(BaseModel):
    """A number that the facility's phones reach without PIN or money."""

    code: str
    number: str
    kind: HotlineKind
    name: str
    active: bool


class NewHotline(Body):
    """A hotline to be added."""

    code: Annotated[str, Field(pattern=CODE)]
    number: Number
    kind: HotlineKind
    name: Annotated[Line, Field(max_length=hotlines.LONGEST_NAME)]


class HotlineCallOut(BaseModel):
    """That a phone called a hotline. Who called is known to nobody."""

    phone_id: str
    code: str
    number: str
    began_at: datetime
    ended_at: datetime
    talk_ms: int | None
    outcome: str


@router.get("/phones")
def list_phones(asked: Asked, _who: Changed, facility_id: FacilityId) -> list[PhoneOut]:
    """The facility's phones."""
    with asked.database.begin() as connection:
        return [_out(row) for row in phones.phones_of(connection, facility_id)]


@router.post("/phones", status_code=201)
def add_phone(asked: Asked, who: Changed, facility_id: FacilityId, new: NewPhone) -> AddedPhone:
    """Add a phone. Asterisk knows it within seconds."""
    phone = Phone(facility_id=facility_id, **new.model_dump())
    with asked.database.begin() as connection:
        password = phones.add_phone(connection, phone, who.actor, asked.clock())
        kept = _out(phones.find_phone(connection, phone.id))
    return AddedPhone(**kept.model_dump(), password=password)


@router.put("/phones/{phone_id}")
def change_phone(
    asked: Asked, who: Changed, facility_id: FacilityId, phone_id: PhoneId, new: ChangedPhone
) -> PhoneOut:
    """Describe a phone anew."""
    phone = Phone(phone_id, facility_id, **new.model_dump(exclude={"note"}))
    with asked.database.begin() as connection:
        must_be_here(connection, facility_id, phone_id)
        phones.change_phone(connection, phone, who.actor, new.note, asked.clock())
        return _out(phones.find_phone(connection, phone_id))


@router.put("/phones/{phone_id}/active")
def switch_phone(
    asked: Asked, who: Changed, facility_id: FacilityId, phone_id: PhoneId, new: Switch
) -> PhoneOut:
    """Switch a phone on or off, from the next call on; hotlines are reached all the same."""
    done = (who.actor, new.note, asked.clock())
    with asked.database.begin() as connection:
        must_be_here(connection, facility_id, phone_id)
        phones.switch_phone(connection, phone_id, new.active, *done)
        return _out(phones.find_phone(connection, phone_id))


@router.get("/hotlines")
def list_hotlines(asked: Asked, _who: Changed, facility_id: FacilityId) -> list[HotlineOut]:
    """The facility's hotlines, those that were taken away included."""
    with asked.database.begin() as connection:
        found = hotlines.every_hotline(connection, facility_id)
    return [HotlineOut.model_validate(row, from_attributes=True) for row in found]


@router.post("/hotlines", status_code=201)
def add_hotline(asked: Asked, who: Changed, facility_id: FacilityId, new: NewHotline) -> HotlineOut:
    """Have a code reach a number from every phone of the facility."""
    given = (new.code, new.number, new.kind, new.name)
    with asked.database.begin() as connection:
        hotlines.add_hotline(connection, facility_id, *given, who.actor, asked.clock())
        return _hotline(connection, facility_id, new.code)


@router.put("/hotlines/{code}/active")
def switch_hotline(
    asked: Asked, who: Changed, facility_id: FacilityId, code: Code, new: Switch
) -> HotlineOut:
    """Take a hotline away, or give it back."""
    done = (who.actor, new.note, asked.clock())
    with asked.database.begin() as connection:
        if code not in {row.code for row in hotlines.every_hotline(connection, facility_id)}:
            raise Problem(Kind.NOT_FOUND)
        hotlines.switch_hotline(connection, facility_id, code, new.active, *done)
        return _hotline(connection, facility_id, code)


@router.get("/hotline-calls")
def list_hotline_calls(
    asked: Asked, _who: Changed, facility_id: FacilityId
) -> list[HotlineCallOut]:
    """The latest calls from the facility's phones to its hotlines."""
    with asked.database.begin() as connection:
        found = hotlines.calls_of(connection, facility_id)
    return [HotlineCallOut.model_validate(row, from_attributes=True) for row in found]


def must_be_here(connection: Connection, facility_id: str, phone_id: str) -> None:
    """Another facility's phone is as unknown as one that doesn't exist."""
    try:
        found = phones.find_phone(connection, phone_id)
    except PlaceError:
        raise Problem(Kind.NOT_FOUND) from None
    if found.facility_id != facility_id:
        raise Problem(Kind.NOT_FOUND)


def _out(row: AnyRow) -> PhoneOut:
    return PhoneOut.model_validate(row, from_attributes=True)


def _hotline(connection: Connection, facility_id: str, code: str) -> HotlineOut:
    every = hotlines.every_hotline(connection, facility_id)
    (row,) = [row for row in every if row.code == code]
    return HotlineOut.model_validate(row, from_attributes=True)
