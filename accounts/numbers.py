"""The numbers whose calls an account pays for: each has one account at most."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import Connection, select

from accounts.ledger import LedgerError
from accounts.orders import Order, locked, record
from accounts.products import PRODUCTS, Party
from store.tables import account_numbers
from store.upsert import insert_new

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def add_number(
    connection: Connection, account_id: str, number: str, actor: str, at: datetime, note: str = ""
) -> bool:
    """Let the account pay for calls to ``number`` (E.164); False when it did before.

    Raises :class:`LedgerError` when the account is closed or a person's own, and when another
    account pays for the number.
    """
    row = locked(connection, account_id)
    if row.status == "closed":
        raise LedgerError(f"account {account_id} is closed")
    if PRODUCTS[row.product].owner is Party.PERSON:
        raise LedgerError(f"account {account_id} is a person's own: it pays for any number")
    if number in of(connection, account_id):
        return False
    claim(connection, account_id, number)
    record(
        connection, Order(account_id, "number_added", "requested", actor, at, _told(number, note))
    )
    return True


def remove_number(
    connection: Connection, account_id: str, number: str, actor: str, at: datetime, note: str = ""
) -> bool:
    """Let the account pay for calls to ``number`` no longer; False when it didn't."""
    locked(connection, account_id)
    gone = account_numbers.delete().where(
        account_numbers.c.account_id == account_id, account_numbers.c.number == number
    )
    if not connection.execute(gone).rowcount:
        return False
    order = Order(account_id, "number_removed", "requested", actor, at, _told(number, note))
    record(connection, order)
    return True


def of(connection: Connection, account_id: str) -> tuple[str, ...]:
    """The numbers whose calls an account pays for."""
    mine = select(account_numbers.c.number).where(account_numbers.c.account_id == account_id)
    return tuple(connection.execute(mine.order_by(account_numbers.c.number)).scalars())


def claim(connection: Connection, account_id: str, number: str) -> None:
    """Write it down. Raises :class:`LedgerError` when the number has its account already."""
    if not _E164.fullmatch(number):
        raise LedgerError(f"{number!r} is no number in E.164, such as +12125550101")
    pays = {"number": number, "account_id": account_id}
    new = insert_new(connection, account_numbers).returning(account_numbers.c.number)
    if connection.execute(new, pays).one_or_none() is None:
        raise LedgerError(f"{number} has an account already")


def release_all(connection: Connection, account_id: str) -> tuple[str, ...]:
    """Free every number of an account; what they were."""
    gone = account_numbers.delete().where(account_numbers.c.account_id == account_id)
    return tuple(connection.execute(gone.returning(account_numbers.c.number)).scalars())


def _told(number: str, note: str) -> str:
    return f"{number}: {note}" if note else number
