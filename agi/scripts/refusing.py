"""The called party's ways out: not this call, not from this person, not from this facility."""

from __future__ import annotations

from collections.abc import Mapping

from agi.line import Line
from agi.scripts.told import called_hears
from asterisk_conf.variables import PLAN_END
from calls import blocking, outcomes
from calls.blocking import BlockScope
from calls.states import Cause, State
from ivr_prompts.saying import Digits, Sentence

BLOCK = "7"
SILENCE_MS = 5000
CONFIRM, UNDO = "1", "1"
SCOPES: Mapping[str, BlockScope] = {"1": BlockScope.PERSON, "2": BlockScope.FACILITY}
CONFIRMATIONS: Mapping[BlockScope, Sentence] = {
    BlockScope.PERSON: Sentence("called-block-person-confirm"),
    BlockScope.FACILITY: Sentence("called-block-facility-confirm"),
}


def give_up(line: Line, call_id: str, cause: Cause) -> str:
    """This call isn't taken; the plan for the dialplan."""
    outcomes.note_outcome(line.context.database, call_id, cause)
    farewell = called_hears(State.GREETED, cause)
    assert farewell is not None
    line.say(farewell)
    return PLAN_END


def block(line: Line, call_id: str) -> bool:
    """Ask what to block, and again whether it is meant. False: nothing was, back to the menu."""
    scope = SCOPES.get(_ask(line, Sentence("called-block")))
    if scope is None or _ask(line, CONFIRMATIONS[scope]) != CONFIRM:
        return False
    context = line.context
    blocking.called_party_blocks(context.database, call_id, scope, context.now())
    if _ask(line, Sentence("called-blocked"), _help(line)) == UNDO:
        blocking.lift_called_party_block(context.database, call_id, context.now())
        line.say(Sentence("called-unblocked"))
    line.say(Sentence("goodbye"))
    return True


def _ask(line: Line, *sentences: Sentence) -> str:
    return line.ask(*sentences, digits=1, silence_ms=SILENCE_MS)


def _help(line: Line) -> Sentence:
    number = line.context.settings.help_number
    if number:
        return Sentence("called-block-help", help=Digits(number))
    return Sentence("called-block-help-facility")
