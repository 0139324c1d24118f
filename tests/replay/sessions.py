"""AGI sessions of a replay: a script, its line, and what Asterisk makes of its end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from agi import waiting
from agi.channel import Channel
from agi.context import Context
from agi.service import SCRIPTS
from agi.session import play
from asterisk_conf.variables import CALL_PLAN, LANGUAGE
from tests.replay.clock import Clock
from tests.replay.happening import Outcome, Place
from tests.replay.line import Fault, Leg, Line, ServerDied, Studio

if TYPE_CHECKING:
    from tests.replay.dialplan import Dialplan


class Sessions:
    """Runs scripts on legs."""

    def __init__(
        self,
        context: Context,
        clock: Clock,
        studio: Studio,
        runner: asyncio.Runner,
        dialplan: Dialplan,
        outcome: Outcome,
    ) -> None:
        self._context = context
        self._clock = clock
        self._studio = studio
        self._runner = runner
        self._dialplan = dialplan
        self._happening = dialplan.happening
        self._outcome = outcome
        self._in_script = False

    def agi(self, leg: Leg, script: str, *arguments: str) -> str:
        """Run a script on a leg; Asterisk's ``AGISTATUS``."""
        leg.variables[CALL_PLAN] = ""
        if not self._happening.server_up:
            return "FAILURE"
        name = f"{script} {leg.name}" if script == "ended" else script
        line = Line(leg, self._clock, self._studio, lambda place: self._before((name, place)))
        env = line.greet(_header(script, leg, arguments, self._happening.header))
        if env is None:
            return "FAILURE"
        self._outcome.commands[name] = line.commands
        finished = self._finished(script, Channel(line, env))
        self._outcome.finished[name] = finished
        self._outcome.missing += line.missing
        return "SUCCESS" if finished else "FAILURE"

    def _finished(self, script: str, channel: Channel) -> bool:
        try:
            return self._run(script, channel)
        except ServerDied:
            self._happening.server_up = False
            return True

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
        act = self._happening.at.get(place)
        if act is None or isinstance(act, Fault | bytes):
            return act
        act(self._dialplan)
        return None


def _header(script: str, leg: Leg, arguments: tuple[str, ...], more: bytes) -> bytes:
    lines = [f"agi_network_script: {script}", f"agi_channel: {leg.channel}"]
    lines += [f"agi_uniqueid: {leg.uniqueid}", f"agi_language: {leg.variables.get(LANGUAGE, 'en')}"]
    lines += [f"agi_arg_{place}: {one}" for place, one in enumerate(arguments, 1)]
    opening = "\n".join([*lines, ""]).encode("utf-8", "surrogatepass")
    return opening + more + b"\n"
