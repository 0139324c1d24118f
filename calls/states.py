"""The states of a call and what may follow what, as one table.

A state's time of entry stands in the call's row (column ``<state>_at``), because staff screens
show them and disputes turn on them. ``ended`` is reached from everywhere, once.
"""

from __future__ import annotations

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
    ACCEPTED = "accepted"
    TALKING = "talking"
    ENDED = "ended"


FOLLOWS: dict[State, frozenset[State]] = {
    State.OFFHOOK: frozenset({State.IDENTIFIED, State.ENDED}),
    State.IDENTIFIED: frozenset({State.AUTHORIZED, State.REFUSED, State.ENDED}),
    State.AUTHORIZED: frozenset({State.RINGING, State.ENDED}),
    State.REFUSED: frozenset({State.ENDED}),
    State.RINGING: frozenset({State.ANSWERED, State.ENDED}),
    State.ANSWERED: frozenset({State.GREETED, State.ENDED}),
    State.GREETED: frozenset({State.ACCEPTED, State.ENDED}),
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
    NO_ACCEPTANCE = "no_acceptance"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    UNREACHABLE = "unreachable"
    SYSTEM_FAILURE = "system_failure"
