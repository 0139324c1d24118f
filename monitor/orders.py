"""Orders on live calls, carried out in Asterisk: a call cut off, a recording stopped."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

from asterisk_conf.variables import CUT_CONTEXT, STOPPED_CONTEXT
from calls import oversight
from calls.oversight import Order, OrderKind
from monitor import talks
from monitor.ami import Ami, Refused
from store.database import Database

# As long as this after its acceptance a call's recording may not have begun.
BEGINS_WITHIN = timedelta(seconds=10)
_log = logging.getLogger(__name__)


async def carry_out(database: Database, ami: Ami, at: datetime) -> None:
    """Look what must change now, and change it. Raises :class:`monitor.ami.AmiError`."""
    orders = await asyncio.to_thread(oversight.look, database, at)
    found = await asyncio.gather(
        *(_one(ami, order, at) for order in orders), return_exceptions=True
    )
    for order, done in zip(orders, found, strict=True):
        if done is True:
            _log.warning("call %s: %s, because %s", order.call_id, order.kind, order.cause)
            await asyncio.to_thread(oversight.done, database, order.id, at)
    for done in found:
        if isinstance(done, BaseException):
            raise done


async def _one(ami: Ami, order: Order, at: datetime) -> bool:
    """Whether it is done. A leg that hangs up just now needs nothing more."""
    try:
        if order.kind is OrderKind.STOP_RECORDING:
            await talks.stop_recording(ami, str(order.called_channel))
        elif order.called_channel is not None:
            await talks.send(ami, order.called_channel, CUT_CONTEXT)
        else:
            await talks.send(ami, order.caller_channel, STOPPED_CONTEXT)
    except Refused as refusal:
        _log.info("call %s: %s", order.call_id, refusal)
        # Nothing is recorded there; but in the first moments that may be yet to begin.
        return order.kind is OrderKind.STOP_RECORDING and at - order.at >= BEGINS_WITHIN
    return True
