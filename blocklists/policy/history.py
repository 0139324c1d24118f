"""What a person has called so far: what counters count, always asked of the database.

A call that lives counts as what it may become: a call, with all the talk that it was allowed. So
nothing that is decided while it lives can exceed a limit. Privileged calls count for nothing:
nobody has to choose between a lawyer and the family.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum

from sqlalchemy import Connection, bindparam, func, select

from store.tables import calls
from store.types import AnyRow

# A call that began the day before may have lasted into the period.
LONGEST_BEFORE = timedelta(days=1)
REFUSED_BY_CALLED = ("declined", "blocked_by_called")
NO_TIME = timedelta(0)


class Period(StrEnum):
    """Of the facility's own calendar; a week begins on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Past:
    """One call that was dialled; without ``ended_at`` it lives."""

    number: str
    authorized_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None
    talked: bool
    limit_seconds: int
    refused: bool
    privileged: bool

    def counts_since(self, start: datetime) -> bool:
        """Whether it is a call of the period that began then, or may still become one."""
        if self.accepted_at is None:
            return self.ended_at is None
        return self.accepted_at >= start

    def talk_since(self, start: datetime) -> timedelta:
        """The talk within the period that began then: what was, or what may still be."""
        length = timedelta(seconds=self.limit_seconds)
        if self.accepted_at is None:
            return NO_TIME if self.ended_at else length
        if self.ended_at is None:
            return max(NO_TIME, min(length, self.accepted_at + length - start))
        if not self.talked:
            return NO_TIME
        return max(NO_TIME, min(self.ended_at - self.accepted_at, self.ended_at - start))


def start_of(period: Period, at: datetime, zone: tzinfo) -> datetime:
    """The moment at which this day, week or month of the zone began."""
    date = at.astimezone(zone).date()
    if period is Period.WEEK:
        date -= timedelta(days=date.weekday())
    if period is Period.MONTH:
        date = date.replace(day=1)
    return datetime.combine(date, time(), zone).astimezone(UTC)


def talked_since(history: Iterable[Past], start: datetime) -> timedelta:
    """All talk within the period that began then, privileged calls left out."""
    return sum((one.talk_since(start) for one in history if not one.privileged), NO_TIME)


def history(
    connection: Connection, person_id: str, since: datetime, but: str | None = None
) -> list[Past]:
    """The person's calls, at whichever facility, that may count from then on; ``but`` this one.

    Who decides by them holds the person's lock, so that no two decisions count the same past.
    """
    asked = {"person": person_id, "since": since - LONGEST_BEFORE, "but": but or ""}
    return [_past(row) for row in connection.execute(_HISTORY, asked).all()]


def _past(row: AnyRow) -> Past:
    refused = row.outcome in REFUSED_BY_CALLED
    moments = (row.authorized_at, row.accepted_at, row.ended_at)
    length = row.limit_seconds or 0
    return Past(row.number, *moments, row.talked, length, refused, row.privileged)


_HISTORY = select(
    calls.c.number,
    calls.c.authorized_at,
    calls.c.accepted_at,
    calls.c.ended_at,
    calls.c.talking_at.is_not(None).label("talked"),
    calls.c.limit_seconds,
    calls.c.outcome,
    func.coalesce(calls.c.privileged, False).label("privileged"),
).where(
    calls.c.person_id == bindparam("person"),
    calls.c.offhook_at >= bindparam("since", type_=calls.c.offhook_at.type),
    calls.c.authorized_at.is_not(None),
    calls.c.id != bindparam("but"),
)
