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

CALLER_NUMBER = "CALLER_NUMBER"
"""What called parties see of a phone's calls; set by its endpoint."""

TRUNKS = "TRUNKS"
"""The trunks of a phone's calls, best first: ``<endpoint>:<capacity, 0 none>&...``; set by its
endpoint."""

HOTLINES = "HOTLINES"
"""The context that holds the hotlines of a phone, by their codes; empty: it has none. Set by its
endpoint."""

SECURE = "SECURE"
"""``yes`` on a phone that calls by TLS or not at all; set by its endpoint."""

TRUNK = "TRUNK"
"""The id of the trunk that was tried last, on both legs."""

LANGUAGE = "CHANNEL(language)"
"""The language of a leg's prompts. A script that changes it sets this, and Asterisk tells the
leg's next script of it."""

CALLER = "CALLER"
"""On the called party's leg: the name of the caller's channel."""

JOINED = "JOINED"
"""Epoch milliseconds of the moment before the two legs were joined; empty while they aren't."""

OVER = "OVER"
"""Epoch milliseconds of the moment when the call was over for a leg that goes on to hear
sentences: its end, whenever it hangs up after that. Empty before."""

ENDED = "ENDED"
"""Epoch milliseconds of a leg's end; set by its hangup handler."""

ALONE = "ALONE"
"""``yes`` on a leg that the other leg has told of its own end."""

RANG = "RANG"
"""Epoch milliseconds of the moment when the number began to be rung; empty before."""

FAILED = "FAILED"
"""``yes`` on a leg that the platform failed before its call was over: it heard the apology."""

CAUSE = "CAUSE"
"""Why the call was over for a leg (Q.850), beside ``OVER``: the called leg tells the caller's."""

STAYS = "STAYS"
"""``yes`` on the caller's leg once the called one has said that it stays to hear a sentence."""

FACTS_OF = "FACTS_OF"
"""The id of the call that a leg's facts (``JOINED``, ``OVER``, ``RANG``, ...) belong to: a
caller's leg may hold several calls, one after the other."""

LISTEN = "LISTEN"
"""``yes`` on a called leg that may be listened to for a fax or a voicemail."""

LISTENER = "LISTENER"
"""On a called leg: the channel that listens for a voicemail."""

MACHINE = "MACHINE"
"""On a called leg: who speaks there, ``MACHINE``, ``HUMAN`` or ``NOTSURE``; empty while it isn't
known, and for ever where nobody may listen."""

MACHINE_FAX = "fax"
"""What the ``machine`` script is told when the answer was a fax's tone."""

PLAN_DIAL = "dial"
"""``dial,<number's digits>,<seconds to ring>,<yes|no may be listened to for machines>``: the
answer of a script on the caller's leg. Each ``dial`` needs a call of its own."""

PLAN_HOTLINE = "hotline"
"""``hotline,<code>``: of a script on the caller's leg that has ended its call: a free number that
the dialplan knows is dialled without any call of ours."""

PLAN_JOIN = "join"
"""``join,<limit ms>,<warning ms before the end>,<yes|no recorded>,<overlay s, 0 none>,<paid ms>``:
of the called script. ``paid`` is the talk that money is held for: the monitor moves that end."""

PLAN_END = "end"
"""The script has said all there is to say (or, for ``ended``, has stored the end)."""

PLAN_SORRY = "sorry"
"""Nothing could be said: the dialplan plays the apology. Any unknown plan does the same."""

SOUND_SORRY = "sorry"
SOUND_CALLER_HUNG_UP = "caller-hung-up"
SOUND_ONE_MINUTE_LEFT = "one-minute-left"
SOUND_CALLER_LEFT = "caller-left"
SOUND_TIME_IS_OVER = "time-is-over"
SOUND_OVERLAY = "overlay"
SOUND_ENDED_BY_ORDER = "call-ended-by-order"

SOUND_NOT_RECORDED = "caller-not-recorded"

SOUND_HOTLINE_OFFER = "hotline-offer"
SOUND_HOTLINE = "hotline-connecting"
SOUND_HOTLINE_CALLED = "hotline-called"
SOUND_HOTLINE_FAILED = "hotline-failed"
SOUND_LINE_TEST = "line-test"

CUT_CONTEXT = "cut"
"""Where the monitor sends the called party's leg of a call that is cut off by order."""
LISTEN_CONTEXT = "listen"
"""A routine for the ``called`` script: machines are listened for, where the plan allows it."""
UNRECORDED_CONTEXT = "unrecorded"
"""A routine for the ``called`` script: the caller hears that the call isn't recorded after all."""
KNOWS = "KNOWS"
"""On the caller's leg: the id of the call of which it has heard that."""

STOPPED_CONTEXT = "stopped"
"""Where it sends the caller's, when nobody has answered yet."""

SAID_CHANNEL = "Local/voice@overlay/n"
"""The channel that speaks ``SOUND`` into the leg ``SIDE``, when its other half is put to
``whisper`` in the context ``overlay``."""
SAID_CONTEXT = "overlay"
SAID_EXTENSION = "whisper"
SAID_SIDE = "SIDE"
SAID_SOUND = "SOUND"
SAID_AT = "AT"

TEST_CONTEXT = "linetest"
TEST_CHANNEL = "Local/dial@linetest/n"
TEST_EXTENSION = "say"
TEST = "TEST"
TEST_TO = "TO"
"""A test call's token, and what is dialled: what came of it is written to ``spool/test/<token>``,
as DIALSTATUS, then the codec, whether SIP and whether sound was encrypted (1 or empty), or what SIP
status ended it."""

SAID_AHEAD_MS = 2000
"""How long before a sentence is due its channel is asked for, which waits for the moment."""

LOOK_SECONDS = 5
"""How often the monitor looks which legs live and counts their packets of sound."""

PAID_GRACE_MS = 100
"""How much later than the end of its paid time a talk is ended."""

LIMIT_GRACE_MS = 2000
"""How much later than a talk's limit its timeout is where Bridge() itself ends it at the limit."""

MANAGER_USER = "parloir"
"""Who the monitor is on Asterisk's manager interface."""

NAMES_FOLDER = "names"


def name_to_record(clip: str) -> str:
    """What AGI's ``RECORD FILE`` (format ``wav``) and ``STREAM FILE`` call a recorded name."""
    return f"{NAMES_FOLDER}/{clip}"


def names() -> dict[str, str]:
    """Every shared name, by the name of its constant; what templates are rendered with."""
    return {key: value for key, value in globals().items() if key.isupper()}
