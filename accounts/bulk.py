"""One entry an account, for as many accounts as there are, in a handful of statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Connection, Select, String, exists, func, literal, select
from sqlalchemy import cast as sql_cast

from accounts.ledger import Kind, LedgerError
from accounts.months import month_of
from store.tables import balances, closed_periods, entries, postings


@dataclass(frozen=True)
class Bulk:
    """Each account's entry has the key ``prefix`` and its id, and ``against`` on the other side.

    ``amounts`` selects account_id and cents, each account once, cents above zero.
    """

    prefix: str
    kind: Kind
    actor: str
    at: datetime
    against: str
    amounts: Select[tuple[str, int]]


def post_each(connection: Connection, bulk: Bulk) -> int:
    """Post them all to the accounts' credit; returns how many. Their keys must be new.

    Somebody else owes it from now on, so what an account may still spend stays as it was.
    Raises :class:`LedgerError` when the month is closed. The caller has locked the balances.
    """
    amounts = bulk.amounts.subquery("amounts")
    key = sql_cast(literal(bulk.prefix), String) + amounts.c.account_id
    expected = connection.execute(select(func.count()).select_from(amounts)).scalar_one()
    shared = (bulk.kind.value, bulk.actor, bulk.at, "")
    columns = ("kind", "actor", "at", "note")
    values = (
        literal(value, entries.c[name].type) for name, value in zip(columns, shared, strict=True)
    )
    is_open = ~exists().where(closed_periods.c.month >= month_of(bulk.at))
    new = entries.insert().from_select(["key", *columns], select(key, *values).where(is_open))
    posted = connection.execute(new.execution_options(preserve_rowcount=True)).rowcount
    if posted != expected:
        raise LedgerError(f"{month_of(bulk.at)} is closed: post into a month that is open")
    lines = select(entries.c.id, amounts.c.account_id, amounts.c.cents)
    others = select(entries.c.id, literal(bulk.against), -sql_cast(amounts.c.cents, BigInteger))
    of_entry = entries.c.key == key
    both = lines.join(amounts, of_entry).union_all(others.join(amounts, of_entry))
    connection.execute(postings.insert().from_select(["entry_id", "account_id", "cents"], both))
    moved = {
        "balance_cents": balances.c.balance_cents + amounts.c.cents,
        "credit_limit_cents": balances.c.credit_limit_cents - amounts.c.cents,
    }
    its_own = balances.c.account_id == amounts.c.account_id
    connection.execute(balances.update().where(its_own).values(moved))
    return int(expected)
