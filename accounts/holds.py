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

from accounts.ledger import HOUSE, Entry, LedgerError, Posting, post
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


def authorize(connection: Connection, first: Slice) -> bool:
    """Set the slice aside if the account can bear it; False when it can't.

    Asked again for the same call and slice, it answers True and sets nothing more aside.
    """
    # The row first: whoever asks for the same slice at the same moment waits for it.
    opening = insert_new(connection, holds).returning(holds.c.seq)
    if connection.execute(opening, _row(first)).one_or_none() is None:
        return True
    taken = connection.execute(_TAKE, {"account": first.account_id, "wanted": first.cents})
    if taken.rowcount == 0:
        connection.execute(_FORGET, {"call": first.call_id, "slice": first.seq})
    return taken.rowcount == 1


def renew(connection: Connection, used: Mapping[str, int], following: Slice) -> bool:
    """Settle what the call has used so far and set the next slice aside, in one transaction.

    ``used`` is the whole charge since acceptance by house account, not the last slice's: what
    was posted before is taken off, so that rounding never adds up. False when the account
    can't bear the whole next slice: then what is left of this one stays set aside under the
    next one's number, for the seconds that are paid. False, too, once the call was closed.
    Asked again, it gives the same answer. The caller's transaction holds the call's row, so
    that no close comes in between.
    """
    asked = {"call": following.call_id, "slice": following.seq}
    before = connection.execute(_HELD, asked).scalar_one_or_none()
    if before is not None:
        return bool(before >= following.cents)
    settled = _settle(connection, following.call_id, used, following.at)
    if settled is None:
        return False
    if authorize(connection, following):
        return True
    authorize(connection, replace(following, cents=settled.left))
    return False


def close(
    connection: Connection, call_id: str, used: Mapping[str, int], at: datetime
) -> int | None:
    """Settle the call's charge against its open slice and let the rest go.

    Cents settled now, or None when no slice was open: a second close changes nothing. Raises
    :class:`LedgerError` when the charge is more than the slice, which would be a charge without
    money set aside.
    """
    settled = _settle(connection, call_id, used, at)
    return None if settled is None else settled.cents


@dataclass(frozen=True)
class _Settled:
    cents: int
    left: int


def _settle(
    connection: Connection, call_id: str, used: Mapping[str, int], at: datetime
) -> _Settled | None:
    slice_ = connection.execute(_CLOSE, {"call": call_id, "now": at}).one_or_none()
    if slice_ is None:
        return None
    due = _not_yet_posted(connection, call_id, used) if slice_.seq else dict(used)
    total = sum(due.values())
    if not 0 <= total <= slice_.cents:
        raise LedgerError(f"call {call_id}: {total} cents don't fit the {slice_.cents} held")
    connection.execute(_RELEASE, {"account": slice_.account_id, "freed": slice_.cents})
    if total:
        lines = [Posting(slice_.account_id, -total)]
        lines += [Posting(house, cents) for house, cents in due.items()]
        key = f"call:{call_id}:{slice_.seq}"
        post(connection, Entry(key, "call", ACTOR, at, lines, call_id))
    return _Settled(total, slice_.cents - total)


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
        row.account_id: row.cents
        for row in connection.execute(_POSTED, {"call": call_id})
        if row.account_id in HOUSE
    }
    return {house: cents - int(posted.get(house, 0)) for house, cents in used.items()}


_TAKE = (
    balances.update()
    .where(
        balances.c.account_id == bindparam("account"),
        balances.c.balance_cents + balances.c.credit_limit_cents - balances.c.held_cents
        >= bindparam("wanted"),
    )
    .values(held_cents=balances.c.held_cents + bindparam("wanted"))
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
    .where(entries.c.call_id == bindparam("call"), entries.c.kind == "call")
    .group_by(postings.c.account_id)
)
