"""A facility's month, for the facility."""

from __future__ import annotations

import io
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, Field

from api.context import Asked, Context
from api.guard import Caller, on_facility
from api.tokens import Scope
from api.words import FACILITY_ID, MONTH, Body
from billing import site
from billing.site import SiteRow
from custody import facilities

router = APIRouter(prefix="/facilities", tags=["facilities"])

LONGEST_SECONDS = 86_400
MOST_MINUTES = 1440
FacilityId = Annotated[str, Path(pattern=FACILITY_ID)]


class FacilityOut(BaseModel):
    """A facility. ``daily_minutes``: null for no limit; ``caller_id``: empty for our own."""

    id: str
    name: str
    facility_type: str
    state: str
    timezone: str
    longest_call_seconds: int
    records: bool
    records_name: bool
    overlay_seconds: int
    daily_minutes: int | None
    ends_live_calls: bool
    caller_id: str


class FacilityChange(Body):
    """What is to change; what isn't sent stays. 0 daily minutes take the limit away."""

    records_name: bool | None = None
    overlay_seconds: Annotated[int | None, Field(ge=0, le=LONGEST_SECONDS)] = None
    daily_minutes: Annotated[int | None, Field(ge=0, le=MOST_MINUTES)] = None
    ends_live_calls: bool | None = None
    caller_id: Annotated[str | None, Field(pattern=r"^([0-9]{3,15})?$")] = None


class ReportFormat(StrEnum):
    """How a report is answered."""

    JSON = "json"
    CSV = "csv"


class PaidOut(BaseModel):
    """What the facility was paid for the month, in whole cents."""

    cents: int
    key: str
    at: datetime
    note: str


class ReportOut(BaseModel):
    """A facility's month, in whole cents. ``final``: its books are closed."""

    facility_id: str
    name: str
    month: str
    final: bool
    rows: list[SiteRow]
    total: SiteRow
    collected_cents: int
    paid_cents: int
    payments: list[PaidOut]


@router.get("/{facility_id}")
def show_facility(
    asked: Asked,
    _who: Annotated[Caller, Depends(on_facility(Scope.PEOPLE_READ))],
    facility_id: FacilityId,
) -> FacilityOut:
    """The facility, and what was set for it."""
    return _facility(asked, facility_id)


@router.patch("/{facility_id}")
def change_facility(
    asked: Asked,
    who: Annotated[Caller, Depends(on_facility(Scope.POLICY_WRITE))],
    facility_id: FacilityId,
    new: FacilityChange,
) -> FacilityOut:
    """Change what holds for all its calls, from the next one on."""
    facilities.set_facility(asked.database, facility_id, new.model_dump(), who.actor, who.why)
    return _facility(asked, facility_id)


def _facility(asked: Context, facility_id: str) -> FacilityOut:
    with asked.database.begin() as connection:
        row = facilities.find_facility(connection, facility_id)
    return FacilityOut.model_validate(row, from_attributes=True)


@router.get(
    "/{facility_id}/reports/{month}",
    response_model=ReportOut,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def show_report(
    asked: Asked,
    _who: Annotated[Caller, Depends(on_facility(Scope.REPORTS_READ))],
    facility_id: FacilityId,
    month: Annotated[str, Path(pattern=MONTH)],
    kind: Annotated[ReportFormat, Query(alias="format")] = ReportFormat.JSON,
) -> ReportOut | Response:
    """The facility's calls and what they brought, by product and jurisdiction; no account."""
    with asked.database.begin() as connection:
        found = site.report(connection, facility_id, month)
    if kind is ReportFormat.CSV:
        out = io.StringIO()
        site.write_csv(found, out)
        return Response(out.getvalue(), media_type="text/csv")
    return ReportOut.model_validate(found, from_attributes=True)
