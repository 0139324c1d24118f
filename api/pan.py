"""The numbers that a person in custody may call (PAN), for the facility's staff."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from api.context import Asked
from api.guard import Caller, on_facility, on_person
from api.list_words import (
    Entry,
    EntryOut,
    ListFile,
    OptionalLine,
    TakenOut,
    Until,
    entry_out,
    taken_out,
)
from api.problems import Kind, Problem
from api.tokens import Scope
from api.words import Body, Number
from blocklists import files, pan_orders

router = APIRouter(prefix="/facilities/{facility_id}", tags=["numbers"])
Reader = Annotated[Caller, Depends(on_person(Scope.NUMBERS_READ))]
Writer = Annotated[Caller, Depends(on_person(Scope.NUMBERS_WRITE))]
OfAll = Annotated[Caller, Depends(on_facility(Scope.NUMBERS_READ))]
ToAll = Annotated[Caller, Depends(on_facility(Scope.NUMBERS_WRITE))]
LIST = "/people/{person_id}/numbers"


class Asking(Body):
    """A number that the person wants to call. ``approved``: it may be called at once.

    ``expires_at``: when it leaves the list; only for what is approved.
    """

    number: Number
    relationship: OptionalLine = ""
    note: OptionalLine = ""
    approved: bool = False
    expires_at: Until | None = None


class Deciding(Body):
    """Whether the person may call it."""

    approved: bool


class PanFile(Body):
    """A list file: person,number or person,number,relationship a line."""

    text: ListFile


class PanOut(BaseModel):
    """A person's list with its history, oldest first. ``maximum``: how many places it has."""

    maximum: int
    entries: list[EntryOut]


@router.get(LIST)
def show_numbers(asked: Asked, _who: Reader, person_id: str) -> PanOut:
    """The person's list with its whole history."""
    with asked.database.begin() as connection:
        maximum = pan_orders.maximum_of(connection, person_id, asked.clock())
        found = pan_orders.entries(connection, person_id)
    return PanOut(maximum=maximum, entries=[entry_out(row) for row in found])


@router.post(LIST, status_code=201)
def ask_for_number(asked: Asked, who: Writer, person_id: str, body: Asking) -> EntryOut:
    """Ask for a number on the person's list, or put it there at once."""
    if body.expires_at is not None and not body.approved:
        raise Problem(Kind.INVALID, "expires_at is for a number that is approved at once")
    done = (who.actor, asked.clock(), body.relationship, body.note)
    with asked.database.begin() as connection:
        asks = (connection, person_id, body.number, *done)
        if body.approved:
            entry = pan_orders.add(*asks, body.expires_at)
        else:
            entry = pan_orders.request(*asks)
        return entry_out(pan_orders.one(connection, person_id, entry))


@router.post(LIST + "/{entry}/decision")
def decide_number(
    asked: Asked, who: Writer, person_id: str, entry: Entry, body: Deciding
) -> EntryOut:
    """Say yes or no to a number that was asked for."""
    decide = pan_orders.approve if body.approved else pan_orders.refuse
    with asked.database.begin() as connection:
        return entry_out(decide(connection, person_id, entry, who.actor, asked.clock()))


@router.post(LIST + "/{entry}/removal")
def remove_number(asked: Asked, who: Writer, person_id: str, entry: Entry) -> EntryOut:
    """Take a number off the person's list."""
    with asked.database.begin() as connection:
        done = pan_orders.remove(connection, person_id, entry, who.actor, asked.clock())
        return entry_out(done)


@router.get("/requested-numbers")
def list_requested(asked: Asked, _who: OfAll, facility_id: str) -> list[EntryOut]:
    """What the facility's people have asked for and nobody has decided, oldest first."""
    with asked.database.begin() as connection:
        return [entry_out(row) for row in pan_orders.requested(connection, facility_id)]


@router.post("/people-numbers/import")
def import_numbers(asked: Asked, who: ToAll, facility_id: str, body: PanFile) -> TakenOut:
    """Put every line's number on its person's list: the whole file or nothing of it."""
    content = body.text.encode()
    with asked.database.begin() as connection:
        done = files.add_to_pans(connection, content, who.actor, asked.clock(), facility_id)
    return taken_out(done)
