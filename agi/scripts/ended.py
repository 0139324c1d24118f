"""A leg is over: the hangup handlers' script, on a channel that is dead."""

from __future__ import annotations

from agi import logs
from agi.channel import Channel
from agi.context import Context
from agi.reports import as_ending
from agi.sealing import seal
from agi.waiting import in_thread
from asterisk_conf.reports import FACTS, parse
from asterisk_conf.variables import CALL_PLAN, PLAN_END
from calls.ending import CALLED, end


def ended(channel: Channel, context: Context) -> None:
    """Store the end of the call, then seal what the called party's leg recorded."""
    facts = [channel.env.get(f"agi_arg_{place}", "") for place in range(1, FACTS + 1)]
    report = parse(facts)
    logs.bind(report.call_id)
    ending = as_ending(report)
    end(context.database, report.call_id, ending)
    channel.set_variable(CALL_PLAN, PLAN_END)
    if ending.leg == CALLED:
        in_thread(seal, context, report.call_id)
