"""What the layers ask of calls, for the staff of a facility; and why a call may be or may not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import Connection

from accounts.products import Party
from api.context import Asked
from api.guard import Caller, on_facility
from api.problems import Kind as Problems
from api.problems import Problem
from api.tokens import Scope
from api.words import FACILITY_ID, NAME_ID, PERSON_ID, Body, Line
from blocklists.policy import controls
from blocklists.policy.kinds import Kind
from blocklists.policy.reading import PolicyError
from blocklists.policy.rules import Layer
from calls.explaining import explain
from calls.reasons import PaidBy
from store.types import AnyRow

router = APIRouter(prefix="/facilities/{facility_id}", tags=["policy"])
LARGEST_ID = 2**31 - 1
KEYED = r"^[0-9+*#(). -]{1,30}$"
FacilityId = Annotated[str, Path(pattern=FACILITY_ID)]
ControlId = Annotated[int, Path(ge=1, le=LARGEST_ID)]
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
When = Annotated[AwareDatetime, Field(ge=EARLIEST, le=LATEST)]
Seen = Annotated[Caller, Depends(on_facility(Scope.POLICY_READ))]
Changed = Annotated[Caller, Depends(on_facility(Scope.POLICY_WRITE))]


class ControlOut(BaseModel):
    """What one layer asks of calls. ``lifted_at``: it is asked no more since then."""

    id: int
    layer: Layer
    subject: str
    kind: Kind
    value: bool | int | str | dict[str, int | str]
    actor: str
    at: datetime
    expires_at: datetime | None
    note: str
    lifted_at: datetime | None
    lifted_by: str | None


class NewControl(Body):
    """What is to be asked from the next call on. ``value`` as the command line takes it."""

    layer: Layer
    subject: Annotated[str, Field(pattern=r"^[A-Za-z0-9+(). _-]{1,60}$")]
    kind: Kind
    value: Annotated[str, Field(pattern=r"^[A-Za-z0-9:,_ -]{1,500}$")]
    expires_at: When | None = None
    note: Line


class StepOut(BaseModel):
    """A rule that was asked."""

    rule: str
    layer: str
    answer: str
    decided: bool


class ExplanationOut(BaseModel):
    """What the decision about a call would be, at a moment of the facility's zone.

    ``code``, ``sentence``: of the refusal, and what the line says for it; null: it may be.
    """

    at: datetime
    code: int | None
    reason: str | None
    sentence: str | None
    recorded: bool
    privileged: bool
    limit_seconds: int
    steps: list[StepOut]


@router.get("/controls")
def list_controls(
    asked: Asked, _who: Seen, facility_id: FacilityId, history: bool = False
) -> list[ControlOut]:
    """The controls of the facility, its units, phones and people; and of numbers, for all."""
    with asked.database.begin() as connection:
        rows = controls.of_facility(connection, facility_id, asked.clock(), history=history)
    return [_out(row) for row in rows]


@router.post("/controls", status_code=201)
def set_control(asked: Asked, who: Changed, facility_id: FacilityId, new: NewControl) -> ControlOut:
    """Ask it of every call from now on, in place of the layer's control of this kind.

    A number's controls bind every facility: only the provider's staff set them.
    """
    at = asked.clock()
    with asked.database.begin() as connection:
        _must_be_theirs(who, facility_id, controls.facility_of(connection, new.layer, new.subject))
        control_id = controls.set_control(
            connection,
            new.layer,
            new.subject,
            new.kind,
            new.value,
            who.actor,
            new.note,
            at,
            new.expires_at,
        )
        row = controls.find(connection, control_id)
    assert row is not None
    return _out(row)


@router.post("/controls/{entry}/lifting")
def lift_control(
    asked: Asked, who: Changed, facility_id: FacilityId, entry: ControlId
) -> ControlOut:
    """Ask it no more, from the next call on. It stays in the history."""
    with asked.database.begin() as connection:
        row = controls.find(connection, entry)
        if row is None:
            raise Problem(Problems.NOT_FOUND)
        layer = Layer(row.layer)
        _must_be_theirs(who, facility_id, controls.facility_of(connection, layer, row.subject))
        if row.lifted_at is None:
            controls.lift(connection, entry, who.actor, asked.clock())
        row = controls.find(connection, entry)
    assert row is not None
    return _out(row)


@router.get("/explanation")
def explain_call(
    asked: Asked,
    _who: Seen,
    facility_id: FacilityId,
    person: Annotated[str, Query(pattern=PERSON_ID)],
    phone: Annotated[str, Query(pattern=NAME_ID)],
    to: Annotated[str, Query(pattern=KEYED)],
    at: When | None = None,
    paid_by: PaidBy = PaidBy.CALLED,
) -> ExplanationOut:
    """Every rule that is asked for a call, its answer, and which decides; nothing is kept."""
    with asked.database.begin() as connection:
        for layer, subject in ((Layer.PERSON, person), (Layer.PHONE, phone)):
            if _home(connection, layer, subject) != facility_id:
                raise Problem(Problems.NOT_FOUND, f"there is no {layer} {subject!r} here")
    keyed = "".join(key for key in to if key not in " -.()")
    when = at or asked.clock()
    found = explain(asked.database, person, phone, keyed, when, paid_by, asked.call)
    one = found.decision
    return ExplanationOut(
        at=found.at,
        code=one.reason.code if one.reason else None,
        reason=one.reason.name.lower() if one.reason else None,
        sentence=asked.sentence(one.reason) if one.reason else None,
        recorded=one.recorded,
        privileged=one.privileged,
        limit_seconds=one.limit_seconds,
        steps=[StepOut(**vars(step)) for step in found.steps],
    )


def _home(connection: Connection, layer: Layer, subject: str) -> str | None:
    try:
        return controls.facility_of(connection, layer, subject)
    except PolicyError:
        return None


def _must_be_theirs(who: Caller, facility_id: str, home: str | None) -> None:
    """Another facility's is as unknown as what doesn't exist."""
    if home is None and who.token.role is not Party.STAFF:
        raise Problem(Problems.NOT_ALLOWED, "a number's controls are the provider's to set")
    if home not in (None, facility_id):
        raise Problem(Problems.NOT_FOUND)


def _out(row: AnyRow) -> ControlOut:
    return ControlOut(**{name: getattr(row, name) for name in ControlOut.model_fields})
