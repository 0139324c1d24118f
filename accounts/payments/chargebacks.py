"""Charge-backs: a payer's bank takes a payment back, and sometimes gives it back again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from accounts import life, refunds
from accounts.chart import CHARGEBACKS, GATEWAY
from accounts.ledger import Entry, Kind, LedgerError, Posting, post
from accounts.life import Status, SuspendedFor
from accounts.orders import locked
from accounts.payments import unmatched
from accounts.payments.gateway import CURRENCY, GatewayEvent
from accounts.payments.records import Payment, payment_of
from accounts.payments.unmatched import Unmatched
from accounts.reversal import reverse
from store.tables import disputes, payments
from store.types import AnyRow

STANDS = ("open", "lost")


class TooEarly(LedgerError):
    """The gateway tells of what follows before what it follows on: it is handled later."""


def heard(connection: Connection, source: str, event: GatewayEvent, at: datetime) -> str:
    """What the gateway told about a dispute; returns what was done, for people.

    Raises :class:`TooEarly` when its payment isn't known to be paid yet.
    """
    if event.status == "inquiry":
        return "the bank asks; no money has moved"
    payment = _disputed(connection, event)
    if payment is None or payment.status == "canceled" or event.currency != CURRENCY:
        return _queue(connection, source, event, "of no payment that was paid in", at)
    if payment.status != "succeeded":
        raise TooEarly(f"payment {payment.id} of dispute {event.gateway_id} isn't paid yet")
    row = _known(connection, event.gateway_id)
    if row is None:
        _open(connection, source, payment, event, at)
        row = _known(connection, event.gateway_id)
        assert row is not None
    if event.status == "won" and row.status in STANDS:
        _won(connection, source, payment, row, at)
    elif event.status == "lost" and row.status == "open":
        _close(connection, row, "lost", at)
    return f"dispute {event.gateway_id} of payment {payment.id}: {event.status}"


def _disputed(connection: Connection, event: GatewayEvent) -> Payment | None:
    """The payment, under the account's lock: money is locked first everywhere."""
    its = payments.select().where(payments.c.gateway_id == event.payment)
    first = connection.execute(its).one_or_none()
    if first is None or not event.payment:
        return None
    locked(connection, first.account_id)
    return payment_of(connection.execute(its.with_for_update()).one())


def _open(
    connection: Connection, source: str, payment: Payment, event: GatewayEvent, at: datetime
) -> None:
    """Take from the account what is there, and bear the rest.

    What the bank takes beyond what is left of the payment is no business of the account's.
    """
    left = payment.cents - payment.refunded_cents - payment.disputed_cents
    counted = min(event.cents, left)
    taken = max(0, min(counted, _available(connection, payment.account_id)))
    row = {
        "id": event.gateway_id,
        "payment_id": payment.id,
        "cents": counted,
        "taken_cents": taken,
        "status": "open",
        "opened_at": at,
    }
    connection.execute(disputes.insert(), row)
    _count(connection, payment.id, counted)
    lines = [
        Posting(GATEWAY, event.cents),
        Posting(payment.account_id, -taken),
        Posting(CHARGEBACKS, taken - event.cents),
    ]
    note = f"payment {payment.id}"
    post(connection, Entry(_key(event.gateway_id), Kind.CHARGEBACK, source, at, lines, note=note))
    if event.cents > counted:
        _queue(connection, source, event, f"only {left} cents of {payment.id} were left", at)
    _suspend(connection, source, payment, event.gateway_id, at)


def _won(connection: Connection, source: str, payment: Payment, row: AnyRow, at: datetime) -> None:
    reverse(connection, _key(row.id), source, "the dispute was won", max(at, row.opened_at))
    _count(connection, payment.id, -row.cents)
    _close(connection, row, "won", at)
    if _is_closed(connection, payment):
        _give_back(connection, source, payment, row, at)
    elif not _others_stand(connection, payment.account_id):
        life.lift(connection, payment.account_id, SuspendedFor.CHARGEBACK, source, at, row.id)


def _give_back(
    connection: Connection, source: str, payment: Payment, row: AnyRow, at: datetime
) -> None:
    """A closed account keeps nothing: what the bank gave back goes to its holder."""
    if row.taken_cents:
        key, why = f"won:{row.id}"[:80], "a dispute was won after the account was closed"
        account_id, cents = payment.account_id, row.taken_cents
        refunds.request(connection, account_id, cents, key, "closing", source, at, why)


def _suspend(
    connection: Connection, source: str, payment: Payment, dispute_id: str, at: datetime
) -> None:
    if not _is_closed(connection, payment):
        cause = SuspendedFor.CHARGEBACK
        life.suspend(connection, payment.account_id, cause, source, at, dispute_id)


def _is_closed(connection: Connection, payment: Payment) -> bool:
    account = life.find(connection, payment.account_id)
    return account is not None and account.status is Status.CLOSED


def _available(connection: Connection, account_id: str) -> int:
    """What no call holds, down to the account's limit."""
    money = locked(connection, account_id)
    return int(money.balance_cents + money.credit_limit_cents - money.held_cents)


def _known(connection: Connection, dispute_id: str) -> AnyRow | None:
    return connection.execute(disputes.select().where(disputes.c.id == dispute_id)).one_or_none()


def _count(connection: Connection, payment_id: str, cents: int) -> None:
    disputed = payments.c.disputed_cents + cents
    its = payments.update().where(payments.c.id == payment_id)
    connection.execute(its.values(disputed_cents=disputed))


def _close(connection: Connection, row: AnyRow, status: str, at: datetime) -> None:
    its = disputes.update().where(disputes.c.id == row.id)
    connection.execute(its.values(status=status, closed_at=at))


def _others_stand(connection: Connection, account_id: str) -> bool:
    stands = (
        select(disputes.c.id)
        .join(payments, payments.c.id == disputes.c.payment_id)
        .where(payments.c.account_id == account_id, disputes.c.status.in_(STANDS))
        .limit(1)
    )
    return connection.execute(stands).one_or_none() is not None


def _queue(connection: Connection, source: str, event: GatewayEvent, why: str, at: datetime) -> str:
    detail = f"a dispute over {event.cents} cents in {event.currency}: {why}"
    one = Unmatched(source, event.gateway_id, "amount_differs", event.cents, detail)
    unmatched.add(connection, one, at)
    return f"queued for a person: {why}"


def _key(dispute_id: str) -> str:
    return f"chargeback:{dispute_id}"
