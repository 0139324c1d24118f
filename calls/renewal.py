"""The money of a talk, slice by slice: settled and set aside again before it ends.

The called party's leg carries the talk's time: Asterisk ends it when the money that is held
ends, unless whoever renews moves that moment (RFC 8506, section 5.6: the final unit).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, select

from accounts import collect, holds
from accounts.ledger import LedgerError
from calls.charging import by_house_account
from calls.talking import LIVE, Live, live_of
from rating.engine import affordable_seconds, charge
from rating.terms import Quote
from store.database import Database
from store.settings import CallSettings
from store.tables import calls
from store.tables import holds as hold_rows
from store.types import AnyRow

# Where money is short, or a renewal fails, the account is asked again after this at the least.
AGAIN = timedelta(seconds=1)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Grant:
    """A call whose talk may last until ``live.paid_until`` now. ``final``: there is no more."""

    live: Live
    final: bool


def renew_due(database: Database, settings: CallSettings, at: datetime) -> list[Grant]:
    """Renew every call that is due; what the talk may last from now on.

    Any number of processes may ask at the same moment: each call is one's. A call that can't be
    renewed is left for a moment and keeps no other from it.
    """
    with database.once() as connection:
        due = list(connection.execute(_DUE, {"now": at}).scalars())
    grants = (_renew_one(database, settings, call_id, at) for call_id in due)
    return [grant for grant in grants if grant is not None]


def deposited(connection: Connection, account_id: str, at: datetime) -> None:
    """Money has come in: the account's live calls are renewed at once, not when they are due."""
    connection.execute(_DUE_NOW, {"account": account_id, "now": at})


def _renew_one(
    database: Database, settings: CallSettings, call_id: str, at: datetime
) -> Grant | None:
    try:
        with database.begin() as connection:
            return _renew(connection, settings, call_id, at)
    except LedgerError:
        _log.exception("call %s can't be renewed", call_id)
        return None


def _renew(
    connection: Connection, settings: CallSettings, call_id: str, at: datetime
) -> Grant | None:
    call = connection.execute(_TAKEN, {"call": call_id, "now": at}).one_or_none()
    if call is None:
        return None
    now = live_of(call)
    if at >= now.paid_until:
        # Asterisk has ended the talk and says so any moment. That nobody came in time stays noted.
        return None
    wanted = min(now.limit_seconds, now.paid_seconds + settings.slice_seconds)
    if call.decision["product"] == collect.TRADITIONAL_COLLECT:
        collect.refresh(connection, str(now.account_id), settings, at)
    paid = _paid_seconds(connection, now, call, wanted, at)
    moved = replace(now, paid_seconds=paid)
    due = _due(moved, settings, at, final=paid < wanted)
    connection.execute(_MOVED, {"call": call_id, "paid": paid, "due": due})
    return Grant(moved, final=paid < wanted)


def _paid_seconds(
    connection: Connection, now: Live, call: AnyRow, wanted: int, at: datetime
) -> int:
    """Settle the talk so far, hold the next slice; the talk that is paid for then."""
    terms = Quote.from_json(call.decision["terms"])
    talked = min((at - now.accepted_at) // timedelta(seconds=1), now.paid_seconds)
    used = charge(terms, talked)
    following = holds.Slice(
        now.call_id,
        call.seq + 1,
        str(now.account_id),
        charge(terms, wanted).total_cents - used.total_cents,
        at,
        # Twice as long as it is good for: then the sweeper asks (RFC 8506, section 5.3).
        at + 2 * (now.accepted_at + timedelta(seconds=wanted) - at),
    )
    held = holds.renew(connection, by_house_account(used), following)
    cents = used.total_cents + (held or 0)
    return max(now.paid_seconds, affordable_seconds(terms, cents, wanted))


def _due(now: Live, settings: CallSettings, at: datetime, *, final: bool) -> datetime | None:
    """When to renew next. Where no more money is there, another call may still give some back."""
    if now.paid_seconds >= now.limit_seconds:
        return None
    if final:
        return at + max(AGAIN, (now.paid_until - at) / 2)
    return max(at + AGAIN, now.paid_until - timedelta(seconds=settings.renew_early_seconds))


_DUE = (
    select(calls.c.id)
    .where(calls.c.ended_at.is_(None), calls.c.renew_at <= bindparam("now"))
    .order_by(calls.c.renew_at)
)
_TAKEN = (
    LIVE.add_columns(
        calls.c.decision,
        select(func.max(hold_rows.c.seq))
        .where(hold_rows.c.call_id == calls.c.id)
        .scalar_subquery()
        .label("seq"),
    )
    .where(calls.c.id == bindparam("call"), calls.c.renew_at <= bindparam("now"))
    .with_for_update(of=calls, skip_locked=True)
)
_MOVED = (
    calls.update()
    .where(calls.c.id == bindparam("call"))
    .values(paid_seconds=bindparam("paid"), renew_at=bindparam("due", type_=calls.c.renew_at.type))
)
_DUE_NOW = (
    calls.update()
    .where(
        # Not those that are worked on: who works on them waits for the account's money, as
        # whoever paid in holds it, and asks again by itself.
        calls.c.id.in_(
            select(calls.c.id)
            .where(
                calls.c.account_id == bindparam("account"),
                calls.c.ended_at.is_(None),
                calls.c.renew_at.is_not(None),
            )
            .with_for_update(skip_locked=True)
        )
    )
    .values(renew_at=bindparam("now"))
)
