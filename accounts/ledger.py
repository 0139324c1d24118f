"""The double-entry ledger: append-only, every entry sums to zero and is posted once by its key.

Amounts are whole cents; positive is to the account's credit. A customer's account is money that
the platform owes, so its balance is the plain sum of its postings. The house's own accounts
(:data:`HOUSE`) stand on the other side of every entry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from store.database import Database
from store.tables import accounts, balances, entries, postings
from store.types import now
from store.upsert import insert_new

CASH, CREDITS = "house.cash", "house.credits"
HOUSE: Mapping[str, str] = {
    CASH: "Money that came in",
    "house.revenue.base": "Call revenue, the rate itself",
    "house.revenue.additive": "Call revenue, the facility's additive",
    "house.taxes": "Taxes and fees to be remitted",
    CREDITS: "Calls credited to those who paid",
}
HOUSE_PRODUCT = "house"


class LedgerError(ValueError):
    """The books refuse; the message says why. Nothing was posted."""


@dataclass(frozen=True)
class Posting:
    """One line of an entry."""

    account_id: str
    cents: int


@dataclass(frozen=True)
class Entry:
    """What is to be posted. ``key`` makes it happen once, however often it is asked for."""

    key: str
    kind: str
    actor: str
    at: datetime
    lines: Sequence[Posting]
    call_id: str | None = None
    note: str = ""


def open_books(database: Database) -> None:
    """Open the house's own accounts, where they aren't yet."""
    with database.begin() as connection:
        for name, meaning in HOUSE.items():
            row = {"id": name, "product": HOUSE_PRODUCT, "holder": meaning, "opened_at": now()}
            connection.execute(insert_new(connection, accounts).values(row))


def post(connection: Connection, entry: Entry) -> bool:
    """Post an entry and keep the customers' cached balances equal to their postings.

    False when the key was posted before (nothing happens then). Raises :class:`LedgerError`
    when the lines don't sum to zero or have no amount.
    """
    lines = [line for line in entry.lines if line.cents]
    if not lines or sum(line.cents for line in lines) != 0:
        raise LedgerError(f"entry {entry.key} must have lines that sum to zero")
    entry_id = _append(connection, entry, lines)
    if entry_id is None:
        return False
    for line in lines:
        if line.account_id not in HOUSE:
            connection.execute(_MOVE, {"account": line.account_id, "moved": line.cents})
    return True


def paid_for(connection: Connection, account_id: str, call_id: str) -> int:
    """Cents that an account has paid for a call, less what was given back.

    Whoever asks for the same account waits for this transaction, so that nothing is given twice.
    """
    connection.execute(_LOCK, {"account": account_id})
    paid: int = connection.execute(_PAID, {"account": account_id, "call": call_id}).scalar_one()
    return int(paid)


def _append(connection: Connection, entry: Entry, lines: Sequence[Posting]) -> int | None:
    row = {
        "key": entry.key,
        "kind": entry.kind,
        "actor": entry.actor,
        "at": entry.at,
        "call_id": entry.call_id,
        "note": entry.note,
    }
    entry_id = connection.execute(
        insert_new(connection, entries).returning(entries.c.id), row
    ).scalar_one_or_none()
    if entry_id is not None:
        rows = [{"entry_id": entry_id, "account_id": p.account_id, "cents": p.cents} for p in lines]
        connection.execute(postings.insert(), rows)
    return entry_id


_MOVE = (
    balances.update()
    .where(balances.c.account_id == bindparam("account"))
    .values(balance_cents=balances.c.balance_cents + bindparam("moved"))
)
_LOCK = select(balances).where(balances.c.account_id == bindparam("account")).with_for_update()
_PAID = (
    select(func.coalesce(-func.sum(postings.c.cents), 0))
    .join(entries, entries.c.id == postings.c.entry_id)
    .where(postings.c.account_id == bindparam("account"), entries.c.call_id == bindparam("call"))
)
