"""A called party that answers and is never joined; a caller that leaves."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from asterisk_conf.reports import parse
from tests.asterisk_conf.scene import SECOND, Call, menu, same, says, stuck
from tests.asterisk_conf.scripted import Session


def test_refused(call: Call) -> None:
    call.scripts["called"] = says("end")
    call.begin()
    call.answer()
    call.home.wait_disconnected()
    call.server.wait_visit("over")
    call.inmate.wait_disconnected()
    assert call.ended("caller").joined_ms is None
    assert call.ended("called").joined_ms is None
    call.never_joined()


def test_the_caller_hangs_up_in_the_called_menu(call: Call) -> None:
    call.scripts["called"] = menu
    call.begin()
    call.answer()
    call.server.wait_visit("called")
    time.sleep(1)
    over = call.inmate.hangup()
    heard = call.home.wait_heard(call.stage.clips["caller-hung-up"])
    assert heard.at - over.at < SECOND
    call.home.wait_disconnected()
    caller, called = call.ended("caller"), call.ended("called")
    assert (caller.hung_up_by, called.hung_up_by) == ("self", "other")
    assert same(caller.ended_ms, over.at)
    call.never_joined()


def test_a_server_that_is_stuck_keeps_nobody(call: Call) -> None:
    call.scripts["called"] = stuck
    call.begin()
    call.answer()
    call.server.wait_visit("called")
    over = call.inmate.hangup()
    heard = call.home.wait_heard(call.stage.clips["caller-hung-up"])
    assert heard.at - over.at < SECOND
    call.home.wait_disconnected()
    call.never_joined()


def test_the_called_party_hangs_up_in_the_menu(call: Call) -> None:
    call.scripts["called"] = menu
    call.begin()
    call.answer()
    call.server.wait_visit("called")
    over = call.home.hangup()
    declined = call.server.wait_visit("over")
    assert same(int(declined.at), over.at)
    call.inmate.wait_disconnected()
    assert call.ended("called").hung_up_by == "self"
    assert call.ended("caller").hung_up_by == "other"
    call.never_joined()


def test_both_hang_up_at_once_in_the_menu(call: Call) -> None:
    call.scripts["called"] = menu
    call.begin()
    call.answer()
    call.server.wait_visit("called")
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda phone: phone.hangup(), (call.inmate, call.home)))
    assert call.ended("caller")
    assert call.ended("called")
    call.never_joined()


def test_a_redirect_that_strikes_a_leg_that_tells_its_end_loses_no_end(call: Call) -> None:
    struck = threading.Event()

    def strikes(session: Session) -> None:
        if session.arguments[1] == "caller" and not struck.is_set():
            struck.set()
            call.stage.platform.cli(f"channel redirect {session.channel} over,s,1")
            return
        session.plan("end")

    call.scripts["called"] = menu
    call.scripts["ended"] = strikes
    call.begin()
    call.answer()
    call.server.wait_visit("called")
    call.inmate.hangup()
    first = call.ended("caller")
    assert parse(call.server.wait_visit("ended", "caller", times=2).arguments) == first
    assert "over" not in call.visited()
    assert call.ended("called")
    call.never_joined()


def test_the_caller_hangs_up_in_its_own_menu(call: Call) -> None:
    def script(session: Session) -> None:
        session.command(f"SET VARIABLE __CALL_ID {call.id}")
        menu(session)

    call.scripts["caller"] = script
    call.begin()
    call.server.wait_visit("caller")
    time.sleep(0.5)
    over = call.inmate.hangup()
    report = call.ended("caller")
    assert same(report.ended_ms, over.at)
    assert report.hung_up_by == "self"
    assert not report.failed


def test_a_caller_who_is_not_sent_on_leaves_the_hold_alone(call: Call) -> None:
    def mute_end(session: Session) -> None:
        # A called leg that believes the caller gone sends nobody anywhere.
        session.command("SET VARIABLE ALONE yes")
        session.plan("end")

    call.answer_at(mute_end)
    ended = call.home.wait_disconnected()
    told = call.server.wait_visit("over")
    assert told.at / 1000 - ended.at.timestamp() < 2.5
    assert told.arguments[6] == "other"
