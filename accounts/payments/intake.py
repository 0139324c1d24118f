"""Card payments: asked for at the gateway, paid in once the gateway says that they are paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from accounts import life, prepaid
from accounts.chart import GATEWAY
from accounts.ledger import KeyReused, LedgerError
from accounts.payments import unmatched
from accounts.payments.gateway import (
    CURRENCY,
    Gateway,
    GatewayEvent,
    GatewayPayment,
    PaymentStatus,
)
from accounts.payments.records import LONGEST_KEY, Payment, find, id_of, payment_of
from accounts.payments.unmatched import Unmatched
from accounts.policy import Act, may
from accounts.prepaid import LARGEST_DEPOSIT_CENTS
from accounts.products import Party
from store.database import Database
from store.tables import payments
from store.upsert import insert_new


@dataclass(frozen=True)
class NewPayment:
    """Who wants to pay what into which account. ``key`` makes it one payment, however often."""

    key: str
    account_id: str
    cents: int
    payer: str
    party: Party = Party.DEPOSITOR
    currency: str = CURRENCY


@dataclass(frozen=True)
class Asked:
    """A payment that waits for its payer, who confirms it at the gateway by the secret."""

    payment_id: str
    status: PaymentStatus
    client_secret: str


def create(database: Database, gateway: Gateway, new: NewPayment, at: datetime) -> Asked:
    """Ask the gateway for a payment; asked again with the same key it is the same payment.

    Raises :class:`LedgerError` for an amount, a currency or an account that can't be,
    :class:`KeyReused` when the key was used with other figures, and what the gateway raises.
    The gateway is asked outside of any transaction; after a crash, ask again.
    """
    with database.begin() as connection:
        payment = _recorded(connection, gateway, new, at)
    if payment.gateway_id is not None:
        made = gateway.fetch(payment.gateway_id)
    else:
        made = gateway.create(payment.cents, payment.id)
        with database.begin() as connection:
            _identify(connection, payment.id, made)
    return Asked(payment.id, payment.status, made.client_secret)


def heard(connection: Connection, source: str, event: GatewayEvent, at: datetime) -> str:
    """What the gateway told about a payment; returns what was done, for people.

    Money that isn't what was asked for, or can't be paid in, is queued for a person.
    """
    payment = _asked(connection, event)
    if event.status != "succeeded":
        return _not_paid(connection, payment, event)
    if payment is None:
        return _queue(
            connection, source, event, "missing_here", "no such payment was asked for", at
        )
    if payment.status in ("succeeded", "canceled"):
        return f"payment {payment.id}: {payment.status} before"
    if (event.cents, event.currency) != (payment.cents, CURRENCY):
        why = f"payment {payment.id} was asked for with {payment.cents} cents in {CURRENCY}"
        _set(connection, payment.id, status="canceled", failure=why)
        return _queue(connection, source, event, "amount_differs", why, at)
    return _pay_in(connection, source, payment, event, at)


def card(connection: Connection, event: GatewayEvent) -> str:
    """What a receipt says of the card: its brand and last four digits."""
    its = payments.update().where(payments.c.gateway_id == event.payment)
    shown = {"card_brand": event.card_brand[:20], "card_last4": event.card_last4[-4:]}
    known = connection.execute(its.values(shown)).rowcount
    return "its card is noted" if known else "of no payment of ours"


def _recorded(connection: Connection, gateway: Gateway, new: NewPayment, at: datetime) -> Payment:
    _refuse_unsound(new)
    row = {
        "id": id_of(new.key),
        "key": new.key,
        "account_id": new.account_id,
        "cents": new.cents,
        "method": "card",
        "payer": new.payer,
        "gateway": gateway.name,
        "status": "created",
        "created_at": at,
    }
    if (before := find(connection, str(row["id"]))) is None:
        _refuse_unfunded(connection, new)
        connection.execute(insert_new(connection, payments), row)
        before = find(connection, str(row["id"]))
    assert before is not None
    if (before.account_id, before.cents, before.method) != (new.account_id, new.cents, "card"):
        raise KeyReused(f"payment {new.key} was asked for before, with other figures")
    return before


def _refuse_unsound(new: NewPayment) -> None:
    # Keys with a slash are those of files of payments.
    if not 0 < len(new.key) <= LONGEST_KEY or "/" in new.key:
        raise LedgerError(f"a payment's key has 1 to {LONGEST_KEY} characters and no slash")
    if new.currency != CURRENCY:
        raise LedgerError(f"payments are in {CURRENCY}, not in {new.currency[:10]!r}")
    if not 0 < new.cents <= LARGEST_DEPOSIT_CENTS:
        raise LedgerError(f"a payment is between $0.01 and ${LARGEST_DEPOSIT_CENTS // 100}")
    if not new.payer.strip():
        raise LedgerError("a payment needs a payer")


def _refuse_unfunded(connection: Connection, new: NewPayment) -> None:
    prepaid.refuse_unless_funded(connection, new.account_id)
    account = life.find(connection, new.account_id)
    if account is None or not may(new.party, Act.FUND, account.product):
        raise LedgerError(f"the {new.party} can't pay into account {new.account_id}")


def _identify(connection: Connection, payment_id: str, made: GatewayPayment) -> None:
    its = payments.update().where(payments.c.id == payment_id, payments.c.gateway_id.is_(None))
    connection.execute(its.values(gateway_id=made.id))


def _asked(connection: Connection, event: GatewayEvent) -> Payment | None:
    """By the gateway's id; by ours where we died before we kept the gateway's."""
    unkept = (payments.c.id == event.our_id) & payments.c.gateway_id.is_(None)
    chosen = payments.select().where((payments.c.gateway_id == event.payment) | unkept)
    row = connection.execute(chosen.with_for_update()).one_or_none()
    if row is None:
        return None
    if row.gateway_id is None:
        _set(connection, row.id, gateway_id=event.payment)
    return payment_of(row)


def _not_paid(connection: Connection, payment: Payment | None, event: GatewayEvent) -> str:
    if payment is None or payment.status in ("succeeded", "canceled"):
        return f"{event.status}: nothing to do"
    _set(connection, payment.id, status=event.status, failure=event.failure or event.status)
    return f"payment {payment.id}: {event.status}"


def _pay_in(
    connection: Connection, source: str, payment: Payment, event: GatewayEvent, at: datetime
) -> str:
    try:
        with connection.begin_nested():
            prepaid.deposit(
                connection, payment.account_id, payment.cents, payment.id, source, at, GATEWAY
            )
    except LedgerError as error:
        _set(connection, payment.id, status="canceled", failure=str(error))
        return _queue(connection, source, event, "missing_here", str(error), at)
    _set(connection, payment.id, status="succeeded", succeeded_at=at, failure=None)
    unmatched.settle(connection, source, event.payment, "the gateway told us later", at)
    return f"payment {payment.id}: succeeded"


def _queue(
    connection: Connection,
    source: str,
    event: GatewayEvent,
    problem: unmatched.Problem,
    why: str,
    at: datetime,
) -> str:
    detail = f"{event.cents} cents in {event.currency} were paid: {why}"
    unmatched.add(connection, Unmatched(source, event.payment, problem, event.cents, detail), at)
    return f"queued for a person: {why}"


def _set(connection: Connection, payment_id: str, **columns: object) -> None:
    connection.execute(payments.update().where(payments.c.id == payment_id).values(columns))
