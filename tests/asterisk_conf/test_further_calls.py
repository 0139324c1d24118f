"""Several calls under one off-hook: what belongs to one never reaches the next."""

from __future__ import annotations

import time

from asterisk_conf.reports import parse
from phones.phone import Phone
from tests.asterisk_conf.scene import SECOND, Call, menu, same, says
from tests.asterisk_conf.scripted import Session
from tests.asterisk_conf.stage import NEIGHBOUR


def another(call: Call, number: str) -> None:
    """Let the caller's next script open a second call."""
    call.scripts["over"] = call.scripts["unanswered"] = call.opens(
        f"dial,{number},10,no", call.second
    )


def test_another_number_after_the_limit(call: Call, neighbour: Phone) -> None:
    another(call, NEIGHBOUR)
    call.answer_at(says("join,2000,0,yes,0,2000"))
    neighbour.wait_incoming()
    call.scripts["over"] = menu
    # The first called party still hears its last sentence; its end must not disturb the second.
    call.home.wait_heard(call.stage.clips["time-is-over"])
    call.home.wait_disconnected()
    first = call.ended("called")
    call.scripts["called"] = says("join,60000,0,no,0,60000")
    neighbour.answer()
    neighbour.wait_connected()
    time.sleep(1.5)
    hung_up = neighbour.hangup()
    told = parse(call.server.wait_visit("over", times=2).arguments)
    assert told.call_id == call.second
    assert told.joined_ms is not None
    assert told.rang_ms is not None
    assert first.joined_ms is not None
    assert told.rang_ms > first.ended_ms
    assert same(told.ended_ms, hung_up.at)
    call.inmate.hangup()
    assert call.ended("caller") == told
    assert first.call_id == call.id


def test_another_call_after_a_busy_one(call: Call) -> None:
    another(call, "5550177")
    call.begin()
    call.home.wait_incoming()
    call.home.answer(486)
    told = call.server.wait_visit("unanswered", times=2)
    assert told.arguments[0] == call.second
    assert told.arguments[8] == "CHANUNAVAIL"
    first = call.server.wait_visit("unanswered")
    assert first.arguments[0] == call.id
    assert told.arguments[5] > first.arguments[5]


def test_a_call_that_nobody_answers_after_a_busy_one(call: Call, staller: Phone) -> None:
    def script(session: Session) -> None:
        ring = call.opens(f"dial,{NEIGHBOUR},2,no", call.second)
        call.scripts["unanswered"] = says("end")
        ring(session)

    call.scripts["unanswered"] = script
    call.begin()
    call.home.wait_incoming()
    call.home.answer(486)
    told = call.server.wait_visit("unanswered", times=2, timeout=10)
    assert (told.arguments[3], told.arguments[8]) == ("0", "NOANSWER")
    staller.wait_disconnected()


def test_hanging_up_between_two_calls(call: Call) -> None:
    def between(session: Session) -> None:
        session.command(f"SET VARIABLE __CALL_ID {call.second}")
        menu(session)

    call.scripts["over"] = between
    call.answer_at(says("join,60000,0,no,0,60000"))
    call.server.wait_visit("called")
    call.home.hangup()
    call.inmate.wait_begun(call.stage.clips["menu"])
    hung_up = call.inmate.hangup()
    caller = call.ended("caller")
    assert caller.call_id == call.second
    assert same(caller.ended_ms, hung_up.at, SECOND)
    assert caller.hung_up_by == "self"
    assert (caller.joined_ms, caller.rang_ms, caller.failed) == (None, None, False)


def test_one_call_is_never_dialled_twice(call: Call) -> None:
    call.scripts["unanswered"] = says(f"dial,{NEIGHBOUR},10,no")
    call.begin()
    call.home.wait_incoming()
    call.home.answer(486)
    call.inmate.wait_heard(call.stage.clips["sorry"])
    call.inmate.wait_disconnected()
    assert call.visited().count("unanswered") == 1


def test_both_scripts_of_a_caller_may_take_the_menus_time(call: Call) -> None:
    def limit(session: Session) -> None:
        call.limits.append(float(session.get("TIMEOUT(absolute)")))
        session.plan("end")

    call.scripts["over"] = call.scripts["unanswered"] = limit
    call.answer_at(says("end"))
    call.inmate.wait_disconnected()
    assert call.limits[0] > 800
