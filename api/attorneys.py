"""Lawyers, and whole offices with their privileged numbers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from api.context import Asked, Context
from api.guard import Caller
from api.list_words import ListFile, OptionalLine
from api.privilege import FacilityId, Provider, Writer
from api.words import Body, Line
from blocklists.privilege import attorneys, office
from blocklists.privilege.attorneys import ID, LANGUAGES, LONGEST_NAME, Attorney
from store.types import AnyRow

router = APIRouter(tags=["privilege"])

AttorneyPath = Annotated[str, Path(pattern=f"^{ID.pattern}$")]
Name = Annotated[Line, Field(max_length=LONGEST_NAME)]


class OfficeIn(Body):
    """An office's lawyers and numbers: the table of ``docs/privilege.md``, as text."""

    office: Name
    csv: ListFile


class OfficeOut(BaseModel):
    """What the table has changed."""

    attorneys: int
    registered: int
    unchanged: int


class AttorneyIn(Body):
    """A lawyer. Bar state and number are empty for clergy, doctors, consulates."""

    name: Name
    office: OptionalLine = ""
    bar_state: Annotated[str, Field(pattern=r"^([A-Z]{2})?$")] = ""
    bar_number: Annotated[OptionalLine, Field(max_length=40)] = ""
    email: Annotated[str, Field(pattern=r"^([!-?A-~]+@[!-?A-~]+\.[!-?A-~]+)?$", max_length=120)] = (
        ""
    )
    language: Annotated[str, Field(pattern=f"^({'|'.join(LANGUAGES)})$")] = "en"


class AttorneyOut(AttorneyIn):
    """A lawyer, as known."""

    id: str


@router.post("/facilities/{facility_id}/privileged-numbers/office")
def register_office_here(
    asked: Asked, who: Writer, facility_id: FacilityId, table: OfficeIn
) -> OfficeOut:
    """Register an office at this facility, whole or not at all."""
    return _office(asked, who, facility_id, table)


@router.post("/privileged-numbers/office")
def register_office_everywhere(asked: Asked, who: Provider, table: OfficeIn) -> OfficeOut:
    """Register an office for every facility, whole or not at all. Staff only."""
    return _office(asked, who, None, table)


@router.get("/attorneys")
def list_attorneys(asked: Asked, _who: Provider) -> list[AttorneyOut]:
    """Every lawyer, by office. Staff only."""
    with asked.database.begin() as connection:
        return [_attorney(row) for row in attorneys.listed(connection)]


@router.put("/attorneys/{attorney_id}")
def keep_attorney(
    asked: Asked, who: Provider, attorney_id: AttorneyPath, known: AttorneyIn
) -> AttorneyOut:
    """Add a lawyer, or change one. Staff only."""
    one = Attorney(attorney_id, **known.model_dump())
    with asked.database.begin() as connection:
        attorneys.add(connection, one, who.actor, asked.clock())
        return _attorney(attorneys.find(connection, attorney_id))


def _office(asked: Context, who: Caller, facility_id: str | None, table: OfficeIn) -> OfficeOut:
    data, at = table.csv.encode(), asked.clock()
    with asked.database.begin() as connection:
        taken = office.register_office(connection, data, table.office, who.actor, at, facility_id)
    return OfficeOut.model_validate(taken, from_attributes=True)


def _attorney(row: AnyRow | None) -> AttorneyOut:
    return AttorneyOut.model_validate(row, from_attributes=True)
