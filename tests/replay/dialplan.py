"""The platform's dialplan in Python, for replays: what happens between the scripts of a call.

Each method is the context of that name in the template of Asterisk's dialplan, step by step. The
two legs live in one thread: while the called party's menu runs the caller waits, unless a plan of
the test has it hang up at a certain command of that menu.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count

from sqlalchemy import select

from agi.context import Context
from asterisk_conf.variables import (
    CALL_ID,
    CALL_PLAN,
    MACHINE,
    PLAN_DIAL,
    PLAN_END,
    PLAN_HOTLINE,
    PLAN_JOIN,
    SOUND_CALLER_HUNG_UP,
    SOUND_CALLER_LEFT,
    SOUND_HOTLINE,
    SOUND_SORRY,
    SOUND_TIME_IS_OVER,
)
from calls import renewal
from store.tables import calls
from store.types import epoch_ms
from tests.replay.clock import Clock
from tests.replay.happening import Happening, Outcome
from tests.replay.line import Leg, Studio
from tests.replay.person import Person, Respond
from tests.replay.sessions import Sessions

NORMAL_CLEARING, LOST_MEDIA = "16", "44"
_channels = count(1)


class Dialplan:
    """One off-hook. ``play`` it once."""

    def __init__(
        self,
        context: Context,
        clock: Clock,
        studio: Studio,
        runner: asyncio.Runner,
        people: tuple[Respond, Respond],
        happening: Happening,
    ) -> None:
        self.happening = happening
        self.caller, self.called = (
            _leg(name, Person(respond))
            for name, respond in zip(("caller", "called"), people, strict=True)
        )
        self._context = context
        self._clock = clock
        self._studio = studio
        self._outcome = Outcome(self.caller, self.called)
        sessions = Sessions(context, clock, studio, runner, self, self._outcome)
        self.agi = sessions.agi
        self._dials = 0

    def play(self, phone: str) -> Outcome:
        """From off-hook until all legs are gone and have told their ends."""
        self.caller.variables["PHONE"] = phone
        self._carry_out(self.agi(self.caller, "caller", phone))
        self._reported(self.caller)
        return self._outcome

    def caller_leaves(self) -> None:
        """The caller hangs up while the called party is busy with a script."""
        self.caller.hang_up(self.caller.channel)
        self._ended(self.caller)

    # The caller's leg.

    def _carry_out(self, status: str) -> None:
        leg = self.caller
        verb, number, ring, listened, *_ = *_plan(leg), "", "", ""
        if not leg.up:
            return
        if status != "SUCCESS":
            self._apology(leg)
        elif verb == PLAN_END:
            leg.hang_up()
        elif verb == PLAN_HOTLINE:
            self._hotline(leg)
        elif verb != PLAN_DIAL or not leg.variables.get(CALL_ID) or not number or not int(ring):
            self._apology(leg)
        else:
            self._dial(listened == "yes")

    def _hotline(self, leg: Leg) -> None:
        leg.variables[CALL_ID] = ""
        self._playback(leg, SOUND_HOTLINE)
        leg.hang_up(leg.channel)

    def _dial(self, listened: bool) -> None:
        for known in ("JOINED", "OVER", "FAILED", "ALONE"):
            self.caller.variables.pop(known, None)
        self.caller.joined = False
        self.caller.variables["RANG"] = str(self._clock.ms)
        self._clock.pass_ms(self.happening.ring_ms)
        self._dials += 1
        if self.happening.dial == "CANCEL" or self._dials > self.happening.most_calls:
            self.caller.hang_up(self.caller.channel)
        elif self.happening.dial == "ANSWER":
            self._answered(listened)
        else:
            self._unanswered()

    def _unanswered(self) -> None:
        how = self.happening
        facts = self._facts(self.caller, how.cause, self._clock.ms, "other")
        self._carry_out(self.agi(self.caller, "unanswered", *facts, how.dial, how.early_ms))

    def _over(self) -> None:
        """The called party's leg has ended: told, and asked what next."""
        leg = self.caller
        if not leg.up:
            return
        leg.sent_on = None
        if leg.variables.get("FAILED"):
            self._apology(leg)
            return
        at = int(leg.variables.get("OVER", self._clock.ms))
        facts = self._facts(leg, NORMAL_CLEARING, at, "other")
        self._carry_out(self.agi(leg, "over", *facts))

    # The called party's leg.

    def _answered(self, listened: bool) -> None:
        if self._outcome.called_legs:
            self.called = _leg("called", self.called.person)
        leg = self._outcome.called = self.called
        self._outcome.called_legs.append(leg)
        leg.variables.update({one: self.caller.variables[one] for one in (CALL_ID, "RANG")})
        if listened:
            leg.variables[MACHINE] = self.happening.machine
            leg.sent_on = self.happening.fax
        self._in_called(leg)
        caller_left = not self.caller.up
        steps: list[Callable[[], None]] = [lambda: self._see_off(leg, caller_left=caller_left)]
        if leg.joined:
            steps.append(self._over)
        # A called leg that is told something lets the caller's go on meanwhile.
        for step in reversed(steps) if leg.up and self.happening.over_first else steps:
            step()

    def _see_off(self, leg: Leg, *, caller_left: bool) -> None:
        if leg.up:
            leg.variables["BY"] = "other" if caller_left else ""
            self._playback(leg, SOUND_CALLER_LEFT if caller_left else SOUND_TIME_IS_OVER)
            leg.hang_up()
        self._reported(leg)

    def _in_called(self, leg: Leg) -> None:
        variables = leg.variables
        status = self.agi(leg, "called", variables[CALL_ID], variables["RANG"])
        verb, *terms = _plan(leg)
        if variables.get("ALONE"):
            self._gone(leg)
        elif leg.sent_on == 0:
            self._fax(leg)
        elif not leg.up:
            return
        elif status != "SUCCESS":
            self._apology(leg)
        elif verb == PLAN_END:
            leg.hang_up()
        elif verb != PLAN_JOIN or not _may_join(terms):
            self._apology(leg)
        elif not self.caller.up:
            self._gone(leg)
        else:
            self._join(int(terms[0]), int(terms[4]), record=terms[2] == "yes")

    def _fax(self, leg: Leg) -> None:
        leg.sent_on = None
        status = self.agi(leg, "machine", leg.variables[CALL_ID], "fax")
        if status != "SUCCESS" or _plan(leg)[0] != PLAN_END:
            self._apology(leg)
        else:
            leg.hang_up(by="fax")

    def _gone(self, leg: Leg) -> None:
        leg.sent_on = None
        self._playback(leg, SOUND_CALLER_HUNG_UP)
        leg.hang_up()

    # The talk.

    def _join(self, limit_ms: int, paid_ms: int, *, record: bool) -> None:
        if not self.happening.bridges:
            self.called.variables["ALONE"] = self.caller.variables["ALONE"] = "yes"
            self._apology(self.caller)
            self._apology(self.called)
            return
        for leg in (self.caller, self.called):
            leg.joined = True
            leg.variables["JOINED"] = str(self._clock.ms)
        longest_ms = min(limit_ms, self._renewed(paid_ms))
        self._clock.pass_ms(min(self.happening.talk_ms, longest_ms) - self._talked_ms)
        if record:
            self._record()
        for leg in (self.caller, self.called):
            leg.variables["OVER"] = str(self._clock.ms)
        self._part(by_limit=self.happening.talk_ms >= longest_ms)

    def _renewed(self, paid_ms: int) -> int:
        """What the talk may last when the monitor, if there is one, has renewed it to its end."""
        database, settings = self._context.blocking, self._context.settings.call
        while self.happening.renews and (due := self._renewal_ms()) is not None:
            if max(due, self._talked_ms) >= min(self.happening.talk_ms, paid_ms):
                break
            self._clock.pass_ms(max(0, due - self._talked_ms))
            for grant in renewal.renew_due(database, settings, self._clock.now()):
                paid_ms = grant.live.paid_seconds * 1000
        return paid_ms

    @property
    def _talked_ms(self) -> int:
        return self._clock.ms - int(self.called.variables["JOINED"])

    def _renewal_ms(self) -> int | None:
        """When in the talk the call's money is to be renewed."""
        asked = select(calls.c.renew_at).where(calls.c.id == self.caller.variables[CALL_ID])
        with self._context.blocking.once() as connection:
            due = connection.execute(asked).scalar_one_or_none()
        return None if due is None else epoch_ms(due) - int(self.called.variables["JOINED"])

    def _record(self) -> None:
        spool = self._context.settings.asterisk_dir / "spool" / "monitor"
        (spool / f"{self.caller.variables[CALL_ID]}.raw").write_bytes(bytes(32))

    def _part(self, *, by_limit: bool) -> None:
        ended_by = "" if by_limit else self.happening.ended_by
        if ended_by:
            leg = self.caller if ended_by.endswith("caller") else self.called
            leg.lost = ended_by.startswith("lost")
            leg.hang_up(leg.channel)
        if not self.caller.up and not self.happening.over_first:
            self._reported(self.caller)

    # Sorry.

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
            told = [lambda: self._report(leg), self._over]
            for tell in reversed(told) if self.happening.over_first else told:
                tell()
        else:
            self._report(leg)

    def _report(self, leg: Leg) -> None:
        facts = self._facts(
            leg,
            LOST_MEDIA if leg.lost else NORMAL_CLEARING,
            int(leg.variables.get("OVER", leg.variables["ENDED"])),
            _by(leg),
        )
        if not facts[0]:
            return
        self.agi(leg, "ended", *facts)
        if _plan(leg)[0] != PLAN_END:
            spool = self._context.settings.asterisk_dir / "spool" / "ended"
            (spool / f"{facts[0]}-{leg.name}").write_text(",".join(facts) + "\n")

    def _facts(self, leg: Leg, cause: str, at: int, by: str) -> list[str]:
        known = leg.variables
        moments = [known.get("JOINED", ""), known.get("RANG", "")]
        facts = [known.get(CALL_ID, ""), leg.name, str(at), cause]
        return [*facts, *moments, by, known.get("FAILED", "")]

    # The applications.

    def _playback(self, leg: Leg, sound: str) -> None:
        leg.hear(self._studio.name_of(sound, leg))
        self._clock.pass_ms(self._studio.length_ms(sound, leg) or 0)


def _by(leg: Leg) -> str:
    if "BY" in leg.variables:
        return leg.variables["BY"]
    if leg.variables.get("ALONE") or leg.hung_up_by not in ("", leg.channel):
        return "other"
    return "self" if leg.hung_up_by else ""


def _leg(name: str, person: Person) -> Leg:
    number = next(_channels)
    return Leg(name, f"PJSIP/{name}-{number:08x}", f"replay.{number}", person)


def _may_join(terms: list[str]) -> bool:
    if len(terms) != 5:
        return False
    limit, warning, record, overlay, paid = terms
    numbers = all(one.isdigit() for one in (limit, warning, overlay, paid))
    return numbers and int(limit) > 0 and int(paid) > 0 and record in ("yes", "no")


def _plan(leg: Leg) -> list[str]:
    return leg.variables.get(CALL_PLAN, "").split(",")
