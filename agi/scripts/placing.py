"""From the number to the dial, as often as the caller likes: one off-hook may hold many calls."""

from __future__ import annotations

from collections.abc import Mapping

from agi.line import TRIES, Line
from agi.scripts import more
from agi.scripts.following import Caller, next_call
from agi.scripts.refusals import REFUSALS
from asterisk_conf.variables import PLAN_DIAL, PLAN_END
from blocklists.numbers import digits_of
from calls import outcomes
from calls.decided import Decision
from calls.decision import CallOver, authorize
from calls.ending import CALLER, Ending, end
from calls.reasons import PaidBy
from calls.standing import standing
from calls.states import Cause
from ivr_prompts.saying import Digits, Duration, Money, Sentence

NUMBER_DIGITS = 20
MORE = "*"
# Whoever is refused so often isn't helped by another try.
MOST_REFUSALS = 5
_NUMBER: tuple[Sentence, ...] = (Sentence("enter-number"), Sentence("more-choices"))
_NOTHING = Sentence("no-input")
_PAID_BY: Mapping[str, PaidBy] = {"1": PaidBy.CALLED, "2": PaidBy.CALLER}


def place(caller: Caller) -> str:
    """The plan for the dialplan: a number to dial, or the end after a goodbye."""
    for left in reversed(range(MOST_REFUSALS)):
        dialled = caller.again or _ask_number(caller)
        if dialled is None:
            outcomes.note_outcome(caller.line.context.database, caller.call_id, Cause.NO_NUMBER)
            break
        decision = _decide(caller, dialled)
        if decision is None:
            # The caller has left: nobody is there to be told.
            return PLAN_END
        if decision.reason is None:
            return _dial(caller.line, decision)
        _refuse(caller, decision)
        following = next_call(caller.line, caller.call_id, same=False) if left else caller
        if following is None:
            return PLAN_END
        caller = following
    caller.line.say(Sentence("too-many-tries"), Sentence("goodbye"))
    return PLAN_END


def _ask_number(caller: Caller) -> str | None:
    question = _NUMBER
    for _ in range(TRIES):
        dialled = _keyed(caller, question)
        if dialled and _confirmed(caller.line, dialled):
            return dialled
        question = _NUMBER if dialled else (_NOTHING, *_NUMBER)
    return None


def _keyed(caller: Caller, question: tuple[Sentence, ...]) -> str:
    for _ in range(TRIES):
        dialled = caller.line.ask(*question, digits=NUMBER_DIGITS)
        if dialled != MORE:
            return dialled
        more.tell(caller)
    return ""


def _confirmed(line: Line, dialled: str) -> bool:
    question = Sentence("confirm-number", number=Digits(dialled))
    for _ in range(TRIES):
        key = line.ask(question, digits=1)
        if key in ("1", "2"):
            return key == "1"
        line.say(Sentence("not-understood") if key else _NOTHING)
    return False


def _decide(caller: Caller, dialled: str) -> Decision | None:
    by = _how_to_pay(caller)
    context = caller.line.context
    try:
        settings = context.settings.call
        return authorize(context.database, caller.call_id, dialled, context.now(), by, settings)
    except CallOver:
        return None


def _how_to_pay(caller: Caller) -> PaidBy:
    """Who has no money of their own isn't asked; who says nothing lets the called party pay."""
    if not caller.person.debit_account:
        return PaidBy.CALLED
    context = caller.line.context
    cents = standing(context.database, caller.person.id, context.now()).debit_cents
    if not cents:
        return PaidBy.CALLED
    for _ in range(TRIES):
        key = caller.line.ask(Sentence("how-to-pay", balance=Money(cents)), digits=1)
        if key in _PAID_BY:
            return _PAID_BY[key]
        caller.line.say(Sentence("not-understood") if key else _NOTHING)
    return PaidBy.CALLED


def _refuse(caller: Caller, decision: Decision) -> None:
    assert decision.reason is not None
    code = Sentence("reference-code", code=Digits(str(decision.reason.code)))
    caller.line.say(REFUSALS[decision.reason], code)
    context = caller.line.context
    end(context.database, caller.call_id, Ending(CALLER, context.now()))


def _dial(line: Line, decision: Decision) -> str:
    call = line.context.settings.call
    if not decision.recorded:
        line.say(Sentence("caller-not-recorded"))
    if decision.affordable_seconds <= call.warning_seconds:
        line.say(Sentence("under-a-minute", left=Duration(decision.affordable_seconds)))
    assert decision.number is not None
    listened = "yes" if call.listen_for_machines and decision.may_be_listened_to else "no"
    return f"{PLAN_DIAL},{digits_of(decision.number)},{call.ring_seconds},{listened}"
