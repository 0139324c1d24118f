"""The life of an account: opened, verified, suspended, closed; each with cause and actor.

Here is what the other rooms ask for; how each is done stands in a module of its own.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from accounts.closing import ClosedFor, close, release
from accounts.interest import interest
from accounts.numbers import add_number, remove_number
from accounts.opening import NewAccount, Status, open_account
from accounts.orders import Order, locked, orders, record
from accounts.standing import Account, SuspendedFor, change, find, refuse_strangers
from accounts.suspension import lift, suspend

__all__ = [
    "Account",
    "ClosedFor",
    "NewAccount",
    "Order",
    "Status",
    "SuspendedFor",
    "add_number",
    "close",
    "find",
    "interest",
    "lift",
    "open_account",
    "orders",
    "refuse_strangers",
    "release",
    "remove_number",
    "suspend",
    "verify",
]


def verify(
    connection: Connection, account_id: str, actor: str, at: datetime, note: str = ""
) -> bool:
    """Somebody made sure who the holder is; False when that was done before."""
    row = locked(connection, account_id)
    if row.verified_at is not None:
        return False
    change(connection, account_id, verified_at=at)
    record(connection, Order(account_id, "verify", "identity", actor, at, note))
    return True
