"""Somebody hangs up, at every command of every script: one CDR, no hold, nobody left alone."""

from __future__ import annotations

import pytest

from asterisk_conf.variables import CALL_ID, CALL_PLAN, PLAN_END
from calls.ending import CALLER, Ending, end
from calls.states import Cause
from tests.replay.dialplan import Dialplan
from tests.replay.happening import Outcome
from tests.replay.line import HANG_UPS, Fault
from tests.replay.stage import Stage
from tests.replay.ways import walk, way

CASES = [
    ("straight", "caller"),
    ("straight", "called"),
    ("straight", "ended caller"),
    ("straight", "ended called"),
    ("detours", "caller"),
    ("detours", "called"),
    ("refused", "caller"),
    ("unknown", "caller"),
    ("declined", "called"),
    ("declined", "over"),
    ("straight", "over"),
    ("silent", "called"),
    ("busy", "unanswered"),
    ("spanish", "caller"),
    ("spanish", "called"),
    ("first use", "caller"),
    ("name", "caller"),
    ("own money", "caller"),
    ("own money", "called"),
    ("more", "caller"),
    ("again", "over"),
    ("another", "caller"),
    ("block", "called"),
    ("fax", "machine"),
]


@pytest.mark.parametrize(("name", "script"), CASES)
def test_a_hang_up_at_every_command(stage: Stage, name: str, script: str) -> None:
    places = len(walk(stage, name, {}).commands[script])
    for place in range(places):
        kinds = HANG_UPS if name == "straight" else HANG_UPS[place % 3 :][:1]
        for kind in kinds:
            call = walk(stage, name, {(script, place): kind})
            hung_up(stage, call, script, place)
    assert stage.findings() == []


def hung_up(stage: Stage, call: Outcome, script: str, place: int) -> None:
    """No script failed, and one CDR names who left."""
    assert all(call.finished.values()), place
    assert stage.sweep() == []
    if (script, place) == ("caller", 0):
        # The channel never came to carry the call's id: the script itself has ended the call.
        assert stage.findings() == []
        return
    cdr = stage.ends_well(call)
    if script in ("caller", "called"):
        assert "talking" not in cdr.states
        assert cdr.charged_cents == 0
    if cdr.cause in (Cause.CALLER_HUNG_UP, Cause.CALLED_HUNG_UP) and script in ("caller", "called"):
        assert cdr.cause == f"{script}_hung_up"


@pytest.mark.parametrize("both", [False, True], ids=["caller", "both"])
@pytest.mark.parametrize("lag", [0, 1, 4])
@pytest.mark.parametrize("name", ["straight", "declined"])
def test_the_caller_leaves_at_every_command_of_the_menu(
    stage: Stage, name: str, lag: int, both: bool
) -> None:
    def leave(call: Dialplan) -> None:
        call.caller_leaves()
        if both:
            call.called.hang_up(call.called.channel)

    for place in range(len(walk(stage, name, {}).commands["called"])):
        caller, called, how = way(name)
        how.at, how.redirect_lag = {("called", place): leave}, lag
        call = stage.replay(caller, called, how)
        cdr = stage.ends_well(call)
        assert cdr.cause in (Cause.CALLER_HUNG_UP, Cause.DECLINED)
        assert (cdr.charged_cents, call.called.joined) == (0, False)
        assert both or call.called.person.heard[-1] == "caller-hung-up"
        assert all(call.finished.values())
    assert stage.sweep() == []
    assert stage.findings() == []


def test_a_caller_who_left_before_the_decision_is_not_decided_about(any_stage: Stage) -> None:
    def end_it(call: Dialplan) -> None:
        known = call.caller.variables[CALL_ID]
        assert end(any_stage.database, known, Ending(CALLER, any_stage.clock.now()))

    confirming = len(walk(any_stage, "straight", {}).commands["caller"]) - 2
    call = walk(any_stage, "straight", {("caller", confirming): end_it})
    assert call.finished["caller"]
    assert call.caller.variables[CALL_PLAN] == PLAN_END
    assert not call.was_called
    assert "authorized" not in any_stage.cdr(call.call_id).states
    assert any_stage.findings() == []


@pytest.mark.parametrize("script", ["caller", "called"])
def test_hanging_up_on_postgresql(any_stage: Stage, script: str) -> None:
    for place in (1, 4, len(walk(any_stage, "straight", {}).commands[script]) - 1):
        call = walk(any_stage, "straight", {(script, place): Fault.HANG_UP})
        assert any_stage.ends_well(call).cause == f"{script}_hung_up"
    assert any_stage.findings() == []
