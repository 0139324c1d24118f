"""Months that are closed: in order, for good, and against posts at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from sqlalchemy import text

from accounts import periods
from accounts.chart import CASH
from accounts.history import entry
from accounts.ledger import LedgerError, open_books, paid_for, post
from accounts.months import following, month_of, start_of
from accounts.periods import Totals
from store.database import Database
from tests.accounts.year import (
    APRIL_1,
    FEBRUARY,
    JANUARY,
    MARCH,
    charged,
    day,
    paid_in,
    posted,
)
from tests.builders import balance, open_account

ME = "rivera"
BY = "bookkeeper"


@pytest.fixture(autouse=True)
def _books(request: pytest.FixtureRequest) -> None:
    wanted = {"database", "postgres_database"} & {*request.fixturenames}
    database: Database = request.getfixturevalue(wanted.pop())
    open_books(database)
    open_account(database, ME, cents=0)
    assert posted(database, paid_in("first", ME, 1000, day(JANUARY))) == [True]


def close(database: Database, *months: str) -> None:
    for month in months:
        periods.close(database, month, BY, APRIL_1)


@pytest.mark.parametrize("month", ["2019-12", "2020-02", "2020-03", "2020-04"])
def test_months_are_closed_in_order_and_when_they_are_over(database: Database, month: str) -> None:
    with pytest.raises(LedgerError, match=r"closed already|close 2020-01 first|isn't over"):
        close(database, month)
    close(database, JANUARY, FEBRUARY, MARCH)
    with database.begin() as connection:
        assert [one.month for one in periods.closed(connection)] == [JANUARY, FEBRUARY, MARCH]
        assert periods.next_month(connection) == "2020-04"
    with pytest.raises(LedgerError, match="2020-03 is closed already"):
        close(database, MARCH)


def test_a_closed_month_has_its_totals(database: Database) -> None:
    posted(database, charged("call", ME, 300, day(JANUARY, 31)), paid_in("2", ME, 7, day(FEBRUARY)))
    assert periods.close(database, JANUARY, BY, APRIL_1).totals == Totals(2, 1300)
    assert periods.close(database, FEBRUARY, BY, APRIL_1).totals == Totals(1, 7)
    assert periods.close(database, MARCH, BY, APRIL_1).totals == Totals(0, 0)


def test_staff_post_nothing_into_a_closed_month(database: Database) -> None:
    close(database, JANUARY)
    for at in (day(JANUARY), day("2019-12")):
        with pytest.raises(LedgerError, match=f"books of {month_of(at)} are closed"):
            posted(database, paid_in("late", ME, 5, at))
    assert balance(database, ME).balance_cents == 1000


@pytest.mark.parametrize("months", [(JANUARY,), (JANUARY, FEBRUARY)])
def test_a_late_settlement_goes_into_the_first_open_month(
    database: Database, months: tuple[str, ...]
) -> None:
    close(database, *months)
    late = charged("call", ME, 300, day(JANUARY, 31))
    assert posted(database, late, late) == [True, False]
    with database.begin() as connection:
        found = entry(connection, "call")
        assert [*periods.changed(connection)] == []
    assert found.at == start_of(following(months[-1]))
    assert "of 2020-01-31 12:00:00" in found.note
    assert balance(database, ME).balance_cents == 700


def test_what_was_posted_before_the_closing_is_still_known(database: Database) -> None:
    close(database, JANUARY)
    assert posted(database, paid_in("first", ME, 1000, day(JANUARY))) == [False]
    with pytest.raises(LedgerError, match="other figures"):
        posted(database, paid_in("first", ME, 999, day(JANUARY)))


def test_a_change_below_a_closed_month_is_found(database: Database) -> None:
    close(database, JANUARY)
    with database.begin() as connection:
        for account, cents in ((ME, 5), (CASH, -5)):
            lines = f"SELECT {90 + cents}, max(id), '{account}', {cents} FROM entries"
            connection.execute(
                text(f"INSERT INTO postings (id, entry_id, account_id, cents) {lines}")
            )
        found = [*periods.changed(connection)]
    assert found == ["2020-01 was closed with 1 entries over 1000 cents; now 1 over 1005"]
    with pytest.raises(LedgerError, match="not in order"):
        close(database, FEBRUARY)


def test_closed_months_can_not_be_opened_in_the_database(database: Database) -> None:
    close(database, JANUARY)
    with pytest.raises(Exception, match="append-only"), database.begin() as connection:
        connection.execute(text("DELETE FROM closed_periods"))


def test_a_closing_waits_for_who_is_posting_and_counts_it(postgres_database: Database) -> None:
    """The first has posted and not committed, the closing waits; who comes later is refused."""
    with ThreadPoolExecutor(2) as pool:
        with postgres_database.begin() as connection:
            assert post(connection, paid_in("early", ME, 50, day(JANUARY)))
            closing = pool.submit(periods.close, postgres_database, JANUARY, BY, APRIL_1)
            wait_for_lock(postgres_database, 1)
            late = pool.submit(posted, postgres_database, paid_in("late", ME, 70, day(JANUARY)))
            wait_for_lock(postgres_database, 2)
        assert closing.result().totals == Totals(2, 1050)
        with pytest.raises(LedgerError, match="books of 2020-01 are closed"):
            late.result()
    assert balance(postgres_database, ME).balance_cents == 1050


def test_a_closing_stands_aside_for_who_is_waited_for(postgres_database: Database) -> None:
    """One has posted and waits for the account, which another has locked who wants to post."""
    early, late = (paid_in(key, ME, 50, day(FEBRUARY)) for key in ("early", "late"))
    with ThreadPoolExecutor(2) as pool:
        with postgres_database.begin() as connection:
            paid_for(connection, ME, "its lock")
            first = pool.submit(posted, postgres_database, early)
            wait_for_lock(postgres_database, 1)
            closing = pool.submit(periods.close, postgres_database, JANUARY, BY, APRIL_1)
            wait_for_lock(postgres_database, 2)
            assert post(connection, late)
        assert first.result() == [True]
        assert closing.result().totals == Totals(1, 1000)
    assert balance(postgres_database, ME).balance_cents == 1100


def test_a_closing_gives_up_on_who_never_ends(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(periods, "LOCK_WAIT", "50ms")
    with postgres_database.begin() as connection:
        assert post(connection, paid_in("early", ME, 50, day(JANUARY)))
        with pytest.raises(LedgerError, match="somebody is posting"):
            close(postgres_database, JANUARY)
    close(postgres_database, JANUARY)


def test_closing_among_many_who_post(postgres_database: Database) -> None:
    """Six threads post while two close: each closed month is what its totals say."""
    started, warm, over = Barrier(8), Event(), Event()

    def poster(number: int) -> int:
        started.wait()
        done = 0
        while not over.is_set():
            at = day((JANUARY, FEBRUARY, MARCH)[done % 3], 1 + done % 28)
            key = f"{number}-{done}"
            done += 1
            if done == 20:
                warm.set()
            one = charged(key, ME, 1, at) if done % 2 else paid_in(key, ME, 2, at)
            try:
                assert posted(postgres_database, one) == [True]
            except LedgerError as error:
                if "are closed" not in str(error):
                    raise
        return done

    def closer(_: int) -> list[str]:
        started.wait()
        warm.wait(60)
        mine = []
        for month in (JANUARY, FEBRUARY, MARCH):
            try:
                close(postgres_database, month)
                mine.append(month)
            except LedgerError as error:
                if "closed already" not in str(error):
                    raise
        return mine

    with ThreadPoolExecutor(8) as pool:
        posting = [pool.submit(poster, number) for number in range(6)]
        closing = [pool.submit(closer, number) for number in range(2)]
        try:
            by_whom = [one.result(60) for one in closing]
        finally:
            over.set()
        assert min(one.result() for one in posting) > 0
    assert sorted(by_whom[0] + by_whom[1]) == [JANUARY, FEBRUARY, MARCH]
    with postgres_database.begin() as connection:
        assert [*periods.changed(connection)] == []
        assert sum(one.totals.entries for one in periods.closed(connection)) > 20


def wait_for_lock(database: Database, sessions: int) -> None:
    """Until so many sessions of this database wait for a lock."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = "
    with database.once() as connection:
        while connection.execute(text(f"{waiting} current_database()")).scalar_one() < sessions:
            Event().wait(0.01)
