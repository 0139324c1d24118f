"""What each party is told of a call's end: one sentence for each cause that has one.

The scripts speak from here, the dialplan plays the same by itself where no script runs any more,
and the picture of a call's life in the docs is made from it.
"""

from __future__ import annotations

from collections.abc import Mapping

from calls.states import Cause, State
from ivr_prompts.saying import Sentence

_SORRY = Sentence("sorry")
_ORDERED = Sentence("call-ended-by-order")
# A talk that the platform failed ended without a word: nothing was there to say one.
_CRASHED = (State.TALKING, Cause.SYSTEM_FAILURE)
_TO_CALLER: Mapping[Cause, Sentence] = {
    Cause.NOT_IDENTIFIED: Sentence("too-many-tries"),
    Cause.NO_NUMBER: Sentence("too-many-tries"),
    Cause.BUSY: Sentence("outcome-busy"),
    Cause.NO_ANSWER: Sentence("outcome-no-answer"),
    Cause.INVALID_NUMBER: Sentence("outcome-invalid-number"),
    Cause.CONGESTION: Sentence("outcome-congestion"),
    Cause.CARRIER_ANNOUNCEMENT: Sentence("outcome-carrier-announcement"),
    Cause.UNREACHABLE: Sentence("outcome-unreachable"),
    Cause.FAX: Sentence("outcome-fax"),
    Cause.VOICEMAIL: Sentence("outcome-voicemail"),
    Cause.DECLINED: Sentence("outcome-declined"),
    Cause.BLOCKED_BY_CALLED: Sentence("outcome-declined"),
    Cause.NO_ACCEPTANCE: Sentence("outcome-no-acceptance"),
    Cause.LIMIT: Sentence("time-is-over"),
    Cause.MEDIA_LOST: Sentence("media-lost"),
    Cause.NETWORK_LOST: Sentence("media-lost"),
    Cause.CUT_OFF: _ORDERED,
    Cause.SYSTEM_FAILURE: _SORRY,
}
_TO_CALLED: Mapping[Cause, Sentence] = {
    Cause.DECLINED: Sentence("called-refused"),
    Cause.NO_ACCEPTANCE: Sentence("called-no-key"),
    Cause.VOICEMAIL: Sentence("called-no-key"),
    Cause.BLOCKED_BY_CALLED: Sentence("called-blocked"),
    Cause.LIMIT: Sentence("time-is-over"),
    Cause.CUT_OFF: _ORDERED,
    Cause.SYSTEM_FAILURE: _SORRY,
}
_HEARS = frozenset({State.ANSWERED, State.GREETED, State.BLOCKED, State.ACCEPTED, State.TALKING})


def caller_hears(state: State, cause: Cause) -> Sentence | None:
    """What the caller is told when a call ends in ``state``.

    None where there is nobody to tell, or (a refusal) the reason itself is told.
    """
    if (state, cause) == _CRASHED:
        return None
    if cause is Cause.CALLED_HUNG_UP:
        return Sentence("called-hung-up" if state is State.TALKING else "outcome-declined")
    return _TO_CALLER.get(cause)


def called_hears(state: State, cause: Cause) -> Sentence | None:
    """What the called party is told; None where nobody has answered, or nobody is left."""
    if state not in _HEARS or (state, cause) == _CRASHED:
        return None
    if (state, cause) == (State.BLOCKED, Cause.DECLINED):
        return Sentence("called-unblocked")
    if cause in (Cause.CALLER_HUNG_UP, Cause.MEDIA_LOST, Cause.NETWORK_LOST):
        talked = state is State.TALKING
        return Sentence("caller-left" if talked else "caller-hung-up")
    return _TO_CALLED.get(cause)
