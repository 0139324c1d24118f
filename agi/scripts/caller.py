"""The caller's leg up to the dial: who are you, whom do you call, and what became of it."""

from __future__ import annotations

from agi.channel import Channel
from agi.context import Context
from agi.line import TRIES, Line
from agi.scripts.refusals import REFUSALS
from asterisk_conf.variables import CALL_ID, CALL_PLAN, PLAN_DIAL, PLAN_END
from blocklists.numbers import digits_of
from calls import life, people
from calls.decision import CallOver, Decision, authorize
from calls.people import NotIdentified, Person
from calls.states import Cause
from ivr_prompts.saying import Digits, Duration, Sentence

ID_DIGITS = 12
PIN_DIGITS = 6
NUMBER_DIGITS = 20


def caller(channel: Channel, context: Context) -> None:
    """A phone was lifted. Ends in a plan to dial, or in the reason why not."""
    phone, uniqueid = channel.env["agi_arg_1"], channel.env["agi_uniqueid"]
    call_id = life.open_call(context.database, phone, uniqueid, context.now())
    if call_id is None:
        raise LookupError(f"a call came from {phone!r}, which is no phone of ours")
    channel.set_variable(f"__{CALL_ID}", call_id)
    line = Line(channel, context, "caller")
    with line.journal(call_id):
        plan = _converse(line, call_id)
    channel.set_variable(CALL_PLAN, plan)


def _converse(line: Line, call_id: str) -> str:
    database = line.context.database
    person = _identify(line, call_id)
    if person is None:
        life.note_outcome(database, call_id, Cause.NOT_IDENTIFIED)
        return PLAN_END
    if person.facility_records:
        line.say(Sentence("calls-are-recorded"))
    dialled = _ask_number(line)
    if dialled is None:
        life.note_outcome(database, call_id, Cause.NO_NUMBER)
        line.say(Sentence("too-many-tries"), Sentence("goodbye"))
        return PLAN_END
    try:
        decision = authorize(database, call_id, dialled, line.context.now())
    except CallOver:
        # Nobody is left to be told.
        return PLAN_END
    return _explain(line, decision) or _dial(line, decision)


def _identify(line: Line, call_id: str) -> Person | None:
    context = line.context
    for _ in range(TRIES):
        person_id = line.ask(Sentence("enter-id"), digits=ID_DIGITS)
        if not person_id:
            line.say(Sentence("no-input"))
            continue
        pin = line.ask(Sentence("enter-pin"), digits=PIN_DIGITS, secret=True)
        found = people.identify(
            context.database, context.pin_key, call_id, person_id, pin, context.now()
        )
        if isinstance(found, Person):
            return found
        if found is NotIdentified.LOCKED:
            line.say(Sentence("pin-locked"), Sentence("goodbye"))
            return None
        line.say(Sentence("pin-wrong"))
    line.say(Sentence("too-many-tries"), Sentence("goodbye"))
    return None


def _ask_number(line: Line) -> str | None:
    question = [Sentence("enter-number")]
    for _ in range(TRIES):
        dialled = line.ask(*question, digits=NUMBER_DIGITS)
        if dialled and _confirmed(line, dialled):
            return dialled
        question = [Sentence("enter-number")] if dialled else [_NOTHING, Sentence("enter-number")]
    return None


def _confirmed(line: Line, dialled: str) -> bool:
    question = Sentence("confirm-number", number=Digits(dialled))
    for _ in range(TRIES):
        key = line.ask(question, digits=1)
        if key in ("1", "2"):
            return key == "1"
        line.say(Sentence("not-understood") if key else _NOTHING)
    return False


def _explain(line: Line, decision: Decision) -> str | None:
    if decision.reason is None:
        return None
    code = Sentence("reference-code", code=Digits(str(decision.reason.code)))
    line.say(REFUSALS[decision.reason], code, Sentence("goodbye"))
    return PLAN_END


def _dial(line: Line, decision: Decision) -> str:
    if not decision.recorded:
        line.say(Sentence("caller-not-recorded"))
    if decision.limit_seconds <= line.context.settings.call.warning_seconds:
        line.say(Sentence("under-a-minute", left=Duration(decision.limit_seconds)))
    assert decision.number is not None
    ring = line.context.settings.call.ring_seconds
    return f"{PLAN_DIAL},{digits_of(decision.number)},{ring}"


_NOTHING = Sentence("no-input")
