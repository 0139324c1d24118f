"""The caller's leg when a call is over and the caller still there: what became of it, and another.

Two scripts: ``unanswered`` when nobody lifted, ``over`` when somebody did.
"""

from __future__ import annotations

from collections.abc import Mapping

from agi.channel import Channel
from agi.context import Context
from agi.line import Line
from agi.reports import as_ending, facts_of
from agi.scripts.following import next_call
from agi.scripts.placing import place
from agi.scripts.told import caller_hears
from asterisk_conf.reports import FACTS, Report
from asterisk_conf.variables import CALL_PLAN, PLAN_END
from calls import outcomes
from calls.ending import end
from calls.states import Cause, State
from ivr_prompts.saying import Sentence

# Asterisk's number for how a call failed (ITU-T Q.850), which says more than its DIALSTATUS.
NETWORK_CAUSES: Mapping[int, Cause] = {
    1: Cause.INVALID_NUMBER,  # unallocated
    2: Cause.INVALID_NUMBER,  # no route to the network
    3: Cause.INVALID_NUMBER,  # no route to the destination
    17: Cause.BUSY,
    18: Cause.NO_ANSWER,
    19: Cause.NO_ANSWER,
    21: Cause.DECLINED,
    22: Cause.INVALID_NUMBER,  # number changed
    28: Cause.INVALID_NUMBER,  # incomplete
    34: Cause.CONGESTION,
    38: Cause.CONGESTION,
    42: Cause.CONGESTION,
}
DIAL_CAUSES: Mapping[str, Cause] = {"BUSY": Cause.BUSY, "NOANSWER": Cause.NO_ANSWER}


def unanswered(channel: Channel, context: Context) -> None:
    """The number was rung and nobody answered."""
    report = facts_of(channel)
    status, early, trunk = (channel.env.get(f"agi_arg_{FACTS + place}", "") for place in (1, 2, 3))
    outcomes.note_trunk(context.database, report.call_id, trunk or None)
    cause = not_reached(status, report.hangup_cause, announced=early not in ("", "0"))
    outcomes.note_outcome(context.database, report.call_id, cause)
    _go_on(channel, context, report)


def over(channel: Channel, context: Context) -> None:
    """Somebody answered; it was declined, or talked, and is over."""
    _go_on(channel, context, facts_of(channel))


def not_reached(status: str, cause: int | None, *, announced: bool) -> Cause:
    """What became of a dial, by Asterisk's DIALSTATUS and Q.850 cause.

    ``announced``: the network sent sound before it gave up, which nobody heard. Where its number
    doesn't tell why, that sound did.
    """
    if status == "NOANSWER":
        return Cause.NO_ANSWER
    known = NETWORK_CAUSES.get(cause or 0)
    if announced and known in (None, Cause.CONGESTION):
        return Cause.CARRIER_ANNOUNCEMENT
    return known or DIAL_CAUSES.get(status, Cause.UNREACHABLE)


def _go_on(channel: Channel, context: Context, report: Report) -> None:
    end(context.database, report.call_id, as_ending(report, context.settings))
    cause = outcomes.cause(context.database, report.call_id)
    line = Line(channel, context, "caller")
    with line.journal(report.call_id):
        line.say(_told(cause, report))
        caller = next_call(line, report.call_id, same=cause is not Cause.INVALID_NUMBER)
        plan = place(caller) if caller else PLAN_END
    channel.set_variable(CALL_PLAN, plan)


def _told(cause: Cause | None, report: Report) -> Sentence:
    state = State.ANSWERED if report.joined_ms is None else State.TALKING
    return caller_hears(state, cause or Cause.CALLED_HUNG_UP) or Sentence("sorry")
