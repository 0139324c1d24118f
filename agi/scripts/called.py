"""The called party's leg: who calls, what it costs, accept or not.

47 CFR 64.710: the provider is named first, the price is one key away, and hanging up before
acceptance is free. Only a pressed acceptance joins the parties; silence and machines never do.
The one exception is a call that is neither charged nor recorded: a lawyer's switchboard can't
press a key.
"""

from __future__ import annotations

from agi.channel import Channel
from agi.context import Context
from agi.line import Line
from agi.scripts import greeting
from agi.scripts.refusing import BLOCK, block, give_up
from asterisk_conf.variables import (
    CALL_PLAN,
    LISTEN_CONTEXT,
    MACHINE,
    PLAN_END,
    PLAN_JOIN,
    UNRECORDED_CONTEXT,
)
from calls import acceptance, answering, outcomes
from calls.acceptance import Joining
from calls.answering import Answered
from calls.states import Cause
from ivr_prompts.saying import Sentence
from store.types import from_epoch_ms

PRICE, REFUSE, REPEAT = "2", "3", "0"
SILENCE_MS = 5000
# The moment in which a call that needs no key can still be refused.
SHORT_SILENCE_MS = 300
# A menu that starts later than this before the deadline would not end before it.
LAST_REPEAT_SECONDS = 25


def called(channel: Channel, context: Context) -> None:
    """The called party answered. Ends in a plan to join, or in a goodbye."""
    call_id = channel.env["agi_arg_1"]
    call = _answered(channel, context)
    line = Line(channel, context, "called")
    if call is None:
        # The caller left, or the call was ended, while the phone was being lifted.
        line.say(_over(line, call_id))
        channel.set_variable(CALL_PLAN, PLAN_END)
        return
    if context.settings.call.listen_for_machines and not call.privileged:
        channel.gosub(LISTEN_CONTEXT)
    with line.journal(call_id):
        plan = _Menu(line, call_id, call).run()
    channel.set_variable(CALL_PLAN, plan)


def _answered(channel: Channel, context: Context) -> Answered | None:
    rang = from_epoch_ms(int(channel.env["agi_arg_2"]))
    trunk = channel.env.get("agi_arg_3") or None
    leg = (channel.env["agi_arg_1"], channel.env["agi_uniqueid"])
    return answering.answered(context.database, *leg, rang, context.now(), trunk)


class _Menu:
    """The choices of the called party, until one is made or the time is over."""

    def __init__(self, line: Line, call_id: str, call: Answered) -> None:
        self._line = line
        self._call_id = call_id
        self._call = call
        self._context = line.context
        self._settings = line.context.settings.call
        self._accept_keys = (self._settings.accept_key, self._settings.second_accept_key)
        self._deadline = self._context.monotonic() + self._settings.accept_seconds
        self._last = self._deadline + self._settings.accept_seconds
        self._keyless = call.needs_no_key
        self._caller_knows = False

    def run(self) -> str:
        """The plan for the dialplan."""
        key = self._first()
        if not self._accepts(key):
            answering.greeted(self._context.database, self._call_id, self._context.now())
        while not self._accepts(key):
            if key == REFUSE:
                return give_up(self._line, self._call_id, Cause.DECLINED)
            if key == BLOCK and block(self._line, self._call_id):
                return PLAN_END
            self._prolong(key)
            if cause := self._nobody(key):
                return give_up(self._line, self._call_id, cause)
            key = self._ask(*self._reply_to(key))
        return self._accept()

    def _first(self) -> str:
        told = greeting.introduction(self._line, self._call)
        if self._keyless:
            return self._line.ask(*told, digits=1, silence_ms=SHORT_SILENCE_MS)
        return self._speak(*told, self._choices())

    def _accepts(self, key: str) -> bool:
        return key in self._accept_keys if key else self._keyless

    def _prolong(self, key: str) -> None:
        """Who presses keys is there, and gets the time anew, once over."""
        if key:
            anew = self._context.monotonic() + self._settings.accept_seconds
            self._deadline = min(anew, self._last)

    def _nobody(self, key: str) -> Cause | None:
        """Why to give up waiting for a key; a machine is believed only when none comes."""
        if not key and self._line.channel.get_variable(MACHINE) == "MACHINE":
            return Cause.VOICEMAIL
        return Cause.NO_ACCEPTANCE if self._left() <= 0 else None

    def _reply_to(self, key: str) -> tuple[Sentence, ...]:
        if key == PRICE:
            return *greeting.price(self._call), self._choices()
        if key == REPEAT:
            return (*greeting.introduction(self._line, self._call), self._choices())
        if key in ("", BLOCK):
            return (self._choices(),)
        return Sentence("not-understood"), self._choices()

    def _ask(self, *sentences: Sentence) -> str:
        if self._left() < LAST_REPEAT_SECONDS:
            return self._line.listen(max(1, int(self._left() * 1000)))
        return self._speak(*sentences)

    def _speak(self, *sentences: Sentence) -> str:
        return self._line.ask(*sentences, digits=1, silence_ms=SILENCE_MS, offered="language-offer")

    def _choices(self) -> Sentence:
        return greeting.choices(*self._accept_keys)

    def _left(self) -> float:
        return self._deadline - self._context.monotonic()

    def _accept(self) -> str:
        joining = self._accepted() or (self._told_anew() and self._accepted())
        if not joining:
            self._line.say(_over(self._line, self._call_id))
            return PLAN_END
        limit_ms = joining.limit_seconds * 1000
        warning_ms = self._settings.warning_seconds * 1000
        warned = warning_ms if warning_ms < limit_ms else 0
        recorded = "yes" if joining.recorded else "no"
        overlay, paid_ms = self._call.overlay_seconds, joining.paid_seconds * 1000
        return f"{PLAN_JOIN},{limit_ms},{warned},{recorded},{overlay},{paid_ms}"

    def _accepted(self) -> Joining | None:
        """Whoever was told that the call is recorded knows before it begins that it isn't."""
        if self._call.caller_was_told_otherwise and not self._caller_knows:
            self._line.channel.gosub(UNRECORDED_CONTEXT)
            self._caller_knows = True
        context = self._context
        return acceptance.accept(
            context.database, self._call_id, self._call, context.now(), self._settings
        )

    def _told_anew(self) -> bool:
        """Whether the call lives, recorded no longer: which the called party has heard now."""
        now = _answered(self._line.channel, self._context)
        if now is None or now.recorded is self._call.recorded:
            return False
        self._call = now
        self._line.say(Sentence("called-not-recorded"))
        return True


def _over(line: Line, call_id: str) -> Sentence:
    """Why there is nobody any more to be joined with."""
    ordered = outcomes.outcome(line.context.database, call_id) is Cause.CUT_OFF
    return Sentence("call-ended-by-order" if ordered else "caller-hung-up")
