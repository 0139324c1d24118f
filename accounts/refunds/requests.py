"""Asking for unused money: it leaves the account at once and is promised to its owner."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select

from accounts.chart import REFUNDS_PAYABLE
from accounts.interest import interest
from accounts.ledger import Entry, KeyReused, Kind, LedgerError, Posting, post
from accounts.orders import locked
from accounts.products import PRODUCTS, Party, ProductId
from accounts.refunds.rows import Refund, of_key
from store.tables import payments, refunds
from store.types import AnyRow

GIVEN_BACK_WITHIN = timedelta(days=30)
CAUSES = ("requested", "inactivity", "release", "closing")


def request(
    connection: Connection,
    account_id: str,
    cents: int | None,
    key: str,
    cause: str,
    actor: str,
    at: datetime,
    note: str = "",
) -> list[Refund]:
    """Take money off the account at once, to be given back; None: all of its own money.

    Over the account's card payments, newest first, up to what is left of each; the rest by a
    check. A person's own account is always paid out by check: who paid in has no refund. Asked
    again with the same key it gives the same refunds. Raises :class:`LedgerError` when it is
    more than the account's own money less what calls hold (credit is nobody's to take), when
    there is none, or when a mandate holds the account; :class:`KeyReused` when the key was used
    for something else.
    """
    row = locked(connection, account_id)
    if before := of_key(connection, key):
        return _as_before(before, account_id, cents)
    cents = _sound(row, cents, cause)
    lines = [Posting(account_id, -cents), Posting(REFUNDS_PAYABLE, cents)]
    post(connection, Entry(f"give-back:{key}", Kind.REFUND, actor, at, lines, note=note))
    for payment_id, part in _ways(connection, row, cents):
        one = _row(account_id, key, cause, part, actor, at, note)
        connection.execute(refunds.insert(), {**one, "payment_id": payment_id})
    if cause != "inactivity":
        interest(connection, account_id, at)
    return of_key(connection, key)


def _as_before(before: list[Refund], account_id: str, cents: int | None) -> list[Refund]:
    same = all(one.account_id == account_id for one in before)
    if not same or cents not in (None, sum(one.cents for one in before)):
        raise KeyReused(f"refund {before[0].key} was asked for before, with other figures")
    return before


def _sound(row: AnyRow, cents: int | None, cause: str) -> int:
    """Cents to give back; raises when they can't be."""
    own = max(0, row.balance_cents - row.held_cents)
    if cause not in CAUSES:
        raise LedgerError(f"no cause {cause!r} of a refund, only {', '.join(CAUSES)}")
    if not PRODUCTS[ProductId(row.product)].refunded_to:
        raise LedgerError(f"{row.product} holds no money that could be refunded")
    if row.inactivity == "mandate_hold":
        raise LedgerError(f"account {row.id} is held by a mandate: lift that first")
    if not own:
        raise LedgerError(f"account {row.id} has no money of its own to refund")
    if cents is not None and not 0 < cents <= own:
        raise LedgerError(f"a refund from account {row.id} is between 1 and {own} cents")
    return own if cents is None else cents


def _ways(connection: Connection, row: AnyRow, cents: int) -> list[tuple[str | None, int]]:
    ways: list[tuple[str | None, int]] = []
    if PRODUCTS[ProductId(row.product)].owner is Party.HOLDER:
        for payment_id, left in connection.execute(_LEFT, {"account_id": row.id}).all():
            if cents and (part := min(cents, left)):
                _promise(connection, payment_id, part)
                ways.append((payment_id, part))
                cents -= part
    return [*ways, (None, cents)] if cents else ways


def _promise(connection: Connection, payment_id: str, cents: int) -> None:
    given = payments.c.refunded_cents + cents
    connection.execute(
        payments.update().where(payments.c.id == payment_id).values(refunded_cents=given)
    )


def _row(
    account_id: str, key: str, cause: str, cents: int, actor: str, at: datetime, note: str
) -> dict[str, object]:
    return {
        "id": f"R-{secrets.token_hex(10)}",
        "key": key,
        "account_id": account_id,
        "cents": cents,
        "cause": cause,
        "status": "requested",
        "requested_at": at,
        "due_at": at + GIVEN_BACK_WITHIN,
        "actor": actor,
        "note": note,
    }


_LEFT = (
    select(
        payments.c.id,
        (payments.c.cents - payments.c.refunded_cents - payments.c.disputed_cents).label("left"),
    )
    .where(
        payments.c.account_id == bindparam("account_id"),
        payments.c.status == "succeeded",
        payments.c.gateway_id.is_not(None),
        payments.c.cents > payments.c.refunded_cents + payments.c.disputed_cents,
    )
    .order_by(payments.c.succeeded_at.desc(), payments.c.id.desc())
    .with_for_update()
)
