"""The time-of-day bands of a contract rate, as a deck writes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rating.deck import Band
from rating.money import RateE4
from rating.tomlrows import Row, text

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60


def read_bands(rows: list[Row], rate: Callable[[Any], RateE4]) -> tuple[Band, ...]:
    """The bands of one rate. Two that are on at the same minute are refused."""
    bands: list[Band] = []
    for row in rows:
        band = Band(
            days=row.maybe("days", _days, frozenset(range(7))),
            start=row.take("from", _minute) % DAY_MINUTES,
            end=row.take("to", _minute),
            base_e4=row.take("base", rate),
        )
        row.done()
        if band.start == band.end:
            raise row.error("to", "a band needs a length")
        if any(_overlap(band, other) for other in bands):
            raise row.error("from", "overlaps an earlier band")
        bands.append(band)
    return tuple(bands)


def _overlap(one: Band, other: Band) -> bool:
    """Two sets of intervals of the week meet where one of them begins, if they meet at all."""
    starts = ((weekday, band.start) for band in (one, other) for weekday in band.days)
    return any(one.holds(*start) and other.holds(*start) for start in starts)


def _days(value: Any) -> frozenset[int]:
    if not isinstance(value, list) or not value or any(name not in DAYS for name in value):
        raise ValueError(f"a list out of {', '.join(DAYS)} is needed")
    return frozenset(map(DAYS.index, value))


def _minute(value: Any) -> int:
    hours, _, minutes = text(value).partition(":")
    if not (len(hours) == len(minutes) == 2 and (hours + minutes).isdecimal()):
        raise ValueError(f"{value!r} isn't a time such as 19:00")
    found = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or found > DAY_MINUTES:
        raise ValueError(f"{value!r} isn't a time of day")
    return found
