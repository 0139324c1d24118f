"""The dialplan with real phones: every way that a call can go, and a server that dies on it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from asterisk_conf.reports import FACTS, Report, parse, spooled
from phones.phone import Phone
from tests.asterisk_conf.conftest import HOME, Stage
from tests.asterisk_conf.scripted import Script, ScriptedServer, Session
from tests.phones.sounds import babble, write_wav

SECOND = timedelta(seconds=1)
_numbers = count(1)


class Call:
    """One call with its own scripts. Attributes: the two phones, the server, the call's id."""

    def __init__(self, stage: Stage, phones: tuple[Phone, Phone]) -> None:
        self.stage = stage
        self.inmate, self.home = phones
        self.id = f"call-{next(_numbers)}"
        self.scripts: dict[str, Script] = {
            "caller": self.opens(f"dial,{HOME},10"),
            "called": says("join,10000,0,no"),
            "declined": says("end"),
            "unanswered": says("end"),
            "ended": says("end"),
        }
        self.server = ScriptedServer(stage.agi_port, self.scripts)

    def opens(self, plan: str) -> Script:
        def script(session: Session) -> None:
            session.command(f"SET VARIABLE __CALL_ID {self.id}")
            session.plan(plan)

        return script

    def begin(self) -> None:
        port = self.stage.platform.settings.asterisk.sip_port
        self.inmate.call(f"sip:anything@127.0.0.1:{port}")
        self.inmate.wait_connected()

    def answer(self) -> None:
        self.home.wait_incoming()
        self.home.answer()
        self.home.wait_connected()

    def ended(self, leg: str) -> Report:
        return parse(self.server.wait_visit("ended", leg, 15).arguments)

    def spooled(self) -> dict[str, Report]:
        every = spooled(self.stage.platform.directory).values()
        return {report.leg: report for report in every if report.call_id == self.id}

    def never_joined(self) -> None:
        assert not list((self.stage.platform.directory / "spool/monitor").glob(f"{self.id}*"))
        reports = [visit for visit in self.server.visits if visit.script == "ended"]
        assert all(parse(visit.arguments).joined_ms is None for visit in reports)
        assert all(report.joined_ms is None for report in self.spooled().values())


def says(plan: str) -> Script:
    return lambda session: session.plan(plan)


def menu(session: Session) -> None:
    session.command('STREAM FILE menu ""')


def stuck(session: Session) -> None:
    """A script that says nothing until Asterisk leaves."""
    while session.connection.recv(100):
        pass


def nothing(session: Session) -> None:
    """A script that dies without a plan."""


def same(moment_ms: int, at: datetime, within: timedelta = SECOND) -> bool:
    return abs(datetime.fromtimestamp(moment_ms / 1000, UTC) - at) < within


@pytest.fixture
def call(stage: Stage, phones: tuple[Phone, Phone]) -> Iterator[Call]:
    one = Call(stage, phones)
    yield one
    one.server.kill()
    deadline = time.monotonic() + 10
    while stage.platform.live_channels() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert stage.platform.live_channels() == set()


def test_accepted_talked_and_hung_up_at_home(call: Call, tmp_path: Path) -> None:
    call.scripts["called"] = says("join,60000,0,yes")
    call.begin()
    call.answer()
    voice = write_wav(tmp_path / "voice.wav", babble(50, 2000))
    call.inmate.play(voice, loop=True)
    time.sleep(3)
    over = call.home.hangup()
    assert call.inmate.wait_disconnected(2).at - over.at < SECOND
    called, caller = call.ended("called"), call.ended("caller")
    assert same(called.ended_ms, over.at)
    assert same(caller.ended_ms, over.at)
    assert called.joined_ms == caller.joined_ms
    assert called.joined_ms is not None
    assert called.rang_ms is not None
    assert called.rang_ms < called.joined_ms
    assert (called.hung_up_by, caller.hung_up_by) == ("self", "other")
    assert not called.failed
    assert "declined" not in {visit.script for visit in call.server.visits}
    raw = call.stage.platform.directory / f"spool/monitor/{call.id}.raw"
    sound = np.fromfile(raw, np.int16).reshape(-1, 2)
    talked = (called.ended_ms - called.joined_ms) / 1000
    assert abs(len(sound) / 8000 - talked) < 0.5
    quiet, loud = (np.abs(sound[:, side].astype(float)).mean() for side in (0, 1))
    assert loud > 500 > quiet


def test_the_caller_hangs_up_the_talk(call: Call) -> None:
    call.scripts["called"] = says("join,60000,0,yes")
    call.begin()
    call.answer()
    time.sleep(1.5)
    over = call.inmate.hangup()
    assert call.home.wait_disconnected(2).at - over.at < SECOND
    caller, called = call.ended("caller"), call.ended("called")
    assert (caller.hung_up_by, called.hung_up_by) == ("self", "other")
    assert caller.joined_ms == called.joined_ms is not None
    visits = {visit.script for visit in call.server.visits}
    assert visits == {"caller", "called", "ended"}
    raw = call.stage.platform.directory / f"spool/monitor/{call.id}.raw"
    assert raw.stat().st_size > 8000


@pytest.mark.parametrize("warning", [2500, 0, 9000])
def test_the_limit_ends_the_talk(call: Call, warning: int) -> None:
    call.scripts["called"] = says(f"join,5000,{warning},no")
    call.begin()
    call.answer()
    assert call.home.wait_disconnected(9)
    assert call.inmate.wait_disconnected(2)
    called = call.ended("called")
    assert called.joined_ms is not None
    assert 4900 <= called.ended_ms - called.joined_ms <= 5600
    assert call.ended("caller").hung_up_by != "self"
    for phone in (call.home, call.inmate):
        heard = phone.heard(call.stage.clips["one-minute-left"])
        assert len(heard) == (1 if warning == 2500 else 0)


def test_refused(call: Call) -> None:
    call.scripts["called"] = says("end")
    call.begin()
    call.answer()
    call.home.wait_disconnected()
    call.server.wait_visit("declined")
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
    declined = call.server.wait_visit("declined")
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


def test_busy(call: Call) -> None:
    call.begin()
    call.home.wait_incoming()
    call.home.answer(486)
    told = call.server.wait_visit("unanswered")
    assert told.arguments == [call.id, "BUSY", "17"]
    call.inmate.wait_disconnected()
    assert call.ended("caller").rang_ms is not None


def test_nobody_answers(call: Call) -> None:
    call.scripts["caller"] = call.opens(f"dial,{HOME},2")
    call.begin()
    call.home.wait_incoming()
    assert call.server.wait_visit("unanswered").arguments[1] == "NOANSWER"
    call.home.wait_disconnected()
    call.inmate.wait_disconnected()


def test_a_number_that_nobody_has(call: Call) -> None:
    call.scripts["caller"] = call.opens("dial,5550177,2")
    call.begin()
    assert call.server.wait_visit("unanswered").arguments[1:] == ["CHANUNAVAIL", "1"]
    call.inmate.wait_disconnected()


def test_the_caller_hangs_up_while_it_rings(call: Call) -> None:
    call.begin()
    call.home.wait_incoming()
    over = call.inmate.hangup()
    assert call.home.wait_disconnected().at - over.at < SECOND
    assert call.ended("caller").hung_up_by == "self"


@pytest.mark.parametrize(
    "plan",
    ["sorry", "", "dial", "dial,,10", "dial,5550101", "dial,5550101,x", "join,1000,0,no", 'x"$[1]'],
)
def test_no_plan_no_call(call: Call, plan: str) -> None:
    call.scripts["caller"] = call.opens(plan.replace('"', '\\"'))
    call.begin()
    call.inmate.wait_heard(call.stage.clips["sorry"])
    call.inmate.wait_disconnected()
    report = call.ended("caller")
    assert report.failed
    assert report.rang_ms is None


@pytest.mark.parametrize(
    "plan", ["sorry", "", "join", "join,0,0,no", "join,9000,0,maybe", "dial,1,1"]
)
def test_no_plan_no_bridge(call: Call, plan: str) -> None:
    call.scripts["called"] = says(plan)
    call.begin()
    call.answer()
    call.home.wait_heard(call.stage.clips["sorry"])
    call.inmate.wait_disconnected()
    assert call.ended("called").failed
    assert call.ended("caller").failed
    call.never_joined()


def test_the_server_is_down_from_the_start(call: Call) -> None:
    call.server.kill()
    call.begin()
    call.inmate.wait_heard(call.stage.clips["sorry"])
    call.inmate.wait_disconnected()
    assert call.spooled() == {}


def test_the_server_dies_in_the_callers_menu(call: Call) -> None:
    def script(session: Session) -> None:
        session.command(f"SET VARIABLE __CALL_ID {call.id}")
        menu(session)

    call.scripts["caller"] = script
    call.begin()
    call.server.wait_visit("caller")
    _die_and_hear_sorry(call)
    report = call.spooled()["caller"]
    assert report.failed
    assert report.rang_ms is None


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


def test_the_server_dies_in_the_called_menu(call: Call) -> None:
    call.scripts["called"] = menu
    call.begin()
    call.answer()
    call.server.wait_visit("called")
    _die_and_hear_sorry(call)
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
    _settle(call)
    assert set(call.spooled()) == {"caller", "called"}
    call.never_joined()


def test_the_server_dies_while_the_caller_is_told_of_the_refusal(call: Call) -> None:
    call.scripts["called"] = menu
    call.scripts["declined"] = menu
    call.begin()
    call.answer()
    call.server.wait_visit("called")
    call.home.hangup()
    call.server.wait_visit("declined")
    _die_and_hear_sorry(call)
    assert call.spooled()["caller"].failed
    call.never_joined()


def test_the_server_dies_before_nobody_answers(call: Call) -> None:
    call.scripts["caller"] = call.opens(f"dial,{HOME},2")
    call.begin()
    call.home.wait_incoming()
    _die_and_hear_sorry(call)
    assert call.spooled()["caller"].failed


def test_the_server_dies_and_the_caller_hangs_up(call: Call) -> None:
    call.begin()
    call.home.wait_incoming()
    call.server.kill()
    over = call.inmate.hangup()
    _settle(call)
    report = call.spooled()["caller"]
    assert same(report.ended_ms, over.at)
    assert report.hung_up_by == "self"


def test_the_server_dies_during_talk(call: Call) -> None:
    call.scripts["called"] = says("join,60000,0,yes")
    call.begin()
    call.answer()
    call.server.wait_visit("called")
    time.sleep(1)
    call.server.kill()
    over = call.home.hangup()
    call.inmate.wait_disconnected(2)
    _settle(call)
    reports = call.spooled()
    assert same(reports["called"].ended_ms, over.at)
    assert reports["caller"].joined_ms == reports["called"].joined_ms is not None


def test_an_end_that_was_not_stored_is_spooled(call: Call) -> None:
    call.scripts["called"] = says("end")
    call.scripts["ended"] = nothing
    call.begin()
    call.answer()
    call.inmate.wait_disconnected()
    _settle(call)
    assert set(call.spooled()) == {"caller", "called"}
    assert len(call.server.wait_visit("ended").arguments) == FACTS


def _die_and_hear_sorry(call: Call) -> None:
    begun = datetime.now(UTC)
    call.server.kill()
    call.inmate.wait_heard(call.stage.clips["sorry"], 15, after=begun)
    call.inmate.wait_disconnected()
    _settle(call)


def _settle(call: Call) -> None:
    deadline = time.monotonic() + 10
    while call.stage.platform.live_channels() and time.monotonic() < deadline:
        time.sleep(0.05)
