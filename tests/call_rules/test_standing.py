"""What is left to a person: the own money, and today's time by the facility's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from blocklists.policy.history import Period, start_of
from calls.ending import CALLER, Ending, end
from calls.reasons import PaidBy
from calls.standing import Standing, inquire, standing
from store.database import Database
from store.tables import accounts
from tests.builders import (
    DEBIT,
    MORNING,
    OTHER_PERSON,
    PERSON,
    accepted_call,
    authorized_call,
    balance,
    build_jail,
    open_debit,
    seconds,
    set_facility,
    talked,
)

NEW_YORK = "America/New_York"
MIDNIGHT = datetime(2026, 11, 3, 5, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database)


def day_start(at: datetime, zone: str) -> datetime:
    """The midnight that this day of the zone began with."""
    return start_of(Period.DAY, at, ZoneInfo(zone))


def left(database: Database, at: datetime, person: str = PERSON) -> int | None:
    return standing(database, person, at).seconds_left_today


def test_without_account_and_limit_there_is_nothing_to_tell(database: Database) -> None:
    assert standing(database, PERSON, MORNING) == Standing(None, None)


def test_the_own_money_is_what_no_call_holds(database: Database) -> None:
    open_debit(database, 500)
    assert standing(database, PERSON, MORNING).debit_cents == 500
    authorized_call(database, by=PaidBy.CALLER)
    assert standing(database, PERSON, MORNING).debit_cents == 500 - _held(database)
    assert standing(database, OTHER_PERSON, MORNING).debit_cents is None


def _held(database: Database) -> int:
    held = balance(database, "rivera-own").held_cents
    assert held > 0
    return held


def test_talk_uses_the_day_up(database: Database) -> None:
    set_facility(database, daily_minutes=10)
    assert left(database, MORNING) == 600
    talked(database, 61.2)
    assert left(database, MORNING) == 538, "rounded against the talker"
    call_id = accepted_call(database)
    assert left(database, MORNING) == 0, "a call that lives may use up all that it was allowed"
    assert end(database, call_id, Ending(CALLER, MORNING + seconds(38), joined_at=MORNING))
    assert left(database, MORNING) == 500
    talked(database, 700)
    assert left(database, MORNING) == 0
    assert left(database, MORNING, OTHER_PERSON) == 600


def test_a_new_day_begins_at_the_facilitys_midnight(database: Database) -> None:
    set_facility(database, daily_minutes=10)
    talked(database, 300)
    assert left(database, MIDNIGHT - seconds(0.001)) == 300
    assert left(database, MIDNIGHT) == 600


def test_talk_across_midnight_is_parted(database: Database) -> None:
    set_facility(database, daily_minutes=10)
    talked(database, 300, at=MIDNIGHT - seconds(100))
    assert left(database, MIDNIGHT - seconds(1)) == 300, "as if it had all been before"
    assert left(database, MIDNIGHT + seconds(200)) == 400


def test_who_waits_long_before_the_talk_is_counted_too(database: Database) -> None:
    set_facility(database, daily_minutes=10)
    call_id = accepted_call(database, MIDNIGHT - timedelta(hours=2))
    ending = Ending(CALLER, MIDNIGHT + seconds(60), MIDNIGHT - timedelta(hours=2))
    assert end(database, call_id, ending)
    assert left(database, MIDNIGHT + seconds(60)) == 540


def test_the_zone_is_the_facilitys(database: Database) -> None:
    set_facility(database, daily_minutes=10, timezone="Pacific/Honolulu")
    talked(database, 300, at=MIDNIGHT - seconds(1000))
    assert left(database, MIDNIGHT) == 300


@pytest.mark.parametrize(
    ("at", "began"),
    [
        ("2026-03-08T23:00-04:00", "2026-03-08T05:00Z"),
        ("2026-03-09T23:00-04:00", "2026-03-09T04:00Z"),
        ("2026-11-01T00:30-04:00", "2026-11-01T04:00Z"),
        ("2026-11-01T23:59-05:00", "2026-11-01T04:00Z"),
        ("2026-11-02T00:00-05:00", "2026-11-02T05:00Z"),
    ],
)
def test_days_are_as_long_as_the_clock_makes_them(at: str, began: str) -> None:
    assert day_start(datetime.fromisoformat(at), NEW_YORK) == datetime.fromisoformat(began)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from([NEW_YORK, "America/Phoenix", "Pacific/Honolulu", "America/Havana"]),
)
def test_a_day_began_before_and_ends_within_25_hours(at: datetime, zone: str) -> None:
    began = day_start(at, zone)
    assert began <= at < began + timedelta(hours=25)
    assert day_start(began, zone) == began


def test_who_asks_for_the_balance_shows_interest_in_it(database: Database) -> None:
    open_debit(database, 500)
    # Later than the deposit, which the test made just now.
    asked = datetime(2100, 1, 1, tzinfo=UTC)
    assert inquire(database, PERSON, asked).debit_cents == 500
    with database.begin() as connection:
        own = connection.execute(select(accounts).where(accounts.c.id == DEBIT)).one()
    assert own.interest_at == asked
    assert inquire(database, OTHER_PERSON, asked).debit_cents is None
