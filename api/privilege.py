"""The registry of privileged numbers: a facility's own entries, and those that hold everywhere."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field

from api.context import Asked, Context
from api.guard import Caller, everywhere, on_facility
from api.list_words import Entry, OptionalLine, Until
from api.problems import Kind, Problem
from api.tokens import Scope
from api.words import FACILITY_ID, PERSON_ID, Body, Line, Number
from blocklists.privilege import entries, registry
from blocklists.privilege.attorneys import ID
from blocklists.privilege.registry import PrivilegeKind
from store.types import AnyRow

router = APIRouter(tags=["privilege"])

Reader = Annotated[Caller, Depends(on_facility(Scope.NUMBERS_READ))]
Writer = Annotated[Caller, Depends(on_facility(Scope.PRIVILEGE_WRITE))]
Provider = Annotated[Caller, Depends(everywhere(Scope.PRIVILEGE_WRITE))]
FacilityId = Annotated[str, Path(pattern=FACILITY_ID)]
AttorneyId = Annotated[str, Field(pattern=f"^{ID.pattern}$")]
OfNumber = Annotated[Number | None, Query()]
OfAttorney = Annotated[AttorneyId | None, Query()]


class Registering(Body):
    """A number to be registered. ``proof``: what was checked, and where it is on file."""

    number: Number
    proof: Line
    kind: PrivilegeKind = PrivilegeKind.ATTORNEY
    attorney_id: AttorneyId | None = None
    person_id: Annotated[str, Field(pattern=PERSON_ID)] | None = None
    expires_at: Until | None = None
    note: OptionalLine = ""


class RegisteredOut(BaseModel):
    """An entry. No facility: everywhere; no person: everybody."""

    id: int
    number: str
    kind: PrivilegeKind
    attorney_id: str | None
    facility_id: str | None
    person_id: str | None
    proof: str
    actor: str
    at: datetime
    expires_at: datetime | None
    note: str
    lifted_at: datetime | None
    lifted_by: str | None


@router.get("/facilities/{facility_id}/privileged-numbers")
def list_privileged(
    asked: Asked,
    _who: Reader,
    facility_id: FacilityId,
    number: OfNumber = None,
    attorney_id: OfAttorney = None,
    past: bool = False,
) -> list[RegisteredOut]:
    """The entries that bind here, the facility's own and those that hold everywhere.

    ``past``: also those that were lifted or have expired.
    """
    return _listed(asked, facility_id, number, attorney_id, past)


@router.post("/facilities/{facility_id}/privileged-numbers", status_code=201)
def add_privileged(
    asked: Asked, who: Writer, facility_id: FacilityId, new: Registering
) -> RegisteredOut:
    """Register a number here: live calls to it are recorded no longer, either."""
    return _register(asked, who, facility_id, new)


@router.post("/facilities/{facility_id}/privileged-numbers/{entry}/lifting")
def lift_privileged(
    asked: Asked, who: Writer, facility_id: FacilityId, entry: Entry
) -> RegisteredOut:
    """End an entry of this facility; what was said before stays privileged."""
    return _lift(asked, who, facility_id, entry)


@router.get("/privileged-numbers")
def list_privileged_everywhere(
    asked: Asked,
    _who: Provider,
    number: OfNumber = None,
    attorney_id: OfAttorney = None,
    past: bool = False,
) -> list[RegisteredOut]:
    """Every entry in force, each facility's own included; with ``past`` all. Staff only."""
    return _listed(asked, None, number, attorney_id, past)


@router.post("/privileged-numbers", status_code=201)
def add_privileged_everywhere(asked: Asked, who: Provider, new: Registering) -> RegisteredOut:
    """Register a number for every facility. Staff only."""
    return _register(asked, who, None, new)


@router.post("/privileged-numbers/{entry}/lifting")
def lift_privileged_everywhere(asked: Asked, who: Provider, entry: Entry) -> RegisteredOut:
    """End an entry, wherever it holds. Staff only."""
    return _lift(asked, who, None, entry)


def _listed(
    asked: Context, facility_id: str | None, number: str | None, attorney_id: str | None, past: bool
) -> list[RegisteredOut]:
    whose = {"facility_id": facility_id, "number": number, "attorney_id": attorney_id}
    with asked.database.begin() as connection:
        rows = entries.listed(connection, asked.clock(), **whose, past=past)
    return [_out(row) for row in rows]


def _register(
    asked: Context, who: Caller, facility_id: str | None, new: Registering
) -> RegisteredOut:
    entry = registry.Entry(**new.model_dump(), facility_id=facility_id)
    with asked.database.begin() as connection:
        made = registry.register(connection, entry, who.actor, asked.clock())
        return _out(entries.find(connection, made))


def _lift(asked: Context, who: Caller, facility_id: str | None, entry: int) -> RegisteredOut:
    """A facility ends its own: another's is as unknown as one that isn't there."""
    with asked.database.begin() as connection:
        found = entries.find(connection, entry)
        if found is None or facility_id not in (None, found.facility_id):
            raise Problem(Kind.NOT_FOUND)
        return _out(registry.lift(connection, entry, who.actor, asked.clock()))


def _out(row: AnyRow | None) -> RegisteredOut:
    return RegisteredOut.model_validate(row, from_attributes=True)
