"""Another call from the same off-hook: the same person, no new PIN, a call of its own."""

from __future__ import annotations

from dataclasses import dataclass

from agi.channel import AGIHangup, Channel
from agi.context import Context
from agi.line import Line
from asterisk_conf.variables import CALL_ID
from calls import opening
from calls.ending import CALLER, Ending, end
from calls.people import Person
from ivr_prompts.saying import Sentence

TRIES = 2
SAME, OTHER = "1", "2"


@dataclass(frozen=True)
class Caller:
    """Who is on the caller's leg, and for which call. ``again`` is the number to call again."""

    line: Line
    call_id: str
    person: Person
    again: str | None = None


def next_call(line: Line, call_id: str, *, same: bool) -> Caller | None:
    """Offer another call after ``call_id`` and open it; None after a goodbye.

    ``same``: whether it makes sense to call the same number again.
    """
    key = _choice(line, same=same)
    caller = _open(line, call_id, again=key == SAME) if key else None
    if caller is None:
        line.say(Sentence("goodbye"))
    return caller


def _open(line: Line, call_id: str, *, again: bool) -> Caller | None:
    context, uniqueid = line.context, line.channel.env["agi_uniqueid"]
    opened = opening.follow(context.database, call_id, uniqueid, context.now())
    if opened is None:
        return None
    carry(line.channel, context, opened.call_id)
    line.turn_page(opened.call_id)
    return Caller(line, opened.call_id, opened.person, opened.dialled if again else None)


def _choice(line: Line, *, same: bool) -> str:
    question = Sentence("next-call" if same else "next-call-other")
    for _ in range(TRIES):
        key = line.ask(question, digits=1)
        if key == OTHER or (key == SAME and same):
            return key
        if not key:
            return ""
        line.say(Sentence("not-understood"))
    return ""


def carry(channel: Channel, context: Context, call_id: str) -> None:
    """Let the channel carry the call's id. Who hangs up before it does is ended here."""
    try:
        channel.set_variable(f"__{CALL_ID}", call_id)
    except AGIHangup:
        end(context.database, call_id, Ending(CALLER, context.now()))
        raise
