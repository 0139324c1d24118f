"""A lawyer calls the registry's number from the own line: is this line registered?

The number is the one that the trunk tells. Whoever calls with another's hears of that one: it is
no secret, and nothing is changed by it.
"""

from __future__ import annotations

from agi.channel import Channel
from agi.context import Context
from agi.line import Line
from asterisk_conf.variables import CALL_PLAN, PLAN_END
from blocklists.numbers import Refused, normalise
from blocklists.privilege.entries import Registered
from blocklists.privilege.entries import registered as standing
from ivr_prompts.saying import Digits, Sentence

AGAIN = "0"
TIMES = 3


def registered(channel: Channel, context: Context) -> None:
    """Say it, again if wanted, in either language; then hang up."""
    line = Line(channel, context, "called")
    told = _told(context, channel.env.get("agi_callerid", ""))
    for _ in range(TIMES):
        asked = (told, Sentence("registered-again"))
        if line.ask(*asked, digits=1, offered="language-offer") != AGAIN:
            break
    line.say(Sentence("goodbye"))
    channel.set_variable(CALL_PLAN, PLAN_END)


def _told(context: Context, shown: str) -> Sentence:
    number = normalise(shown)
    if isinstance(number, Refused):
        return Sentence("registered-hidden")
    with context.database.begin() as connection:
        found = standing(connection, number, context.now())
    digits = Digits(number.removeprefix("+1"))
    if found is Registered.EVERYWHERE:
        return Sentence("registered-everywhere", number=digits)
    if found is Registered.PARTLY:
        return Sentence("registered-partly", number=digits)
    return Sentence("registered-not", number=digits)
