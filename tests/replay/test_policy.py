"""What the caller hears when a layer refuses, and how the hours end a talk."""

from __future__ import annotations

import pytest

from blocklists.policy import controls
from blocklists.policy.kinds import Kind
from blocklists.policy.rules import Layer
from calls.reasons import Reason
from calls.states import Cause
from store.types import now
from tests.builders import FACILITY, PERSON
from tests.replay.stage import Stage

REFUSALS = [
    (Kind.CALLS, "off", Reason.CALLS_OFF, "refused-calls-off"),
    (Kind.HOURS, "02:00-03:00", Reason.OUTSIDE_HOURS, "refused-outside-hours"),
    (Kind.PAN, "allow_list", Reason.NOT_ON_LIST, "refused-not-on-list"),
    (Kind.PAN, "self_learning 0", Reason.LIST_FULL, "refused-list-full"),
    (Kind.CALLS_PER_DAY, "0", Reason.TOO_MANY_CALLS, "refused-too-many-calls"),
    (Kind.MINUTES_PER_WEEK, "0", Reason.NO_TIME_LEFT, "refused-no-time-left"),
    (Kind.ATTEMPTS, "0 in 60", Reason.BLOCKED_VELOCITY, "refused-blocked-velocity"),
    (Kind.REFUSALS, "0 in 60", Reason.TOO_MANY_ATTEMPTS, "refused-too-many-attempts"),
]


def ask(stage: Stage, kind: Kind, written: str, layer: Layer, subject: str) -> None:
    """Set a control."""
    with stage.database.begin() as connection:
        controls.set_control(connection, layer, subject, kind, written, "kim", "test", now())


@pytest.mark.parametrize(("kind", "written", "reason", "sentence"), REFUSALS)
def test_a_refusal_is_explained(
    stage: Stage, kind: Kind, written: str, reason: Reason, sentence: str
) -> None:
    ask(stage, kind, written, Layer.PERSON, PERSON)
    call = stage.replay()
    cdr = stage.ends_well(call)
    assert (cdr.cause, cdr.refusal_code) == (Cause.REFUSED, reason.code)
    assert sentence in call.caller.person.heard
    assert call.called_legs == []
    assert stage.findings() == []


def test_a_pause_is_asked_for(stage: Stage) -> None:
    ask(stage, Kind.PAUSE_SECONDS, "3600", Layer.FACILITY, FACILITY)
    assert stage.ends_well(stage.replay()).charged_cents == 11
    again = stage.replay()
    assert stage.ends_well(again).refusal_code == Reason.TOO_SOON.code
    assert "refused-too-soon" in again.caller.person.heard
