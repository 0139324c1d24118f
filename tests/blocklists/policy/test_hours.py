"""Hours: every spelling is read, and the wall clock decides, also when the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocklists.policy.hours import DAY_S, DAYS, HORIZON, HoursError, Spans, open_for, spans

MINUTE = timedelta(minutes=1)
YEAR = 2027
ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Anchorage",
    "Europe/Dublin",
    "Australia/Lord_Howe",
)
SCHEDULES = (
    "08:00-22:00",
    "00:00-01:30",
    "01:30-03:00",
    "01:00-02:30",
    "22:00-02:00",
    "sun 00:00-24:00, mon-sat 02:15-02:45",
    "00:00-24:00",
    "sat sun 23:00-01:00, 01:00-01:45",
)


def offset(at: datetime, zone: ZoneInfo) -> timedelta:
    """How far the zone's clocks are from UTC."""
    ahead = at.astimezone(zone).utcoffset()
    assert ahead is not None
    return ahead


def changes(name: str) -> list[datetime]:
    """The hours of the year in which the zone's clocks change."""
    zone, hour = ZoneInfo(name), timedelta(hours=1)
    start = datetime(YEAR, 1, 1, tzinfo=UTC)
    hours = (start + n * hour for n in range(365 * 24))
    return [at for at in hours if offset(at, zone) != offset(at + hour, zone)]


def is_open(open_spans: Spans, at: datetime, zone: ZoneInfo) -> bool:
    """What a wall clock and a table of the week say."""
    wall = at.astimezone(zone)
    second = wall.weekday() * DAY_S + wall.hour * 3600 + wall.minute * 60 + wall.second
    return any(start <= second < end for start, end in open_spans)


@pytest.mark.parametrize("name", ZONES)
def test_every_change_of_the_clocks_in_a_year(name: str) -> None:
    zone = ZoneInfo(name)
    found = changes(name)
    assert len(found) == 2
    for change in found:
        for schedule in SCHEDULES:
            open_spans = spans(schedule)
            moments = [change + n * MINUTE for n in range(-300, 1800)]
            shut_at = moments[-1] + MINUTE
            for at in reversed(moments):
                if not is_open(open_spans, at, zone):
                    shut_at = at
                if at < change + timedelta(hours=5):
                    expected = min(shut_at - at, HORIZON)
                    assert open_for(schedule, at, zone) == expected, (schedule, at)


def window(day: int, start: int, end: int) -> str:
    """A window of one day, between two minutes."""
    first, last = divmod(start, 60), divmod(end, 60)
    return f"{DAYS[day]} {first[0]:02}:{first[1]:02}-{last[0]:02}:{last[1]:02}"


WINDOWS = (
    st.tuples(st.integers(0, 6), st.integers(0, 1439), st.integers(0, 1440))
    .filter(lambda one: one[1] != one[2])
    .map(lambda one: window(*one))
)
MOMENTS = st.integers(0, 1_000_000).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + n * MINUTE)


@given(st.lists(WINDOWS, min_size=1, max_size=6), MOMENTS, st.sampled_from(ZONES))
def test_windows_that_overlap_are_one(windows: list[str], at: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    together = open_for(", ".join(windows), at, zone) > timedelta(0)
    assert together == any(open_for(one, at, zone) > timedelta(0) for one in windows)
    assert together == is_open(spans(", ".join(windows)), at, zone)


@given(st.lists(WINDOWS, min_size=1, max_size=6).flatmap(st.permutations))
def test_their_order_makes_no_difference(windows: list[str]) -> None:
    assert spans(",".join(windows)) == spans(",".join(sorted(windows)))


def test_the_ways_to_write_them() -> None:
    assert spans("mon 08:00-09:00") == ((8 * 3600, 9 * 3600),)
    assert spans("00:00-24:00") == ((0, 7 * DAY_S),)
    assert spans("fri-mon 10:00-11:00") == spans("sat sun, mon fri 10:00-11:00".replace(",", ""))
    assert spans("sun 23:00-01:00") == ((0, 3600), (7 * DAY_S - 3600, 7 * DAY_S))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "always",
        "8-22",
        "mon",
        "25:00-26:00",
        "08:60-09:00",
        "funday 08:00-09:00",
        "08:00-24:01",
        "08:00-08:00",
    ],
)
def test_rubbish_is_refused(text: str) -> None:
    with pytest.raises(HoursError):
        spans(text)
