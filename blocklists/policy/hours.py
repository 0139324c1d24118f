"""Hours of the week in which calls may be, by the wall clock of a facility's zone.

Written as ``mon-fri 08:00-22:00, sat sun 09:00-23:30``. A window may go over midnight
(``22:00-02:00``), 24:00 is the end of a day, and windows may overlap: what any of them opens is
open. When the clocks change the wall clock counts: an hour that is shown twice is open twice.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_S = 86_400
WEEK_S = 7 * DAY_S
HORIZON = timedelta(days=1)
SECOND = timedelta(seconds=1)
_WINDOW = re.compile(r"((?:[a-z-]+ +)*)([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})")
Spans = tuple[tuple[int, int], ...]


class HoursError(ValueError):
    """These are no hours; the message says why."""


@lru_cache(maxsize=1000)
def spans(text: str) -> Spans:
    """The open spans in seconds of the week, merged and sorted. Raises :class:`HoursError`."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(part for window in text.split(",") for part in _parts(window)):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def open_for(text: str, at: datetime, zone: tzinfo) -> timedelta:
    """How long it is open from ``at`` (UTC) on; zero when it is shut, a day when for longer."""
    until, horizon = at, at + HORIZON
    while until < horizon:
        left = _left(spans(text), until, zone)
        if not left:
            break
        until = min(_before_the_clocks_change(until, until + left, zone), horizon)
    return until - at


def _left(open_spans: Spans, at: datetime, zone: tzinfo) -> timedelta:
    """What is left of the span that the wall clock is in."""
    local = at.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    place = timedelta(days=local.weekday()) + (local.replace(tzinfo=None) - midnight)
    index = bisect_right(open_spans, place // SECOND, key=lambda span: span[0]) - 1
    if index < 0:
        return timedelta(0)
    return max(timedelta(0), timedelta(seconds=open_spans[index][1]) - place)


def _before_the_clocks_change(start: datetime, end: datetime, zone: tzinfo) -> datetime:
    """``end``, or the moment before it at which the zone's offset has changed since ``start``."""
    end = min(end, start + HORIZON)
    offset = start.astimezone(zone).utcoffset()
    if end.astimezone(zone).utcoffset() == offset:
        return end
    while end - start > SECOND:
        middle = start + (end - start) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            start = middle
        else:
            end = middle
    return end.replace(microsecond=0)


def _parts(window: str) -> Iterator[tuple[int, int]]:
    """The spans of one window; what goes beyond Sunday begins the week."""
    match = _WINDOW.fullmatch(window.strip().lower())
    if match is None:
        raise HoursError(f"{window.strip()!r} are no hours such as 'mon-fri 08:00-22:00'")
    start, end = _seconds(match[2], match[3]), _seconds(match[4], match[5])
    if start == end:
        raise HoursError(f"{window.strip()!r}: the whole day is 00:00-24:00")
    for day in _days(match[1]):
        first = day * DAY_S + start
        last = day * DAY_S + end + (DAY_S if end <= start else 0)
        yield first, min(last, WEEK_S)
        if last > WEEK_S:
            yield 0, last - WEEK_S


def _days(text: str) -> Iterator[int]:
    if not text.strip():
        yield from range(len(DAYS))
    for part in text.split():
        first, _, last = part.partition("-")
        if first not in DAYS or (last or first) not in DAYS:
            raise HoursError(f"{part!r} are no days such as mon or mon-fri")
        start, end = DAYS.index(first), DAYS.index(last or first)
        yield from (day % len(DAYS) for day in range(start, end + 1 + 7 * (end < start)))


def _seconds(hours: str, minutes: str) -> int:
    seconds = int(hours) * 3600 + int(minutes) * 60
    if int(minutes) > 59 or seconds > DAY_S:
        raise HoursError(f"{hours}:{minutes} is no time of day")
    return seconds
