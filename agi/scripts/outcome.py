"""The caller's leg when there will be no talk: says what became of the call."""

from __future__ import annotations

from collections.abc import Mapping

from agi.channel import Channel
from agi.context import Context
from agi.line import Line
from asterisk_conf.variables import CALL_PLAN, PLAN_END
from calls import life
from calls.states import Cause
from ivr_prompts.saying import Sentence

# Asterisk's DIALSTATUS. What isn't here (CHANUNAVAIL, CONGESTION and others) can't be reached.
DIAL_CAUSES: Mapping[str, Cause] = {"BUSY": Cause.BUSY, "NOANSWER": Cause.NO_ANSWER}
SPOKEN: Mapping[Cause, Sentence] = {
    Cause.BUSY: Sentence("outcome-busy"),
    Cause.NO_ANSWER: Sentence("outcome-no-answer"),
    Cause.UNREACHABLE: Sentence("outcome-unreachable"),
    Cause.DECLINED: Sentence("outcome-declined"),
    Cause.NO_ACCEPTANCE: Sentence("outcome-no-acceptance"),
    Cause.SYSTEM_FAILURE: Sentence("sorry"),
}


def unanswered(channel: Channel, context: Context) -> None:
    """The number was rung and nobody answered."""
    call_id, status = channel.env["agi_arg_1"], channel.env["agi_arg_2"]
    cause = DIAL_CAUSES.get(status, Cause.UNREACHABLE)
    life.note_outcome(context.database, call_id, cause)
    _say(channel, context, call_id, cause)


def declined(channel: Channel, context: Context) -> None:
    """The number answered, but the call was not accepted."""
    call_id = channel.env["agi_arg_1"]
    outcome = life.outcome(context.database, call_id) or Cause.DECLINED
    _say(channel, context, call_id, outcome)


def _say(channel: Channel, context: Context, call_id: str, cause: Cause) -> None:
    line = Line(channel, context, "caller")
    with line.journal(call_id):
        line.say(SPOKEN[cause], Sentence("goodbye"))
    channel.set_variable(CALL_PLAN, PLAN_END)
