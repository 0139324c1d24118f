"""Another call from the same off-hook, without a new PIN: a call of its own each time."""

from __future__ import annotations

import pytest

from calls.states import Cause
from store.tables import calls, persons
from tests.builders import DIALLED, balance, open_account
from tests.replay.dialplan import Dialplan
from tests.replay.happening import Happening
from tests.replay.person import answering
from tests.replay.stage import MENU, STRAIGHT, Stage


@pytest.mark.parametrize("ended_by", ["called", "limit"])
def test_the_same_number_again(any_stage: Stage, ended_by: str) -> None:
    talk_ms = 10_000_000 if ended_by == "limit" else 61_500
    call = any_stage.replay(
        answering({**STRAIGHT, "next-call": "1 w"}),
        answering({MENU: "1 1"}),
        Happening(talk_ms=talk_ms),
    )
    any_stage.ends_well(call)
    first, second = (any_stage.cdr(call_id) for call_id in call.call_ids)
    assert (first.number, first.charged_cents) == (second.number, second.charged_cents)
    assert call.caller.person.heard.count("enter-pin") == 1
    assert call.caller.person.heard.count("confirm-number-1") == 1
    assert balance(any_stage.database).balance_cents == 2000 - 2 * first.charged_cents
    assert any_stage.findings() == []


def test_a_following_call_names_the_one_before(stage: Stage) -> None:
    call = stage.replay(answering({**STRAIGHT, "next-call": "2 w"}))
    with stage.database.begin() as connection:
        row = connection.execute(calls.select().where(calls.c.id == call.call_ids[1])).one()
    assert row.follows == call.call_ids[0]
    assert stage.cdr(call.call_ids[1]).person_id == stage.cdr(call.call_ids[0]).person_id


def test_another_number_after_each_way_a_call_can_end(stage: Stage) -> None:
    open_account(stage.database, "other", "+12125550102", cents=500)
    numbers = {**STRAIGHT, "enter-number": f"911# {DIALLED}# 2125550102#"}
    numbers |= {"next-call-other": "2", "next-call": "2 w"}
    call = stage.replay(answering(numbers), answering({MENU: "3 1"}))
    stage.ends_well(call)
    causes = [stage.cdr(call_id).cause for call_id in call.call_ids]
    assert causes == [Cause.REFUSED, Cause.DECLINED, Cause.CALLED_HUNG_UP]
    assert stage.findings() == []


@pytest.mark.parametrize("status", ["BUSY", "NOANSWER", "CONGESTION"])
def test_again_after_a_number_that_did_not_answer(stage: Stage, status: str) -> None:
    how = Happening(dial=status, cause="", most_calls=2)
    call = stage.replay(answering({**STRAIGHT, "next-call": "1"}), happening=how)
    stage.ends_well(call)
    causes = [stage.cdr(call_id).cause for call_id in call.call_ids]
    assert causes[0] == causes[1]
    assert causes[2] == Cause.CALLER_HUNG_UP
    assert stage.findings() == []


def test_nobody_is_offered_to_be_refused_for_ever(stage: Stage) -> None:
    refused = {**STRAIGHT, "enter-number": "911#", "next-call-other": "2"}
    call = stage.replay(answering(refused))
    assert stage.ends_well(call).cause == Cause.REFUSED
    assert len(call.call_ids) == 5
    assert call.caller.person.heard[-2:] == ["too-many-tries", "goodbye"]


def test_a_wrong_key_is_told_once_and_then_it_is_goodbye(stage: Stage) -> None:
    call = stage.replay(answering({**STRAIGHT, "next-call": "7"}))
    stage.ends_well(call)
    twice = ["next-call", "not-understood"] * 2
    assert call.caller.person.heard[-5:] == [*twice, "goodbye"]


def test_who_was_released_meanwhile_makes_no_further_call(stage: Stage) -> None:
    def release(_: Dialplan) -> None:
        with stage.database.begin() as connection:
            connection.execute(persons.update().values(status="released"))

    how = Happening(at={("over", 0): release})
    call = stage.replay(answering({**STRAIGHT, "next-call": "1"}), happening=how)
    assert stage.ends_well(call).cause == Cause.REFUSED
    assert "refused-person" in call.caller.person.heard
