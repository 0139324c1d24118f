"""The called party is a machine that Asterisk heard out: nobody is there to be told."""

from __future__ import annotations

from collections.abc import Mapping

from agi.channel import Channel
from agi.context import Context
from asterisk_conf.variables import CALL_PLAN, PLAN_END
from calls import outcomes
from calls.states import Cause

HEARD: Mapping[str, Cause] = {"fax": Cause.FAX}


def machine(channel: Channel, context: Context) -> None:
    """Note what it is; the caller hears it from ``over``."""
    call_id, what = channel.env["agi_arg_1"], channel.env["agi_arg_2"]
    outcomes.note_outcome(context.database, call_id, HEARD[what])
    channel.set_variable(CALL_PLAN, PLAN_END)
