"""What was done about an account, why and by whom; and the lock under which it is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from accounts.chart import HOUSE
from accounts.ledger import LedgerError
from store.tables import account_orders, accounts, balances
from store.types import AnyRow


@dataclass(frozen=True)
class Order:
    """One thing that was done. ``cause`` is one word, ``note`` is for people."""

    account_id: str
    kind: str
    cause: str
    actor: str
    at: datetime
    note: str = ""


def record(connection: Connection, order: Order) -> None:
    """Keep it: orders are never changed or deleted."""
    connection.execute(account_orders.insert(), vars(order))


def orders(connection: Connection, account_id: str) -> list[Order]:
    """Everything that was done about an account, oldest first."""
    chosen = account_orders.select().where(account_orders.c.account_id == account_id)
    rows = connection.execute(chosen.order_by(account_orders.c.id))
    return [Order(row.account_id, row.kind, row.cause, row.actor, row.at, row.note) for row in rows]


def locked(connection: Connection, account_id: str) -> AnyRow:
    """A customer's account and its money, kept from everybody else until the transaction ends.

    The lock is on the money's row, as it is for every posting, so that nobody waits in a circle.
    Raises :class:`LedgerError` when there is no such account.
    """
    money = connection.execute(
        select(balances).where(balances.c.account_id == account_id).with_for_update()
    ).one_or_none()
    if money is None or account_id in HOUSE:
        raise LedgerError(f"no account {account_id}")
    return connection.execute(_WHOLE.where(accounts.c.id == account_id)).one()


_WHOLE = select(
    accounts, balances.c.balance_cents, balances.c.held_cents, balances.c.credit_limit_cents
).join(balances, balances.c.account_id == accounts.c.id)
