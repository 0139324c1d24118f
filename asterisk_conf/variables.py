"""Every name that the dialplan and the AGI scripts share, given once.

The templates of the dialplan are rendered with these names; the scripts import them.
"""

from __future__ import annotations

CALL_ID = "CALL_ID"
"""The call's id. The caller's script sets it as soon as the call exists, inherited by the
called party's leg (``SET VARIABLE __CALL_ID ...``)."""

CALL_PLAN = "CALL_PLAN"
"""What the dialplan does next. Set by a script as its **last** act: without it the dialplan
takes the script for failed, whatever else it did. Emptied before each script."""

PHONE = "PHONE"
"""The id of the inmate phone, set by its endpoint: no caller can change it."""

CALLER = "CALLER"
"""On the called party's leg: the name of the caller's channel."""

JOINED = "JOINED"
"""Epoch milliseconds of the moment before the two legs were joined; empty while they aren't."""

ENDED = "ENDED"
"""Epoch milliseconds of a leg's end; set by its hangup handler."""

ALONE = "ALONE"
"""``yes`` on a leg that the other leg has told of its own end."""

RANG = "RANG"
"""Epoch milliseconds of the moment when the number began to be rung; empty before."""

FAILED = "FAILED"
"""``yes`` on a leg that the platform failed: it heard the apology."""

PLAN_DIAL = "dial"
"""``dial,<number's digits>,<seconds to ring>``: the answer of the caller's script."""

PLAN_JOIN = "join"
"""``join,<limit ms>,<warning ms before the end>,<yes|no recorded>``: of the called script."""

PLAN_END = "end"
"""The script has said all there is to say (or, for ``ended``, has stored the end)."""

PLAN_SORRY = "sorry"
"""Nothing could be said: the dialplan plays the apology. Any unknown plan does the same."""

SOUND_SORRY = "sorry"
SOUND_CALLER_HUNG_UP = "caller-hung-up"
SOUND_ONE_MINUTE_LEFT = "one-minute-left"


def names() -> dict[str, str]:
    """Every shared name, by the name of its constant; what templates are rendered with."""
    return {key: value for key, value in globals().items() if key.isupper()}
