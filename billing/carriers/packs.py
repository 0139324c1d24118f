"""Packs to the carriers' clearing house: collect calls are given to the carriers to bill.

What is in a pack is decided and posted in one transaction. Its file is made from the tables
afterwards and comes out the same each time: after a crash, or for a pack that the clearing house
wants resent before it takes later ones.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from sqlalchemy import BigInteger, Connection, Insert, cast, exists, func, literal, select

from accounts.bulk import Bulk, post_each
from accounts.chart import CARRIERS
from accounts.ledger import Kind
from accounts.products import ProductId
from billing.carriers.pack_rows import OUT, Pack, begin, finish, forget, last_number
from billing.carriers.writer import lines
from store.tables import accounts, balances, cdrs, emi_records, entries, postings

COLLECT = select(accounts.c.id).where(accounts.c.product == ProductId.TRADITIONAL_COLLECT)


def submit(connection: Connection, at: datetime, actor: str) -> Pack | None:
    """Give every charged collect call that is over and wasn't given yet to the carriers.

    What the accounts owed for them the carriers owe from now on. None when there is no such call.
    Raises :class:`LedgerError` when another pack is made at this moment or the month is closed;
    the caller's transaction is to be rolled back then.
    """
    pack = begin(connection, OUT, last_number(connection, OUT) + 1, at, actor)
    _keep_credits_out(connection)
    connection.execute(_given(pack.id))
    pack = _added_up(connection, pack)
    if not pack.records:
        forget(connection, pack)
        return None
    prefix = f"{Kind.CARRIER_BILLED}:{pack.number}:"
    amounts = (
        select(emi_records.c.account_id, _CENTS)
        .where(emi_records.c.pack_id == pack.id)
        .group_by(emi_records.c.account_id)
    )
    post_each(connection, Bulk(prefix, Kind.CARRIER_BILLED, actor, at, CARRIERS, amounts))
    return _hashed(connection, pack)


def _keep_credits_out(connection: Connection) -> None:
    """Whoever credits a call locks its account first: nothing is credited while we add up."""
    owing = balances.c.account_id.in_(COLLECT) & (balances.c.balance_cents < 0)
    locked = select(balances.c.account_id).where(owing).order_by(balances.c.account_id)
    if connection.dialect.name != "sqlite":
        connection.execute(select(func.count()).select_from(locked.with_for_update().cte()))


def _given(pack_id: int) -> Insert:
    """Of each call what its account still owes for it: the charge, less what was credited."""
    owed = -func.sum(postings.c.cents)
    nothing = [literal(0) for _ in range(4)]
    chosen = (
        select(literal(pack_id), entries.c.call_id, postings.c.account_id, owed, *nothing)
        .join(postings, postings.c.entry_id == entries.c.id)
        .join(cdrs, cdrs.c.call_id == entries.c.call_id)
        .where(postings.c.account_id.in_(COLLECT))
        .where(~exists().where(emi_records.c.call_id == entries.c.call_id))
        .group_by(entries.c.call_id, postings.c.account_id)
        .having(owed > 0)
        .order_by(func.min(cdrs.c.started_at), entries.c.call_id)
    )
    columns = ("pack_id", "call_id", "account_id", "cents")
    outcomes = ("settled_cents", "returned_cents", "adjusted_cents", "written_off_cents")
    return emi_records.insert().from_select([*columns, *outcomes], chosen)


def _added_up(connection: Connection, pack: Pack) -> Pack:
    counted = select(func.count(), func.coalesce(_CENTS, 0))
    row = connection.execute(counted.where(emi_records.c.pack_id == pack.id)).one()
    return replace(pack, records=row[0], cents=row[1])


def _hashed(connection: Connection, pack: Pack) -> Pack:
    digest = sha256()
    for line in lines(connection, pack):
        digest.update(line)
    pack = replace(pack, sha256=digest.hexdigest())
    finish(connection, pack)
    return pack


_CENTS = cast(func.sum(emi_records.c.cents), BigInteger).label("cents")
