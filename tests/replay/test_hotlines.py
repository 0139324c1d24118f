"""A hotline at the prompt for the ID: nobody is identified, no call of ours is placed."""

from __future__ import annotations

from asterisk_conf.variables import CALL_PLAN
from calls.states import Cause
from custody.lines.hotlines import HotlineKind, add_hotline, switch_hotline
from store.types import now
from tests.builders import FACILITY
from tests.replay.person import answering
from tests.replay.stage import STRAIGHT, Stage


def has_hotline(stage: Stage, *, active: bool = True) -> None:
    with stage.database.begin() as connection:
        rule = (HotlineKind.CRISIS, "Crisis line", "test", now())
        add_hotline(connection, FACILITY, "711", "+12025550171", *rule)
        if not active:
            switch_hotline(connection, FACILITY, "711", False, "test", "moved", now())


def test_a_star_and_the_code_reach_a_hotline(any_stage: Stage) -> None:
    has_hotline(any_stage)
    call = any_stage.replay(answering({"enter-id": "*711#"}))
    assert call.caller.person.heard[-1] == "hotline-connecting"
    assert call.caller.variables[CALL_PLAN] == "hotline,711"
    assert not {"enter-pin", "calls-are-recorded"} & set(call.caller.person.heard)
    (row,) = [any_stage.cdr(call_id) for call_id in call.call_ids if call_id]
    assert (row.cause, row.person_id) == (Cause.NOT_IDENTIFIED, None)
    assert any_stage.findings() == []


def test_a_code_that_is_none_is_asked_for_again(any_stage: Stage) -> None:
    has_hotline(any_stage, active=False)
    call = any_stage.replay(answering({**STRAIGHT, "enter-id": f"*711# {STRAIGHT['enter-id']}"}))
    assert "not-understood" in call.caller.person.heard
    assert any_stage.ends_well(call).cause == Cause.CALLED_HUNG_UP
