"""One call on the stage: two phones, and scripts that a test writes itself."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from asterisk_conf.reports import Report, parse, spooled
from phones.events import PhoneError
from phones.phone import Phone
from tests.asterisk_conf.scripted import Script, ScriptedServer, Session
from tests.asterisk_conf.stage import HOME, Stage

SECOND = timedelta(seconds=1)
_numbers = count(1)


class Call:
    """One call with its own scripts. Attributes: the two phones, the server, the call's id."""

    def __init__(self, stage: Stage, phones: tuple[Phone, Phone]) -> None:
        self.stage = stage
        self.inmate, self.home = phones
        self.id, self.second = f"call-{next(_numbers)}", f"call-{next(_numbers)}"
        self.limits: list[float] = []
        self.keys: list[str] = []
        self.scripts: dict[str, Script] = {
            "caller": self.opens(f"dial,{HOME},10,no"),
            "called": says("join,10000,0,no,0,10000"),
            "over": says("end"),
            "machine": says("end"),
            "unanswered": says("end"),
            "ended": says("end"),
        }
        self.server = ScriptedServer(stage.agi_port, self.scripts)

    def opens(self, plan: str, call_id: str = "") -> Script:
        """A script that opens a call, this one unless another is named, and plans."""

        def script(session: Session) -> None:
            session.command(f"SET VARIABLE __CALL_ID {call_id or self.id}")
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

    def answer_at(self, script: Script) -> None:
        """Begin, let it ring, answer; the called party's script is ``script``."""
        self.scripts["called"] = script
        self.begin()
        self.answer()

    @property
    def raw(self) -> Path:
        """The recording."""
        return self.stage.platform.directory / f"spool/monitor/{self.id}.raw"

    def home_ends(self, seconds: float) -> bool:
        """Whether the phone at home is hung up within ``seconds``."""
        try:
            self.home.wait_disconnected(seconds)
        except PhoneError:
            return False
        return True

    def visited(self) -> list[str]:
        """The scripts that were started, in order."""
        return [visit.script for visit in self.server.visits]

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


def after(seconds: float, plan: str) -> Script:
    """A script that takes its time."""

    def script(session: Session) -> None:
        time.sleep(seconds)
        session.plan(plan)

    return script


def waits(session: Session) -> None:
    """A script that says a second of nothing, again and again."""
    while session.command("WAIT FOR DIGIT 1000").startswith("200 result=0"):
        pass


def stuck(session: Session) -> None:
    """A script that says nothing until Asterisk leaves."""
    while session.connection.recv(100):
        pass


def nothing(session: Session) -> None:
    """A script that dies without a plan."""


def same(moment_ms: int, at: datetime, within: timedelta = SECOND) -> bool:
    return abs(datetime.fromtimestamp(moment_ms / 1000, UTC) - at) < within


def die_and_hear_sorry(call: Call) -> None:
    begun = datetime.now(UTC)
    call.server.kill()
    call.inmate.wait_heard(call.stage.clips["sorry"], 15, after=begun)
    call.inmate.wait_disconnected()
    settle(call)


def settle(call: Call) -> None:
    deadline = time.monotonic() + 10
    while call.stage.platform.live_channels() and time.monotonic() < deadline:
        time.sleep(0.05)
