"""Orders on live calls, carried out in Asterisk: cut off, recorded or listened to no longer."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

from asterisk_conf.variables import CUT_CONTEXT, STOPPED_CONTEXT
from calls import orders as given
from calls import oversight
from calls.orders import Order, OrderKind
from monitor import talks
from monitor.ami import Ami, Refused
from store.database import Database

# As long as this after it is ordered to stop, what is to be stopped may not have begun.
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
            await asyncio.to_thread(given.done, database, order.id, at)
    for done in found:
        if isinstance(done, BaseException):
            raise done


async def _one(ami: Ami, order: Order, at: datetime) -> bool:
    """Whether it is done. A leg that hangs up just now needs nothing more."""
    begun = True
    try:
        if order.kind is OrderKind.STOP_RECORDING:
            await talks.stop_recording(ami, str(order.called_channel))
        elif order.kind is OrderKind.STOP_LISTENING:
            begun = await talks.stop_listening(ami, str(order.called_channel))
        elif order.called_channel is not None:
            await talks.send(ami, order.called_channel, CUT_CONTEXT)
        else:
            await talks.send(ami, order.caller_channel, STOPPED_CONTEXT)
    except Refused as refusal:
        _log.info("call %s: %s", order.call_id, refusal)
        begun = False
    # Nothing is to be stopped there; but in the first moments that may be yet to begin.
    stops = order.kind is not OrderKind.CUT_OFF
    return begun or (stops and at - order.at >= BEGINS_WITHIN)
