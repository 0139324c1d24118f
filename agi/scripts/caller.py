"""The caller's leg up to the dial: a phone was lifted."""

from __future__ import annotations

from agi.channel import Channel
from agi.context import Context
from agi.line import Line
from agi.scripts import identifying, placing
from agi.scripts.following import Caller, carry
from agi.scripts.identifying import Hotline
from asterisk_conf.variables import CALL_PLAN, PLAN_END, PLAN_HOTLINE
from calls import opening, outcomes
from calls.ending import CALLER, Ending, end
from calls.states import Cause
from ivr_prompts.saying import Sentence


def caller(channel: Channel, context: Context) -> None:
    """Ends in a plan to dial, or in the reason why not."""
    phone, uniqueid = channel.env["agi_arg_1"], channel.env["agi_uniqueid"]
    call_id = opening.open_call(context.database, phone, uniqueid, context.now())
    if call_id is None:
        raise LookupError(f"a call came from {phone!r}, which is no phone of ours")
    carry(channel, context, call_id)
    line = Line(channel, context, "caller")
    with line.journal(call_id):
        plan = _converse(line, call_id)
    channel.set_variable(CALL_PLAN, plan)


def _converse(line: Line, call_id: str) -> str:
    person = identifying.identify(line, call_id)
    if isinstance(person, Hotline):
        return _hotline(line, call_id, person)
    if person is None:
        outcomes.note_outcome(line.context.database, call_id, Cause.NOT_IDENTIFIED)
        return PLAN_END
    if person.facility_records:
        line.say(Sentence("calls-are-recorded"))
    return placing.place(Caller(line, call_id, person))


def _hotline(line: Line, call_id: str, hotline: Hotline) -> str:
    """The off-hook ends here, with nobody identified: what follows is no call of ours."""
    context = line.context
    outcomes.note_outcome(context.database, call_id, Cause.NOT_IDENTIFIED)
    end(context.database, call_id, Ending(CALLER, context.now(), hung_up_by=""))
    return f"{PLAN_HOTLINE},{hotline.code}"
