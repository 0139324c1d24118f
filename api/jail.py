"""What a jail's own system tells of people, by JSON or CSV."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi import Body as RequestBody
from pydantic import BaseModel, Field

from api.context import Asked, Context
from api.guard import Caller, on_facility
from api.tokens import Scope
from api.words import FACILITY_ID, NAME_ID, Body
from custody.jail import reading, taking
from custody.jail.events import Kind
from custody.jail.kept import Outcome
from custody.jail.reading import Batch

router = APIRouter(prefix="/facilities/{facility_id}/jail-events", tags=["people"])

MOST_AT_ONCE = 1000
Told = Annotated[Caller, Depends(on_facility(Scope.PEOPLE_WRITE))]
FacilityId = Annotated[str, Path(pattern=FACILITY_ID)]


class EventIn(Body):
    """One event. ``event_id`` is the sender's own: the same one again changes nothing.

    ``booked`` needs facility and name, ``moved`` needs unit or facility, others take neither.
    ``at`` is ISO 8601 with an offset.
    """

    event_id: str
    kind: Kind
    person: str
    at: str
    facility: str | None = None
    unit: str | None = None
    name: str | None = None
    note: str | None = None


class EventsIn(Body):
    """Events out of one system, whole or not at all, in any order."""

    source: Annotated[str, Field(pattern=NAME_ID)]
    events: Annotated[list[EventIn], Field(max_length=MOST_AT_ONCE)]


class TakenOut(BaseModel):
    """What became of one event. ``number``: its place in the list, or its line in the table."""

    number: int
    event_id: str
    kind: Kind
    person: str
    outcome: Outcome
    detail: str


class ReportOut(BaseModel):
    """What became of all of them: how many of each outcome, and each one."""

    source: str
    counts: dict[Outcome, int]
    events: list[TakenOut]


@router.post("")
def tell_events(asked: Asked, who: Told, facility_id: FacilityId, new: EventsIn) -> ReportOut:
    """Tell what happened to the facility's people. 422 names every bad event; then none counts."""
    events = (one.model_dump() for one in new.events)
    return _take(asked, who, facility_id, reading.read_objects(events, new.source, asked.clock()))


@router.post("/{source}/csv")
def tell_table(
    asked: Asked,
    who: Told,
    facility_id: FacilityId,
    source: Annotated[str, Path(pattern=NAME_ID)],
    table: Annotated[str, RequestBody(media_type="text/csv")],
) -> ReportOut:
    """The same as a table: the first line names its columns, as the fields of an event."""
    return _take(asked, who, facility_id, reading.read_csv(table, source, asked.clock()))


def _take(asked: Context, who: Caller, facility_id: str, batch: Batch) -> ReportOut:
    with asked.database.begin() as connection:
        report = taking.take(connection, batch, who.actor, asked.clock(), only=facility_id)
    every = [
        TakenOut(
            number=one.number,
            event_id=one.event.event_id,
            kind=one.event.kind,
            person=one.event.person_id,
            outcome=one.outcome,
            detail=one.detail,
        )
        for one in report.taken
    ]
    counts = {outcome: report.count(outcome) for outcome in Outcome}
    return ReportOut(source=report.source, counts=counts, events=every)
