"""The states of a call and what may follow what, as one table.

A state's time of entry stands in the call's row (column ``<state>_at``), because staff screens
show them and disputes turn on them. ``ended`` is reached from everywhere, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a call is."""

    OFFHOOK = "offhook"
    IDENTIFIED = "identified"
    AUTHORIZED = "authorized"
    REFUSED = "refused"
    RINGING = "ringing"
    ANSWERED = "answered"
    GREETED = "greeted"
    BLOCKED = "blocked"
    ACCEPTED = "accepted"
    TALKING = "talking"
    ENDED = "ended"


FOLLOWS: Mapping[State, frozenset[State]] = {
    State.OFFHOOK: frozenset({State.IDENTIFIED, State.ENDED}),
    State.IDENTIFIED: frozenset({State.AUTHORIZED, State.REFUSED, State.ENDED}),
    State.AUTHORIZED: frozenset({State.RINGING, State.ENDED}),
    State.REFUSED: frozenset({State.ENDED}),
    State.RINGING: frozenset({State.ANSWERED, State.ENDED}),
    State.ANSWERED: frozenset({State.GREETED, State.BLOCKED, State.ENDED}),
    State.GREETED: frozenset({State.ACCEPTED, State.BLOCKED, State.ENDED}),
    State.BLOCKED: frozenset({State.ENDED}),
    State.ACCEPTED: frozenset({State.TALKING, State.ENDED}),
    State.TALKING: frozenset({State.ENDED}),
    State.ENDED: frozenset(),
}


class Cause(StrEnum):
    """Why a call ended. Exactly one stands on every CDR."""

    CALLER_HUNG_UP = "caller_hung_up"
    CALLED_HUNG_UP = "called_hung_up"
    LIMIT = "limit"
    REFUSED = "refused"
    NOT_IDENTIFIED = "not_identified"
    NO_NUMBER = "no_number"
    DECLINED = "declined"
    BLOCKED_BY_CALLED = "blocked_by_called"
    NO_ACCEPTANCE = "no_acceptance"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    INVALID_NUMBER = "invalid_number"
    CONGESTION = "congestion"
    CARRIER_ANNOUNCEMENT = "carrier_announcement"
    UNREACHABLE = "unreachable"
    FAX = "fax"
    VOICEMAIL = "voicemail"
    MEDIA_LOST = "media_lost"
    NETWORK_LOST = "network_lost"
    CUT_OFF = "cut_off"
    SYSTEM_FAILURE = "system_failure"


_BY_CALLER = frozenset({Cause.CALLER_HUNG_UP, Cause.MEDIA_LOST, Cause.SYSTEM_FAILURE})
# Whatever was authorized may be cut off by an order.
_BY_EITHER = _BY_CALLER | {Cause.CALLED_HUNG_UP, Cause.CUT_OFF}
_NOT_REACHED = _BY_EITHER | {
    *(Cause.BUSY, Cause.NO_ANSWER, Cause.DECLINED, Cause.UNREACHABLE),
    *(Cause.INVALID_NUMBER, Cause.CONGESTION, Cause.CARRIER_ANNOUNCEMENT),
}
_NOT_TAKEN = _BY_EITHER | {Cause.DECLINED, Cause.NO_ACCEPTANCE, Cause.FAX, Cause.VOICEMAIL}
EXITS: Mapping[State, frozenset[Cause]] = {
    State.OFFHOOK: _BY_CALLER | {Cause.NOT_IDENTIFIED},
    State.IDENTIFIED: _BY_CALLER | {Cause.NOT_IDENTIFIED, Cause.NO_NUMBER},
    State.AUTHORIZED: _NOT_REACHED,
    State.REFUSED: frozenset({Cause.REFUSED, Cause.SYSTEM_FAILURE}),
    State.RINGING: _NOT_REACHED,
    State.ANSWERED: _NOT_TAKEN,
    State.GREETED: _NOT_TAKEN,
    State.BLOCKED: frozenset({Cause.BLOCKED_BY_CALLED, Cause.DECLINED, Cause.SYSTEM_FAILURE}),
    State.ACCEPTED: _BY_EITHER,
    State.TALKING: _BY_EITHER | {Cause.LIMIT, Cause.NETWORK_LOST},
    State.ENDED: frozenset(),
}
"""Why a call may end whose last state this is."""
DROPPED = frozenset({Cause.MEDIA_LOST, Cause.NETWORK_LOST, Cause.SYSTEM_FAILURE})
"""Cut by the network or the platform, and by nobody's will."""


def later(state: State) -> frozenset[State]:
    """Every state that can still come after this one."""
    following = FOLLOWS[state]
    return following.union(*(later(one) for one in following))
