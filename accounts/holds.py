"""Money set aside for a call while it lives: authorize, renew, close.

Each step is one conditional statement or one transaction of the caller's, so that no
interleaving of calls takes an account past its limit (47 CFR 64.6100 keeps the deposit the
holder's until it is spent; a hold is not spending). A call's slices are numbered from 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from accounts.chart import HOUSE
from accounts.ledger import Entry, Kind, LedgerError, Posting, post
from store.tables import balances, entries, holds, postings
from store.upsert import insert_new

ACTOR = "call"


@dataclass(frozen=True)
class Slice:
    """One slice of a call's money. ``lease_until`` is when the sweeper may ask after it."""

    call_id: str
    seq: int
    account_id: str
    cents: int
    at: datetime
    lease_until: datetime


def authorize(connection: Connection, first: Slice, least: int) -> int | None:
    """Set the slice aside if the account can bear it; the cents that are set aside.

    Where the account can't bear all of it, what it can, so long as that is ``least`` cents and
    more than nothing; None when it isn't. Asked again for the same call and slice, it gives the
    same answer and sets nothing more aside.
    """
    # The row first: whoever asks for the same slice at the same moment waits for it.
    opening = insert_new(connection, holds).returning(holds.c.seq)
    if connection.execute(opening, _row(first)).one_or_none() is None:
        return _held(connection, first)
    if _take(connection, first.account_id, first.cents):
        return first.cents
    left: int = connection.execute(_LEFT, {"account": first.account_id}).scalar_one()
    this = {"call": first.call_id, "slice": first.seq}
    if left < max(least, 1):
        connection.execute(_FORGET, this)
        return None
    # A deposit may have come in meanwhile: no more than was asked for.
    left = min(left, first.cents)
    connection.execute(_SHRINK, {**this, "wanted": left})
    _take(connection, first.account_id, left)
    return left


def renew(connection: Connection, used: Mapping[str, int], following: Slice) -> int | None:
    """Settle what the call has used so far and set the next slice aside, in one transaction.

    ``used`` is the whole charge since acceptance by house account, not the last slice's: what
    was posted before is taken off, so that rounding never adds up. The cents that the next slice
    holds: fewer than asked for when the account can't bear more, but never fewer than what was
    left of the last one. None once the call was closed. Asked again, it gives the same answer.
    The caller's transaction holds the call's row, so that no close comes in between.
    """
    if (before := _held(connection, following)) is not None:
        return before
    if _settle(connection, following.call_id, used, following.at) is None:
        return None
    if (granted := authorize(connection, following, 0)) is not None:
        return granted
    # Nothing is left, but whoever closes the call has to find an open slice.
    connection.execute(holds.insert(), _row(replace(following, cents=0)))
    return 0


def close(
    connection: Connection, call_id: str, used: Mapping[str, int], at: datetime
) -> int | None:
    """Settle the call's charge against its open slice and let the rest go.

    Cents settled now, or None when no slice was open: a second close changes nothing. Negative
    when earlier slices settled more than the talk, as it is known now, has cost: that is given
    back. Raises :class:`LedgerError` when the charge is more than the slice, which would be a
    charge without money set aside, and when the call was closed with other figures before.
    """
    settled = _settle(connection, call_id, used, at)
    if settled is None and any(_not_yet_posted(connection, call_id, used).values()):
        raise LedgerError(f"call {call_id} was closed with other figures, or never held money")
    return settled


def _settle(
    connection: Connection, call_id: str, used: Mapping[str, int], at: datetime
) -> int | None:
    slice_ = connection.execute(_CLOSE, {"call": call_id, "now": at}).one_or_none()
    if slice_ is None:
        return None
    due = _not_yet_posted(connection, call_id, used) if slice_.seq else dict(used)
    total = sum(due.values())
    if total > slice_.cents:
        raise LedgerError(f"call {call_id}: {total} cents don't fit the {slice_.cents} held")
    if not total:
        connection.execute(_RELEASE, {"account": slice_.account_id, "freed": slice_.cents})
    if any(due.values()):
        lines = [Posting(slice_.account_id, -total)]
        lines += [Posting(house, cents) for house, cents in due.items()]
        key = f"call:{call_id}:{slice_.seq}"
        entry = Entry(key, Kind.CALL, ACTOR, at, lines, call_id)
        post(connection, entry, released=slice_.cents)
    return total


def _held(connection: Connection, one: Slice) -> int | None:
    asked = {"call": one.call_id, "slice": one.seq}
    return connection.execute(_HELD, asked).scalar_one_or_none()


def _take(connection: Connection, account_id: str, cents: int) -> bool:
    taken = connection.execute(_TAKE, {"account": account_id, "wanted": cents})
    return taken.rowcount == 1


def _row(one: Slice) -> dict[str, object]:
    return {
        "call_id": one.call_id,
        "seq": one.seq,
        "account_id": one.account_id,
        "cents": one.cents,
        "opened_at": one.at,
        "lease_until": one.lease_until,
    }


def _not_yet_posted(
    connection: Connection, call_id: str, used: Mapping[str, int]
) -> dict[str, int]:
    posted = {
        row.account_id: int(row.cents)
        for row in connection.execute(_POSTED, {"call": call_id})
        if row.account_id in HOUSE
    }
    houses = [*used, *(one for one in posted if one not in used)]
    return {house: used.get(house, 0) - posted.get(house, 0) for house in houses}


_TAKE = (
    balances.update()
    .where(
        balances.c.account_id == bindparam("account"),
        balances.c.balance_cents + balances.c.credit_limit_cents - balances.c.held_cents
        >= bindparam("wanted"),
    )
    .values(held_cents=balances.c.held_cents + bindparam("wanted"))
)
_LEFT = (
    select(balances.c.balance_cents + balances.c.credit_limit_cents - balances.c.held_cents)
    .where(balances.c.account_id == bindparam("account"))
    .with_for_update()
)
_SHRINK = (
    holds.update()
    .where(holds.c.call_id == bindparam("call"), holds.c.seq == bindparam("slice"))
    .values(cents=bindparam("wanted"))
)
_HELD = select(holds.c.cents).where(
    holds.c.call_id == bindparam("call"), holds.c.seq == bindparam("slice")
)
_FORGET = holds.delete().where(
    holds.c.call_id == bindparam("call"), holds.c.seq == bindparam("slice")
)
_CLOSE = (
    holds.update()
    .where(holds.c.call_id == bindparam("call"), holds.c.closed_at.is_(None))
    .values(closed_at=bindparam("now"))
    .returning(holds.c.seq, holds.c.account_id, holds.c.cents)
)
_RELEASE = (
    balances.update()
    .where(balances.c.account_id == bindparam("account"))
    .values(held_cents=balances.c.held_cents - bindparam("freed"))
)
_POSTED = (
    select(postings.c.account_id, func.sum(postings.c.cents).label("cents"))
    .join(entries, entries.c.id == postings.c.entry_id)
    .where(entries.c.call_id == bindparam("call"), entries.c.kind == Kind.CALL)
    .group_by(postings.c.account_id)
)
