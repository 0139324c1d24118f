"""The calls that live, and cutting one off: a facility's for its staff, all for the provider's."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel

from api.context import Asked
from api.guard import Caller, everywhere, on_facility
from api.problems import Kind, Problem
from api.tokens import Scope
from api.words import FACILITY_ID, Body, Line
from calls import live, orders
from calls.orders import OrderError, OrderKind
from calls.states import State
from store.live_calls import LiveCall

router = APIRouter(tags=["calls"])
FacilityId = Annotated[str, Path(pattern=FACILITY_ID)]
CallId = Annotated[str, Path(pattern=r"^[A-Za-z0-9]{1,20}$")]
Watching = Annotated[Caller, Depends(on_facility(Scope.CALLS_WRITE))]
Provider = Annotated[Caller, Depends(everywhere(Scope.CALLS_WRITE))]


class LiveCallOut(BaseModel):
    """A call that hasn't ended.

    ``since``: off-hook; ``ends_at``: when its money or its own limit ends the talk.
    """

    id: str
    state: State
    facility_id: str
    person_id: str | None
    number: str | None
    since: datetime
    accepted_at: datetime | None
    ends_at: datetime | None


class CuttingOff(Body):
    """Why a call is ended: it is kept."""

    note: Line


class OrderOut(BaseModel):
    """What was ordered of a call. ``done_at``: when Asterisk was told; null: not yet."""

    call_id: str
    kind: OrderKind
    cause: str
    actor: str
    at: datetime
    done_at: datetime | None


@router.get("/facilities/{facility_id}/live-calls")
def list_live_calls(asked: Asked, _who: Watching, facility_id: FacilityId) -> list[LiveCallOut]:
    """The facility's calls that haven't ended, the oldest first."""
    with asked.database.begin() as connection:
        return [_out(one) for one in live.live_now(connection, facility_id)]


@router.post("/facilities/{facility_id}/live-calls/{call_id}/cut-off", status_code=201)
def cut_off_call(
    asked: Asked, who: Watching, facility_id: FacilityId, call_id: CallId, why: CuttingOff
) -> OrderOut:
    """End a call that rings or lasts, within seconds: both parties hear that it was ordered.

    A call is cut off once: whoever orders it again is told of the first order.
    """
    call_id = call_id.upper()
    with asked.database.begin() as connection:
        try:
            done = (why.note, who.actor, asked.clock())
            orders.cut_off(connection, call_id, *done, facility_id=facility_id)
        except OrderError:
            raise Problem(Kind.NOT_FOUND, f"no call {call_id} lives here") from None
        every = orders.orders(connection, call_id)
    (kept,) = [one for one in every if one.kind == OrderKind.CUT_OFF]
    return OrderOut.model_validate(kept, from_attributes=True)


@router.get("/live-calls")
def list_live_calls_everywhere(asked: Asked, _who: Provider) -> list[LiveCallOut]:
    """Every call that hasn't ended, the oldest first. Staff only."""
    with asked.database.begin() as connection:
        return [_out(one) for one in live.live_now(connection)]


def _out(one: LiveCall) -> LiveCallOut:
    """Who pays is none of a facility's business."""
    return LiveCallOut.model_validate(one, from_attributes=True)
