"""The double-entry ledger: append-only, every entry sums to zero and is posted once by its key.

Amounts are whole cents; positive is to the account's credit. A customer's account is money that
the platform owes, so its balance is the plain sum of its postings. The house's own accounts
(:data:`accounts.chart.HOUSE`) stand on the other side of every entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum, unique

from sqlalchemy import Connection, Executable, bindparam, exists, func, select
from sqlalchemy.exc import IntegrityError

from accounts.chart import HOUSE
from accounts.months import end_of, month_of
from store.database import Database
from store.tables import accounts, balances, closed_periods, entries, postings
from store.types import now
from store.upsert import insert_new

HOUSE_PRODUCT = "house"
REVERSAL_KEY = "reversal:"
# The column bears 100, and what is posted can be reversed.
LONGEST_KEY = 100 - len(REVERSAL_KEY)


@unique
class Kind(StrEnum):
    """Why money moves: the reason code of an entry."""

    DEPOSIT = "deposit"
    CALL = "call"
    CREDIT = "credit"
    REFUND = "refund"
    ADJUSTMENT = "adjustment"
    WRITE_OFF = "write_off"
    REVERSAL = "reversal"
    # Money given back that has left, or came back because it couldn't be paid out.
    PAYOUT = "payout"
    ESCHEAT = "escheat"
    CHARGEBACK = "chargeback"
    # What the gateway paid over to the bank, and kept as its fee.
    GATEWAY_PAYOUT = "gateway_payout"
    # Collect calls given to the carriers to bill, and what came of them.
    CARRIER_BILLED = "carrier_billed"
    CARRIER_PAID = "carrier_paid"
    CARRIER_RETURN = "carrier_return"


# A call was made whatever month it is settled in: its money is never refused.
NEVER_TOO_LATE = frozenset({Kind.CALL, Kind.CREDIT})


class LedgerError(ValueError):
    """The books refuse; the message says why. Nothing was posted."""


class KeyReused(LedgerError):
    """The key was posted before, with other lines."""


@dataclass(frozen=True)
class Posting:
    """One line of an entry."""

    account_id: str
    cents: int


@dataclass(frozen=True)
class Entry:
    """What is to be posted. ``key`` makes it happen once, however often it is asked for.

    ``reverses`` is the number of the entry that this one takes back.
    """

    key: str
    kind: Kind
    actor: str
    at: datetime
    lines: Sequence[Posting]
    call_id: str | None = None
    note: str = ""
    reverses: int | None = None


def open_books(database: Database) -> None:
    """Open the house's own accounts, where they aren't yet."""
    with database.begin() as connection:
        for account_id, gl in HOUSE.items():
            house = {"product": HOUSE_PRODUCT, "holder": gl.name}
            row = {"id": account_id, "opened_at": now(), **house}
            connection.execute(insert_new(connection, accounts).values(row))


def post(connection: Connection, entry: Entry, released: int = 0) -> bool:
    """Post an entry and keep the customers' cached balances equal to their postings.

    ``released``: cents that the entry's customer held for this and lets go in the same step.
    False when the key was posted before with the same lines (nothing happens then). What a call
    cost is posted into the first open month when its own is closed. Raises :class:`LedgerError`
    when the lines don't sum to zero or have no amount, an account isn't known or would be past
    its limit, the month is closed; :class:`KeyReused` when the key has other lines. The caller's
    transaction is to be rolled back then.
    """
    lines = _sound_lines(entry)
    entry_id = connection.execute(_append(connection), _row(entry)).scalar_one_or_none()
    if entry_id is None:
        return _not_appended(connection, entry, lines, released)
    rows = [{"entry_id": entry_id, "account_id": p.account_id, "cents": p.cents} for p in lines]
    try:
        connection.execute(postings.insert(), rows)
    except IntegrityError:
        strangers = ", ".join(p.account_id for p in lines if p.account_id not in HOUSE)
        raise LedgerError(f"entry {entry.key}: no account {strangers}") from None
    # In one order, so that two entries never wait for each other.
    for line in sorted(lines, key=lambda one: one.account_id):
        if line.account_id not in HOUSE:
            _move(connection, line, released)
    return True


def paid_for(connection: Connection, account_id: str, call_id: str) -> int:
    """Cents that an account has paid for a call, less what was given back.

    Whoever asks for the same account waits for this transaction, so that nothing is given twice.
    """
    connection.execute(_LOCK, {"account": account_id})
    paid: int = connection.execute(_PAID, {"account": account_id, "call": call_id}).scalar_one()
    return int(paid)


def _sound_lines(entry: Entry) -> list[Posting]:
    if len(entry.key.removeprefix(REVERSAL_KEY)) > LONGEST_KEY:
        raise LedgerError(f"key {entry.key} is longer than {LONGEST_KEY} characters")
    if not all(isinstance(line.cents, int) for line in entry.lines):
        raise LedgerError(f"entry {entry.key} must be in whole cents")
    lines = [line for line in entry.lines if line.cents]
    if not lines or sum(line.cents for line in lines) != 0:
        raise LedgerError(f"entry {entry.key} must have lines that sum to zero")
    return lines


def _row(entry: Entry) -> dict[str, object]:
    return {
        "its_key": entry.key,
        "its_kind": entry.kind.value,
        "by": entry.actor,
        "moment": entry.at,
        "of_call": entry.call_id,
        "back": entry.reverses,
        "why": entry.note,
        "its_month": month_of(entry.at),
    }


def _not_appended(
    connection: Connection, entry: Entry, lines: list[Posting], released: int
) -> bool:
    """Why was it not: the key was there, or the month is closed."""
    posted = [Posting(*row) for row in connection.execute(_LINES, {"its_key": entry.key})]
    if posted:
        if sorted(map(str, posted)) != sorted(map(str, lines)):
            raise KeyReused(f"{entry.key} was posted before, with other figures")
        return False
    closed = connection.execute(_LAST_CLOSED).scalar_one()
    if entry.kind not in NEVER_TOO_LATE:
        raise LedgerError(f"entry {entry.key}: the books of {month_of(entry.at)} are closed")
    note = f"{entry.note} (of {entry.at:%Y-%m-%d %H:%M:%S}, posted after its month was closed)"
    return post(connection, replace(entry, at=end_of(closed), note=note.lstrip()), released)


def _move(connection: Connection, line: Posting, released: int) -> None:
    moved = {"account": line.account_id, "moved": line.cents, "released": released}
    if connection.execute(_MOVE, moved).rowcount == 1:
        return
    if connection.execute(_LOCK, {"account": line.account_id}).one_or_none() is None:
        raise LedgerError(f"no account {line.account_id}")
    raise LedgerError(f"{line.cents} cents would take account {line.account_id} past its limit")


def _append(connection: Connection) -> Executable:
    """One statement asks whether the month is open, whether the key is new, and appends.

    Closing a month locks the entries against it, so that it sees the month as it was closed.
    """
    dialect = connection.dialect.name
    if dialect not in _APPEND:
        new = insert_new(connection, entries).from_select(list(_GIVEN), _IF_OPEN)
        _APPEND[dialect] = new.returning(entries.c.id)
    return _APPEND[dialect]


_GIVEN = {
    "key": "its_key",
    "kind": "its_kind",
    "actor": "by",
    "at": "moment",
    "call_id": "of_call",
    "reverses": "back",
    "note": "why",
}
_IF_OPEN = select(
    *(bindparam(given, type_=entries.c[name].type) for name, given in _GIVEN.items())
).where(~exists().where(closed_periods.c.month >= bindparam("its_month")))
_APPEND: dict[str, Executable] = {}
_LINES = (
    select(postings.c.account_id, postings.c.cents)
    .join(entries, entries.c.id == postings.c.entry_id)
    .where(entries.c.key == bindparam("its_key"))
)
_LAST_CLOSED = select(func.max(closed_periods.c.month))
_MOVE = (
    balances.update()
    .where(
        balances.c.account_id == bindparam("account"),
        balances.c.balance_cents + balances.c.credit_limit_cents + bindparam("moved")
        >= balances.c.held_cents - bindparam("released"),
    )
    .values(
        balance_cents=balances.c.balance_cents + bindparam("moved"),
        held_cents=balances.c.held_cents - bindparam("released"),
    )
)
_LOCK = select(balances).where(balances.c.account_id == bindparam("account")).with_for_update()
_PAID = (
    select(func.coalesce(-func.sum(postings.c.cents), 0))
    .join(entries, entries.c.id == postings.c.entry_id)
    .where(postings.c.account_id == bindparam("account"), entries.c.call_id == bindparam("call"))
)
