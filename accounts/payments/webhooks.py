"""What the gateway tells us: verified, kept once, handled once together with the money."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from accounts.ledger import LedgerError
from accounts.payments import chargebacks, intake, refunded
from accounts.payments.gateway import Gateway, GatewayEvent
from store.database import Database
from store.tables import payments, webhook_events
from store.upsert import insert_new


@dataclass(frozen=True)
class Heard:
    """What became of an event. ``account_id``: whose money it moved, if anybody's."""

    event_id: str
    outcome: str
    account_id: str | None


def receive(
    database: Database, gateway: Gateway, payload: bytes, signature: str, at: datetime
) -> Heard:
    """Take one webhook. What was told before is answered as it was then.

    Raises :class:`accounts.payments.gateway.WebhookRefused` for what isn't the gateway's, and
    :class:`LedgerError` when it can't be handled yet: it is kept, and handled when it is told
    again or by :func:`handle_pending`.
    """
    event = gateway.verify_webhook(payload, signature)
    with database.begin() as connection:
        row = {"id": event.id, "kind": event.kind[:60], "body": asdict(event), "received_at": at}
        connection.execute(insert_new(connection, webhook_events), row)
    return handle(database, gateway.name, event.id, at)


def handle(database: Database, source: str, event_id: str, at: datetime) -> Heard:
    """Do what a kept event asks for, unless it was done: all of it or nothing."""
    with database.begin() as connection:
        its = webhook_events.select().where(webhook_events.c.id == event_id)
        row = connection.execute(its.with_for_update()).one()
        event = GatewayEvent(**row.body)
        if row.outcome is not None:
            return Heard(event_id, row.outcome, None)
        outcome = _done(connection, source, event, at)
        done = webhook_events.update().where(webhook_events.c.id == event_id)
        connection.execute(done.values(handled_at=at, outcome=outcome))
        return Heard(event_id, outcome, _whose(connection, event))


def handle_pending(database: Database, source: str, at: datetime) -> list[Heard]:
    """Handle what was kept and not handled, oldest first; what still can't be stays."""
    with database.begin() as connection:
        waiting = (
            select(webhook_events.c.id)
            .where(webhook_events.c.handled_at.is_(None))
            .order_by(webhook_events.c.received_at, webhook_events.c.id)
        )
        ids = list(connection.execute(waiting).scalars())
    return [one for event_id in ids if (one := _try(database, source, event_id, at))]


def _try(database: Database, source: str, event_id: str, at: datetime) -> Heard | None:
    try:
        return handle(database, source, event_id, at)
    except LedgerError:
        return None


def _done(connection: Connection, source: str, event: GatewayEvent, at: datetime) -> str:
    if event.about == "payment":
        return intake.heard(connection, source, event, at)
    if event.about == "card":
        return intake.card(connection, event)
    if event.about == "refund":
        return refunded.heard(connection, source, event, at)
    if event.about == "dispute":
        return chargebacks.heard(connection, source, event, at)
    return "noted"


def _whose(connection: Connection, event: GatewayEvent) -> str | None:
    if not event.payment:
        return None
    its = select(payments.c.account_id).where(payments.c.gateway_id == event.payment)
    return connection.execute(its).scalar_one_or_none()
