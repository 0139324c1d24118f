"""A facility's month, for the facility."""

from __future__ import annotations

import io
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel

from api.context import Asked
from api.guard import Caller, on_facility
from api.tokens import Scope
from api.words import FACILITY_ID, MONTH
from billing import site
from billing.site import SiteRow

router = APIRouter(prefix="/facilities", tags=["facilities"])


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


@router.get(
    "/{facility_id}/reports/{month}",
    response_model=ReportOut,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def show_report(
    asked: Asked,
    _who: Annotated[Caller, Depends(on_facility(Scope.REPORTS_READ))],
    facility_id: Annotated[str, Path(pattern=FACILITY_ID)],
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
