"""Refunds that go back through the gateway.

A refund is marked as sent before the gateway is asked, and asked for again until an answer is
noted: the refund's id is the gateway's idempotency key, so a crash at any point gives the money
back once. The gateway is never asked inside a transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from accounts.payments.gateway import Gateway, GatewayDown, GatewayError, GatewayRefund
from accounts.refunds.rows import change, locked
from accounts.refunds.settling import done, failed
from store.database import Database
from store.tables import payments, refunds


@dataclass(frozen=True)
class Sent:
    """How many refunds were given back, wait for the gateway's word, failed, had no answer."""

    done: int = 0
    waiting: int = 0
    failed: int = 0
    unanswered: int = 0


def send_due(database: Database, gateway: Gateway, at: datetime) -> Sent:
    """Ask the gateway for every refund that goes back the way it came and has no answer yet."""
    with database.begin() as connection:
        waiting = connection.execute(_UNANSWERED, {"gateway": gateway.name}).all()
    outcomes = [_send(database, gateway, row.id, row.paid_by, row.cents, at) for row in waiting]
    return Sent(*(outcomes.count(word) for word in ("done", "pending", "failed", "unanswered")))


def _send(
    database: Database, gateway: Gateway, refund_id: str, paid_by: str, cents: int, at: datetime
) -> str:
    if not _marked(database, refund_id, at):
        return "settled"
    try:
        answer = gateway.refund(paid_by, cents, refund_id)
    except GatewayDown:
        return "unanswered"
    except GatewayError as error:
        answer = GatewayRefund("", cents, "failed", str(error))
    with database.begin() as connection:
        if answer.status == "done":
            done(connection, refund_id, at, answer.id)
        elif answer.status == "failed":
            failed(connection, refund_id, answer.failure, at, answer.id or None)
        elif locked(connection, refund_id).status == "sent":
            change(connection, refund_id, gateway_id=answer.id)
    return answer.status


def _marked(database: Database, refund_id: str, at: datetime) -> bool:
    """Note that it is sent; False when it was settled meanwhile."""
    with database.begin() as connection:
        one = locked(connection, refund_id)
        if one.status == "requested":
            change(connection, refund_id, status="sent", sent_at=at)
        return one.status in {"requested", "sent"} and one.check_number is None


_UNANSWERED = (
    select(refunds.c.id, refunds.c.cents, payments.c.gateway_id.label("paid_by"))
    .join(payments, payments.c.id == refunds.c.payment_id)
    .where(
        payments.c.gateway == bindparam("gateway"),
        refunds.c.status.in_(["requested", "sent"]),
        refunds.c.gateway_id.is_(None),
        refunds.c.check_number.is_(None),
    )
    .order_by(refunds.c.due_at, refunds.c.id)
)
