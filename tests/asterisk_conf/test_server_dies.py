"""An AGI server that is down, or dies at any moment."""

from __future__ import annotations

import time
from threading import Event

from asterisk_conf.reports import FACTS
from tests.asterisk_conf.scene import Call, die_and_hear_sorry, menu, nothing, same, says, settle
from tests.asterisk_conf.scripted import Session
from tests.asterisk_conf.stage import HOME


def test_the_server_is_down_from_the_start(call: Call) -> None:
    call.server.kill()
    call.begin()
    call.inmate.wait_heard(call.stage.clips["sorry"])
    call.inmate.wait_disconnected()
    assert call.spooled() == {}


def test_the_server_dies_in_the_callers_menu(call: Call) -> None:
    known = Event()

    def script(session: Session) -> None:
        session.command(f"SET VARIABLE __CALL_ID {call.id}")
        known.set()
        menu(session)

    call.scripts["caller"] = script
    call.begin()
    assert known.wait(10)
    die_and_hear_sorry(call)
    report = call.spooled()["caller"]
    assert report.failed
    assert report.rang_ms is None


def test_the_server_dies_in_the_called_menu(call: Call) -> None:
    call.scripts["called"] = menu
    call.begin()
    call.answer()
    call.server.wait_visit("called")
    die_and_hear_sorry(call)
    assert call.home.heard(call.stage.clips["sorry"])
    reports = call.spooled()
    assert reports["caller"].failed
    assert reports["called"].failed
    call.never_joined()


def test_the_server_dies_before_the_answer(call: Call) -> None:
    call.begin()
    call.home.wait_incoming()
    call.server.kill()
    call.home.answer()
    call.home.wait_heard(call.stage.clips["sorry"])
    call.inmate.wait_heard(call.stage.clips["sorry"])
    settle(call)
    assert set(call.spooled()) == {"caller", "called"}
    call.never_joined()


def test_the_server_dies_while_the_caller_is_told_of_the_refusal(call: Call) -> None:
    call.scripts["called"] = menu
    call.scripts["over"] = menu
    call.begin()
    call.answer()
    call.server.wait_visit("called")
    call.home.hangup()
    call.server.wait_visit("over")
    die_and_hear_sorry(call)
    told = call.spooled()["caller"]
    # The call was over: it isn't the call that failed.
    assert not told.failed
    assert told.hung_up_by == "other"
    call.never_joined()


def test_the_server_dies_before_nobody_answers(call: Call) -> None:
    call.scripts["caller"] = call.opens(f"dial,{HOME},2,no")
    call.begin()
    call.home.wait_incoming()
    die_and_hear_sorry(call)
    assert call.spooled()["caller"].failed


def test_the_server_dies_and_the_caller_hangs_up(call: Call) -> None:
    call.begin()
    call.home.wait_incoming()
    call.server.kill()
    over = call.inmate.hangup()
    settle(call)
    report = call.spooled()["caller"]
    assert same(report.ended_ms, over.at)
    assert report.hung_up_by == "self"


def test_the_server_dies_during_talk(call: Call) -> None:
    call.scripts["called"] = says("join,60000,0,yes,0,60000")
    call.begin()
    call.answer()
    call.server.wait_visit("called")
    time.sleep(1)
    call.server.kill()
    over = call.home.hangup()
    call.inmate.wait_heard(call.stage.clips["sorry"])
    call.inmate.wait_disconnected()
    settle(call)
    reports = call.spooled()
    assert same(reports["called"].ended_ms, over.at)
    assert same(reports["caller"].ended_ms, over.at)
    assert not reports["caller"].failed
    assert reports["caller"].joined_ms == reports["called"].joined_ms is not None


def test_an_end_that_was_not_stored_is_spooled(call: Call) -> None:
    call.scripts["called"] = says("end")
    call.scripts["ended"] = nothing
    call.begin()
    call.answer()
    call.inmate.wait_disconnected()
    settle(call)
    assert set(call.spooled()) == {"caller", "called"}
    assert len(call.server.wait_visit("ended").arguments) == FACTS
