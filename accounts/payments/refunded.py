"""What the gateway tells about refunds that we asked for, or that somebody made over there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from accounts import refunds
from accounts.payments import unmatched
from accounts.payments.gateway import GatewayEvent
from accounts.payments.unmatched import Unmatched
from accounts.refunds import Refund
from store.tables import refunds as rows


def heard(connection: Connection, source: str, event: GatewayEvent, at: datetime) -> str:
    """Settle the refund that the event is about; returns what was done, for people."""
    ours = _ours(connection, event)
    if ours is None:
        return _queue(connection, source, event, at)
    if event.status == "done":
        refunds.done(connection, ours.id, at, event.gateway_id)
    elif event.status == "failed":
        why = event.failure or "failed at the gateway"
        refunds.failed(connection, ours.id, why, at, gateway_id=event.gateway_id)
    return f"refund {ours.id}: {event.status}"


def _ours(connection: Connection, event: GatewayEvent) -> Refund | None:
    if event.our_id and (one := refunds.find(connection, event.our_id)):
        return one
    its = rows.select().where(rows.c.gateway_id == event.gateway_id)
    row = connection.execute(its).one_or_none()
    return refunds.find(connection, row.id) if row else None


def _queue(connection: Connection, source: str, event: GatewayEvent, at: datetime) -> str:
    detail = f"{event.cents} cents of payment {event.payment} were refunded, not by us"
    one = Unmatched(source, event.gateway_id, "missing_here", -event.cents, detail)
    unmatched.add(connection, one, at)
    return f"queued for a person: {detail}"
