"""Traditional collect: the carrier bills the call, so spending is limited over rolling windows.

The account makes itself: provisional while a first call is tried, open from its first acceptance.
What may still be spent depends on the moment, so the account's credit limit is set anew from the
windows, under the lock of its balance, before money is held: from there on the ledger's own
conditional statements keep every interleaving of calls within it. Charges age out by themselves,
and so a limit that was reached needs nobody to lift it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, case, func, select, union

from accounts.ledger import Kind
from accounts.orders import Order, record
from accounts.products import ProductId
from store.settings import CallSettings
from store.tables import accounts, balances, entries, holds, postings
from store.upsert import insert_new

TRADITIONAL_COLLECT: Final = ProductId.TRADITIONAL_COLLECT
LONG, SHORT = timedelta(days=90), timedelta(hours=24)
FIRST_ACCEPTANCE: Final = "first_acceptance"
_SPENDING = (Kind.CALL, Kind.CREDIT)


@dataclass(frozen=True)
class Room:
    """What an account may still spend at this moment, and how many calls it may still take."""

    account_id: str
    status: str
    suspended_for: str | None
    available_cents: int
    held_cents: int
    calls_left: int


def account_of(number: str) -> str:
    """The id of a number's (E.164) own account."""
    return f"TC-{number.removeprefix('+')}"


def room(connection: Connection, number: str, settings: CallSettings, at: datetime) -> Room:
    """The number's account, made if it isn't there yet, with its limit as of now.

    Whoever asks for the same account waits for this transaction.
    """
    account_id = account_of(number)
    _make(connection, account_id, number, at)
    available = refresh(connection, account_id, settings, at)
    row = connection.execute(_STANDING, {"account": account_id}).one()
    asked = {"account": account_id, "since": at - SHORT}
    taken: int = connection.execute(_CALLS, asked).scalar_one()
    left = max(0, settings.collect_calls_a_day - taken)
    return Room(account_id, row.status, row.suspended_for, available, row.held_cents, left)


def refresh(connection: Connection, account_id: str, settings: CallSettings, at: datetime) -> int:
    """Set the account's limit to what its windows leave now; the cents that are not held of it."""
    money = connection.execute(_LOCK, {"account": account_id}).one()
    spent = connection.execute(
        _SPENT, {"account": account_id, "long": at - LONG, "short": at - SHORT}
    ).one()
    left: int = min(
        settings.collect_cents_90_days - max(0, int(spent.long)),
        settings.collect_cents_a_day - max(0, int(spent.short)),
    )
    held: int = money.held_cents
    # What is held stays held, whatever the limits say by now.
    limit = max(left, held) - money.balance_cents
    connection.execute(_LIMIT, {"account": account_id, "limit": limit})
    return left - held


def accepted(connection: Connection, account_id: str, call_id: str, at: datetime) -> None:
    """A call that the account pays for was accepted: with the first one it becomes an account."""
    if connection.execute(_OPEN, {"account": account_id}).rowcount:
        actor = f"called party, call {call_id}"
        record(connection, Order(account_id, "open", FIRST_ACCEPTANCE, actor, at))


def _make(connection: Connection, account_id: str, number: str, at: datetime) -> None:
    row = {"id": account_id, "product": TRADITIONAL_COLLECT.value, "holder": number}
    provisional = {**row, "opened_at": at, "status": "provisional"}
    connection.execute(insert_new(connection, accounts), provisional)
    nothing = {"balance_cents": 0, "held_cents": 0, "credit_limit_cents": 0}
    connection.execute(insert_new(connection, balances), {"account_id": account_id, **nothing})


_ACCOUNT = bindparam("account", type_=accounts.c.id.type)
_MOMENT = entries.c.at.type
_LOCK = select(balances).where(balances.c.account_id == _ACCOUNT).with_for_update()
_STANDING = (
    select(accounts.c.status, accounts.c.suspended_for, balances.c.held_cents)
    .join(balances, balances.c.account_id == accounts.c.id)
    .where(accounts.c.id == _ACCOUNT)
)
_LIMIT = (
    balances.update()
    .where(balances.c.account_id == _ACCOUNT)
    .values(credit_limit_cents=bindparam("limit"))
)
_CENTS = -postings.c.cents
_SPENT = (
    select(
        func.coalesce(func.sum(_CENTS), 0).label("long"),
        func.coalesce(
            func.sum(case((entries.c.at > bindparam("short", type_=_MOMENT), _CENTS), else_=0)), 0
        ).label("short"),
    )
    .select_from(postings)
    .join(entries, entries.c.id == postings.c.entry_id)
    .where(
        postings.c.account_id == _ACCOUNT,
        entries.c.kind.in_(_SPENDING),
        entries.c.at > bindparam("long", type_=_MOMENT),
    )
)
_LIVE = select(holds.c.call_id).where(holds.c.account_id == _ACCOUNT, holds.c.closed_at.is_(None))
_CHARGED = (
    select(entries.c.call_id)
    .join(postings, postings.c.entry_id == entries.c.id)
    .where(
        postings.c.account_id == _ACCOUNT,
        entries.c.kind == Kind.CALL,
        entries.c.at > bindparam("since", type_=_MOMENT),
    )
)
_CALLS = select(func.count()).select_from(union(_LIVE, _CHARGED).subquery())
_OPEN = (
    accounts.update()
    .where(accounts.c.id == _ACCOUNT, accounts.c.status == "provisional")
    .values(status="open")
)
