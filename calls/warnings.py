"""When a talk's money ends, told to both parties a minute before.

Projected from the account over all its live calls, not from one call's slice: another call makes
it shorter, a deposit longer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam

from accounts.paying import AVAILABLE_CENTS
from calls.talking import LIVE, Live, live_of
from rating.engine import affordable_seconds, charge
from rating.terms import Quote
from store.database import Database
from store.settings import CallSettings
from store.tables import balances, calls
from store.types import AnyRow

# Who was warned is warned again only when there has been clearly more than a minute since.
MOVED = timedelta(seconds=5)


@dataclass(frozen=True)
class Warning_:
    """Both parties of the call are to be told at ``at`` that a minute is left."""

    live: Live
    at: datetime


def due(database: Database, settings: CallSettings, now: datetime) -> list[Warning_]:
    """What is to be told and hasn't been, soonest first.

    A call whose own longest talk ends no later than its money isn't here: Asterisk warns of that
    by itself. Who was warned and has got money since is warned again.
    """
    early = timedelta(seconds=settings.warning_seconds)
    with database.begin() as connection:
        coming = [(row, end - early) for row, end in _ends(connection) if end < _own_end(row)]
        prolonged = [row.id for row, at in coming if row.warned_at and at > now + MOVED]
        for call_id in prolonged:
            connection.execute(_UNWARNED, {"call": call_id})
    untold = (
        Warning_(live_of(row), at)
        for row, at in coming
        if row.warned_at is None or row.id in prolonged
    )
    return sorted(untold, key=lambda one: one.at)


def ends(connection: Connection) -> dict[str, datetime]:
    """By call id: when its money ends if nothing changes, or its own longest talk does."""
    return {row.id: end for row, end in _ends(connection)}


def claim(database: Database, call_id: str, at: datetime) -> bool:
    """Whether it is the caller of this who tells: False when somebody has."""
    with database.once() as connection:
        return connection.execute(_CLAIMED, {"call": call_id, "now": at}).rowcount == 1


def _ends(connection: Connection) -> Iterator[tuple[AnyRow, datetime]]:
    """What an account has left lasts equally long for all of its calls that go on taking."""
    by_account: dict[str, list[AnyRow]] = defaultdict(list)
    for row in connection.execute(_CHARGED):
        by_account[row.account_id].append(row)
    for sharing in by_account.values():
        rates = [_rate(row) for row in sharing]
        for row, rate in zip(sharing, rates, strict=True):
            yield row, _end(row, row.available_cents * rate // max(sum(rates), 1))


def _rate(row: AnyRow) -> int:
    terms = _terms(row)
    return terms.base_e4 + terms.additive_e4


def _end(row: AnyRow, share_cents: int) -> datetime:
    terms = _terms(row)
    cents = charge(terms, row.paid_seconds).total_cents + share_cents
    seconds = max(row.paid_seconds, affordable_seconds(terms, cents, row.limit_seconds))
    end: datetime = row.accepted_at + timedelta(seconds=seconds)
    return end


def _own_end(row: AnyRow) -> datetime:
    end: datetime = row.accepted_at + timedelta(seconds=row.limit_seconds)
    return end


def _terms(row: AnyRow) -> Quote:
    return Quote.from_json(row.decision["terms"])


_CHARGED = (
    LIVE.add_columns(calls.c.decision, calls.c.warned_at, AVAILABLE_CENTS)
    .join(balances, balances.c.account_id == calls.c.account_id)
    .where(calls.c.renew_at.is_not(None))
)
_UNWARNED = calls.update().where(calls.c.id == bindparam("call")).values(warned_at=None)
_CLAIMED = (
    calls.update()
    .where(calls.c.id == bindparam("call"), calls.c.warned_at.is_(None), calls.c.ended_at.is_(None))
    .values(warned_at=bindparam("now"))
)
