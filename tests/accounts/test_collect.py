"""Traditional collect: what may be spent over rolling windows, to the millisecond."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from accounts import collect, holds
from accounts.chart import CREDITS
from accounts.ledger import Entry, Kind, Posting, open_books, post
from accounts.prepaid import find
from store.database import Database
from store.settings import CallSettings
from tests.builders import MORNING, NO_ACCOUNT_NUMBER, at_once

MS = timedelta(milliseconds=1)
LIMITS = CallSettings(collect_cents_90_days=150_00, collect_cents_a_day=60_00)
ACCOUNT = collect.account_of(NO_ACCOUNT_NUMBER)
_numbers = count()


@pytest.fixture
def books(database: Database) -> Iterator[Connection]:
    """The number's own account, without a charge."""
    open_books(database)
    with database.begin() as connection:
        collect.room(connection, NO_ACCOUNT_NUMBER, LIMITS, MORNING)
        yield connection


def spend(connection: Connection, cents: int, at: datetime, kind: Kind = Kind.CALL) -> None:
    call = f"c{next(_numbers)}"
    other = CREDITS if kind is Kind.CREDIT else "house.revenue.base"
    lines = [Posting(ACCOUNT, -cents), Posting(other, cents)]
    post(connection, Entry(f"{kind}:{call}", kind, "test", at, lines, call))


def room(connection: Connection, at: datetime) -> collect.Room:
    return collect.room(connection, NO_ACCOUNT_NUMBER, LIMITS, at)


def test_a_number_has_its_account_from_the_first_try_and_opens_it_by_accepting(
    books: Connection,
) -> None:
    assert room(books, MORNING).status == "provisional"
    for _ in range(2):
        collect.accepted(books, ACCOUNT, "call", MORNING)
        assert room(books, MORNING).status == "open"


@pytest.mark.parametrize(
    ("window", "limit"), [(timedelta(hours=24), 60_00), (timedelta(days=90), 150_00)]
)
def test_a_charge_ages_out_to_the_millisecond(
    books: Connection, window: timedelta, limit: int
) -> None:
    parts = [60_00, 60_00, 30_00] if limit == 150_00 else [60_00]
    for place, cents in enumerate(parts):
        room(books, MORNING + timedelta(days=2 * place))
        spend(books, cents, MORNING + timedelta(days=2 * place))
    assert room(books, MORNING + window - MS).available_cents == 0
    assert room(books, MORNING + window).available_cents == 60_00


def test_a_credited_call_gives_its_room_back(books: Connection) -> None:
    room(books, MORNING)
    spend(books, 5_00, MORNING)
    spend(books, -2_00, MORNING, Kind.CREDIT)
    assert room(books, MORNING).available_cents == 57_00


def test_what_the_carriers_bill_makes_no_room(books: Connection) -> None:
    spend(books, 60_00, MORNING)
    lines = [Posting(ACCOUNT, 60_00), Posting("house.receivable.carriers", -60_00)]
    post(books, Entry("pack", Kind.CARRIER_BILLED, "test", MORNING, lines))
    stands = room(books, MORNING)
    assert (stands.available_cents, stands.held_cents) == (0, 0)
    money = find(books, ACCOUNT)
    assert money is not None
    assert (money.balance_cents, money.available_cents) == (0, 0)


def test_calls_are_counted_while_they_live_and_for_a_day_after(books: Connection) -> None:
    for number in range(9):
        spend(books, 10, MORNING + number * MS)
    held = holds.Slice("live", 0, ACCOUNT, 10, MORNING, MORNING + timedelta(minutes=5))
    assert room(books, MORNING).calls_left == 1
    assert holds.authorize(books, held, 10) == 10
    stands = room(books, MORNING + timedelta(hours=24) - MS)
    assert (stands.calls_left, stands.held_cents) == (0, 10)
    assert room(books, MORNING + timedelta(hours=24)).calls_left == 1


def test_what_is_held_stays_held_when_a_limit_is_lowered(books: Connection) -> None:
    held = holds.Slice("live", 0, ACCOUNT, 40_00, MORNING, MORNING + timedelta(minutes=5))
    assert holds.authorize(books, held, 1) == 40_00
    lower = CallSettings(collect_cents_a_day=10_00)
    stands = collect.room(books, NO_ACCOUNT_NUMBER, lower, MORNING)
    assert stands.available_cents == -30_00
    assert holds.close(books, "live", {"house.revenue.base": 40_00}, MORNING) == 40_00
    assert collect.room(books, NO_ACCOUNT_NUMBER, lower, MORNING).available_cents == -30_00


@given(
    charges=st.lists(st.tuples(st.integers(0, 100 * 24 * 60), st.integers(1, 20_00)), max_size=25),
    later=st.integers(0, 200 * 24 * 60),
)
def test_no_window_ever_holds_more_than_its_limit(
    sqlite_database: Database, charges: list[tuple[int, int]], later: int
) -> None:
    """Whoever asks for room before spending keeps every window within its limit."""
    open_books(sqlite_database)
    spent: list[tuple[datetime, int]] = []
    with sqlite_database.begin() as connection:
        number = f"+1212555{next(_numbers) % 100 + 100:04}"
        for minute, cents in sorted(charges):
            at = MORNING + timedelta(minutes=minute)
            left = collect.room(connection, number, LIMITS, at).available_cents
            if left >= cents:
                spent.append((at, cents))
                lines = [
                    Posting(collect.account_of(number), -cents),
                    Posting("house.revenue.base", cents),
                ]
                call = f"c{next(_numbers)}"
                post(connection, Entry(f"call:{call}", Kind.CALL, "test", at, lines, call))
        end = MORNING + timedelta(minutes=later)
        left = collect.room(connection, number, LIMITS, end).available_cents
        connection.rollback()
    for begin, _ in spent:
        for window, limit in ((timedelta(hours=24), 60_00), (timedelta(days=90), 150_00)):
            assert sum(c for at, c in spent if begin <= at < begin + window) <= limit
    day = sum(c for at, c in spent if end - timedelta(hours=24) < at)
    assert left <= 60_00 - day


def test_calls_that_ask_at_once_share_one_limit(postgres_database: Database) -> None:
    open_books(postgres_database)
    limits = CallSettings(collect_cents_a_day=1_00)

    def take(number: int) -> int | None:
        with postgres_database.begin() as connection:
            collect.room(connection, NO_ACCOUNT_NUMBER, limits, MORNING)
            lease = MORNING + timedelta(minutes=5)
            one = holds.Slice(f"call{number}", 0, ACCOUNT, 30, MORNING, lease)
            return holds.authorize(connection, one, 30)

    assert sorted(filter(None, at_once(8, take))) == [30, 30, 30]
