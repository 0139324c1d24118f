"""The platform's dialplan in Python, for replays: what happens between the scripts of a call.

Each method is the context of that name in the template of Asterisk's dialplan, step by step. The
two legs live in one thread: while the called party's menu runs the caller waits, unless a plan of
the test has it hang up at a certain command of that menu.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count

from agi import waiting
from agi.channel import Channel
from agi.context import Context
from agi.service import SCRIPTS
from agi.session import play
from asterisk_conf.variables import (
    CALL_ID,
    CALL_PLAN,
    PLAN_DIAL,
    PLAN_END,
    PLAN_JOIN,
    SOUND_CALLER_HUNG_UP,
    SOUND_SORRY,
)
from tests.replay.clock import Clock
from tests.replay.line import Fault, Leg, Line, ServerDied
from tests.replay.person import Person, Respond

NORMAL_CLEARING = "16"
Act = Fault | bytes | Callable[["Dialplan"], None]
Place = tuple[str, int]
"""A script (``ended`` with its leg: ``ended caller``) and a command of it, from 0."""


@dataclass
class Happening:
    """How a call goes, as far as it isn't up to the scripts.

    ``at`` says what happens instead of the answer to a command of a script (a fault, or these
    bytes) or before it (anything else). ``header`` stands in the opening of every session.
    """

    dial: str = "ANSWER"
    ring_ms: int = 4000
    talk_ms: int = 61_500
    ended_by: str = "called"
    """Who hangs up the talk: ``caller``, ``called``, or the ``limit``."""
    bridges: bool = True
    declined_first: bool = False
    """Whether the caller is told of the called leg's end before that is reported."""
    caller_reports_first: bool = True
    """After a talk."""
    redirect_lag: int = 0
    """How many commands a script still gets through when the other leg's end sends its leg on."""
    at: Mapping[Place, Act] = field(default_factory=dict)
    server_up: bool = True
    header: bytes = b""


@dataclass
class Outcome:
    """What can be said of a call when it is over."""

    caller: Leg
    called: Leg
    commands: dict[str, list[list[str]]]
    finished: dict[str, bool]
    missing: list[str]
    was_called: bool

    @property
    def call_id(self) -> str:
        """The call's id, empty when it never came to be."""
        return self.caller.variables.get(CALL_ID, "")


_channels = count(1)


class Dialplan:
    """One call. ``play`` it once."""

    def __init__(
        self,
        context: Context,
        clock: Clock,
        sounds: Mapping[str, int],
        runner: asyncio.Runner,
        people: tuple[Respond, Respond],
        happening: Happening,
    ) -> None:
        self.happening = happening
        self.commands: dict[str, list[list[str]]] = {}
        self.caller, self.called = (
            _leg(name, respond) for name, respond in zip(("caller", "called"), people, strict=True)
        )
        self._context = context
        self._clock = clock
        self._sounds = sounds
        self._runner = runner
        self._in_script = False
        self._outcome = Outcome(self.caller, self.called, self.commands, {}, [], False)

    def play(self, phone: str) -> Outcome:
        """From off-hook until both legs are gone and have told their ends."""
        self._offhook(phone)
        self._reported(self.caller)
        return self._outcome

    def caller_leaves(self) -> None:
        """The caller hangs up while the called party is busy with a script."""
        self.caller.hang_up(self.caller.channel)
        self._ended(self.caller)

    # The contexts.

    def _offhook(self, phone: str) -> None:
        leg = self.caller
        leg.variables["PHONE"] = phone
        status = self.agi(leg, "caller", phone)
        verb, number, ring, *_ = *_plan(leg), "", ""
        if not leg.up:
            return
        if status != "SUCCESS":
            self._apology(leg)
        elif verb == PLAN_END:
            leg.hang_up()
        elif verb != PLAN_DIAL or not leg.variables.get(CALL_ID) or not number or not int(ring):
            self._apology(leg)
        else:
            self._dial()

    def _dial(self) -> None:
        self.caller.variables["RANG"] = str(self._clock.ms)
        self._clock.pass_ms(self.happening.ring_ms)
        if self.happening.dial == "CANCEL":
            self.caller.hang_up(self.caller.channel)
        elif self.happening.dial == "ANSWER":
            self._answered()
        else:
            call = self.caller.variables[CALL_ID]
            status = self.agi(self.caller, "unanswered", call, self.happening.dial, "17")
            self._spoken(self.caller, status)

    def _answered(self) -> None:
        self._outcome.was_called = True
        inherited = (CALL_ID, "RANG")
        self.called.variables.update({one: self.caller.variables[one] for one in inherited})
        self._in_called()
        self._reported(self.called)

    def _in_called(self) -> None:
        leg, variables = self.called, self.called.variables
        status = self.agi(leg, "called", variables[CALL_ID], variables["RANG"])
        verb, limit, warning, record, *_ = *_plan(leg), "", "", ""
        if leg.sent_on is not None:
            self._gone()
        elif not leg.up:
            return
        elif status != "SUCCESS":
            self._apology(leg)
        elif verb == PLAN_END:
            leg.hang_up()
        elif verb != PLAN_JOIN or not limit or not warning or record not in ("yes", "no"):
            self._apology(leg)
        elif not self.caller.up:
            self._gone()
        else:
            self._join(int(limit), record == "yes")

    def _join(self, limit_ms: int, record: bool) -> None:
        if not self.happening.bridges:
            self.called.variables["ALONE"] = self.caller.variables["ALONE"] = "yes"
            self._apology(self.caller)
            self._apology(self.called)
            return
        for leg in (self.caller, self.called):
            leg.joined = True
            leg.variables["JOINED"] = str(self._clock.ms)
        self._clock.pass_ms(min(self.happening.talk_ms, limit_ms))
        if record:
            self._record()
        self._hang_up_talk(by_limit=self.happening.talk_ms >= limit_ms)

    def _record(self) -> None:
        spool = self._context.settings.asterisk_dir / "spool" / "monitor"
        (spool / f"{self.caller.variables[CALL_ID]}.raw").write_bytes(bytes(32))

    def _hang_up_talk(self, *, by_limit: bool) -> None:
        legs = {"caller": self.caller, "called": self.called}
        source = "" if by_limit else legs[self.happening.ended_by].channel
        for leg in legs.values():
            leg.hang_up(source)
        if self.happening.caller_reports_first:
            self._reported(self.caller)

    def _gone(self) -> None:
        self.called.sent_on = None
        self._playback(self.called, SOUND_CALLER_HUNG_UP)
        self.called.hang_up()

    def _declined(self) -> None:
        if not self.caller.up:
            return
        self.caller.sent_on = None
        if self.caller.variables.get("FAILED"):
            self._apology(self.caller)
            return
        status = self.agi(self.caller, "declined", self.caller.variables[CALL_ID])
        self._spoken(self.caller, status)

    def _spoken(self, leg: Leg, status: str) -> None:
        if status != "SUCCESS" or _plan(leg)[0] != PLAN_END:
            self._apology(leg)
        leg.hang_up()

    def _apology(self, leg: Leg) -> None:
        if leg.up:
            leg.variables["FAILED"] = "yes"
            self._playback(leg, SOUND_SORRY)
            leg.hang_up()

    # The hangup handlers.

    def _reported(self, leg: Leg) -> None:
        if "ENDED" not in leg.variables:
            self._ended(leg)

    def _ended(self, leg: Leg) -> None:
        assert not leg.up
        other = self.called if leg is self.caller else self.caller
        leg.variables["ENDED"] = str(self._clock.ms)
        moves_on = self._outcome.was_called and not leg.joined and other.up
        if moves_on:
            if leg is self.called:
                other.variables["FAILED"] = leg.variables.get("FAILED", "")
            other.variables["ALONE"] = "yes"
            other.sent_on = self.happening.redirect_lag
        if moves_on and leg is self.called:
            told = [lambda: self._report(leg), self._declined]
            for tell in reversed(told) if self.happening.declined_first else told:
                tell()
        else:
            self._report(leg)

    def _report(self, leg: Leg) -> None:
        facts = self._facts(leg)
        if not facts[0]:
            return
        self.agi(leg, "ended", *facts)
        if _plan(leg)[0] != PLAN_END:
            spool = self._context.settings.asterisk_dir / "spool" / "ended"
            (spool / f"{facts[0]}-{leg.name}").write_text(",".join(facts) + "\n")

    def _facts(self, leg: Leg) -> list[str]:
        known = leg.variables
        by = "other" if known.get("ALONE") or leg.hung_up_by not in ("", leg.channel) else ""
        if leg.hung_up_by == leg.channel and not by:
            by = "self"
        moments = [known.get("JOINED", ""), known.get("RANG", "")]
        facts = [known.get(CALL_ID, ""), leg.name, known["ENDED"], NORMAL_CLEARING]
        return [*facts, *moments, by, known.get("FAILED", "")]

    # The applications.

    def _playback(self, leg: Leg, sound: str) -> None:
        leg.person.hear(sound)
        self._clock.pass_ms(self._sounds[sound])

    def agi(self, leg: Leg, script: str, *arguments: str) -> str:
        """Run a script on a leg; Asterisk's ``AGISTATUS``."""
        leg.variables[CALL_PLAN] = ""
        if not self.happening.server_up:
            return "FAILURE"
        name = f"{script} {leg.name}" if script == "ended" else script
        line = Line(leg, self._clock, self._sounds, lambda place: self._before((name, place)))
        env = line.greet(_header(script, leg, arguments, self.happening.header))
        if env is None:
            return "FAILURE"
        self.commands[name] = line.commands
        try:
            finished = self._run(script, Channel(line, env))
        except ServerDied:
            self.happening.server_up = False
            finished = True
        self._outcome.finished[name] = finished
        self._outcome.missing += line.missing
        return "SUCCESS" if finished else "FAILURE"

    def _run(self, script: str, channel: Channel) -> bool:
        session = waiting.run(play, script, SCRIPTS[script], channel, self._context)
        if self._in_script:
            return waiting.wait_for(session)
        self._in_script = True
        try:
            return self._runner.run(session)
        finally:
            self._in_script = False

    def _before(self, place: Place) -> Fault | bytes | None:
        act = self.happening.at.get(place)
        if act is None or isinstance(act, Fault | bytes):
            return act
        act(self)
        return None


def _leg(name: str, respond: Respond) -> Leg:
    number = next(_channels)
    return Leg(name, f"PJSIP/{name}-{number:08x}", f"replay.{number}", Person(respond))


def _plan(leg: Leg) -> list[str]:
    return leg.variables.get(CALL_PLAN, "").split(",")


def _header(script: str, leg: Leg, arguments: tuple[str, ...], more: bytes) -> bytes:
    lines = [f"agi_network_script: {script}", f"agi_channel: {leg.channel}"]
    lines += [f"agi_uniqueid: {leg.uniqueid}"]
    lines += [f"agi_arg_{place}: {one}" for place, one in enumerate(arguments, 1)]
    opening = "\n".join([*lines, ""]).encode("utf-8", "surrogatepass")
    return opening + more + b"\n"
