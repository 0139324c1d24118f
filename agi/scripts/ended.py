"""A leg is over: the hangup handlers' script, on a channel that is dead."""

from __future__ import annotations

from agi import logs
from agi.channel import Channel
from agi.context import Context
from agi.reports import as_ending, facts_of
from agi.sealing import seal
from agi.waiting import in_thread
from asterisk_conf.variables import CALL_PLAN, PLAN_END
from calls.ending import CALLED, end


def ended(channel: Channel, context: Context) -> None:
    """Store the end of the call, then seal what the called party's leg recorded."""
    report = facts_of(channel)
    logs.bind(report.call_id)
    end(context.database, report.call_id, as_ending(report, context.settings))
    channel.set_variable(CALL_PLAN, PLAN_END)
    if report.leg == CALLED:
        in_thread(seal, context, report.call_id)
