"""When a price changes: rate bands, midnight, daylight saving, a new cap, deck or tier.

Dates and bands are read off the facility's own wall clock, so every change is first a wall time
there and then a moment. Moments are whole seconds since 1970 in UTC. A day that changes clocks
needs no rule of its own: an edge that comes twice, or not at all, gives candidates on both sides,
and what holds is asked of the wall clock at each.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TypeAlias
from zoneinfo import ZoneInfo

from rating.rules import Book, Terms, terms_on
from rating.terms import CallKind, FacilityTerms

DAY_S = 86_400
Timeline: TypeAlias = tuple[tuple[int, Terms], ...]
"""Moments in rising order, each with the terms that begin there."""


def timeline(
    prices: Book, facility: FacilityTerms, kind: CallKind, first: date, last: date
) -> Timeline:
    """All changes from the first moment of ``first`` to the last of ``last``, at the facility."""
    zone = ZoneInfo(facility.timezone)
    ends = (first, last + timedelta(days=1))
    days = sorted({*ends, *(d for d in prices.changes if first < d <= last)})
    found: list[tuple[int, Terms]] = []
    for begin, end in pairwise(days):
        terms = terms_on(prices, facility, kind, begin)
        minutes = frozenset(m for band, _ in terms.bands for m in (0, band.start, band.end))
        for moment, weekday, minute in _candidates(minutes, zone, begin, end):
            now = terms.at(weekday, minute)
            if not found or found[-1][1] != now:
                found.append((moment, now))
    return tuple(found)


@lru_cache(maxsize=8192)
def around(prices: Book, facility: FacilityTerms, kind: CallKind, day: date) -> Timeline:
    """The changes of a day and the next: all that a call beginning on ``day`` can meet."""
    return timeline(prices, facility, kind, day, day + timedelta(days=1))


def at(changes: Timeline, moment: int) -> int:
    """The index of what holds at a moment."""
    return bisect_right(changes, moment, key=lambda change: change[0]) - 1


def midnight(day: date, zone: ZoneInfo) -> int:
    """The first moment of a day on a wall clock."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


@lru_cache(maxsize=1024)
def _candidates(
    minutes: frozenset[int], zone: ZoneInfo, begin: date, end: date
) -> tuple[tuple[int, int, int], ...]:
    """Moments at which a band may change, each with its weekday and minute on the wall clock."""
    start, stop = midnight(begin, zone), midnight(end, zone)
    moments = {start}
    for ordinal in range(begin.toordinal(), end.toordinal()) if minutes else ():
        moments.update(_moments(date.fromordinal(ordinal), minutes, zone))
    walls = ((m, datetime.fromtimestamp(m, zone)) for m in sorted(moments) if start <= m < stop)
    return tuple((m, wall.weekday(), wall.hour * 60 + wall.minute) for m, wall in walls)


def _moments(day: date, minutes: frozenset[int], zone: ZoneInfo) -> Iterator[int]:
    midnight_wall = datetime(day.year, day.month, day.day, tzinfo=zone)
    for minute in minutes:
        wall = midnight_wall + timedelta(minutes=minute)
        yield int(wall.timestamp())
        yield int(wall.replace(fold=1).timestamp())
    yield from _clock_change(midnight(day, zone), zone)


def _clock_change(start: int, zone: ZoneInfo) -> Iterator[int]:
    """The moment within the day after ``start`` at which the zone's offset changes, if any."""
    low, high = start, start + DAY_S
    before = _offset(low, zone)
    if before == _offset(high, zone):
        return
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(middle, zone) == before else (low, middle)
    yield high


def _offset(moment: int, zone: ZoneInfo) -> timedelta | None:
    return datetime.fromtimestamp(moment, zone).utcoffset()
