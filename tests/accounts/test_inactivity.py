"""Money that nobody uses: 180 whole days, then its owner is asked, then it goes back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Connection, select, update

from accounts import holds, inactivity, life, prepaid, refunds
from accounts.inactivity import Ran
from accounts.ledger import Entry, Kind, Posting, open_books, post
from accounts.life import NewAccount
from accounts.products import ProductId
from store.database import Database
from store.tables import accounts, notices
from tests.accounts.year import BASE
from tests.builders import balance

# Through a February of 29 days and both changes of the clocks.
START = datetime(2023, 9, 1, 15, tzinfo=UTC)
ME = "lee"
QUIET = Ran(0, 0, 0)
Act = Callable[[Connection, datetime], object]


@pytest.fixture(autouse=True)
def money(database: Database) -> None:
    open_books(database)
    new = NewAccount(ME, ProductId.PREPAID_COLLECT, "Jordan Lee", ("+12125550150",))
    with database.begin() as connection:
        life.open_account(connection, new, "clerk", START)
        prepaid.deposit(connection, ME, 1000, "first", "clerk", START)


def day(number: int) -> datetime:
    """Early on the so manieth day after the start: the hour never counts."""
    return (START + timedelta(days=number)).replace(hour=0, minute=0)


def ran(database: Database, number: int) -> Ran:
    with database.begin() as connection:
        return inactivity.run(connection, day(number))


def state(database: Database) -> str:
    with database.begin() as connection:
        one = life.find(connection, ME)
    assert one is not None
    return one.inactivity


def told(database: Database) -> list[tuple[str, str]]:
    with database.begin() as connection:
        rows = connection.execute(notices.select().order_by(notices.c.id))
        return [(row.kind, row.subject) for row in rows]


def test_179_whole_days_are_too_few_and_180_enough(database: Database) -> None:
    # Day 180 is the 180th that has begun; 179 have passed.
    assert ran(database, 180) == QUIET
    assert state(database) == "active"
    assert ran(database, 181) == Ran(0, 0, 1)
    assert state(database) == "inactive_pending_contact"
    assert told(database) == [("inactivity_contact", f"{day(181):%Y-%m-%d}")]


def test_the_hour_and_the_zone_dont_matter(database: Database) -> None:
    late = timezone(timedelta(hours=-10))
    with database.begin() as connection:
        # 23:59 of day 180 in UTC, though the sender's wall says another day.
        last = day(181) - timedelta(minutes=1)
        assert inactivity.run(connection, last.astimezone(late)) == QUIET
        assert inactivity.run(connection, day(181).astimezone(late)) == Ran(0, 0, 1)


def test_an_answer_has_30_whole_days(database: Database) -> None:
    ran(database, 181)
    assert ran(database, 211) == QUIET
    assert balance(database, ME).balance_cents == 1000
    assert ran(database, 212) == Ran(0, 1, 0)
    assert (state(database), balance(database, ME).balance_cents) == ("refund_due", 0)
    with database.begin() as connection:
        (one,) = refunds.of_account(connection, ME)
    assert (one.cents, one.cause) == (1000, "inactivity")
    assert [kind for kind, _ in told(database)] == ["inactivity_contact", "inactivity_refund"]


def test_running_again_does_no_more(database: Database) -> None:
    for number, once in ((181, Ran(0, 0, 1)), (212, Ran(0, 1, 0))):
        assert ran(database, number) == once
        assert ran(database, number) == QUIET
    assert ran(database, 1000) == QUIET
    assert len(told(database)) == 2


def deposited(connection: Connection, at: datetime) -> None:
    prepaid.deposit(connection, ME, 1, f"again {at}", "clerk", at)


def spent(connection: Connection, at: datetime) -> None:
    hold = holds.Slice("c1", 0, ME, 10, at, at)
    holds.authorize(connection, hold, 1)
    holds.close(connection, "c1", {BASE: 5}, at)


def credited(connection: Connection, at: datetime) -> None:
    lines = [Posting("house.credits", -5), Posting(ME, 5)]
    post(connection, Entry("credit:1", Kind.CREDIT, "clerk", at, lines, "c1"))


def withdrawn(connection: Connection, at: datetime) -> None:
    refunds.request(connection, ME, 5, "some", "requested", "clerk", at)


def transferred(connection: Connection, at: datetime) -> None:
    other = NewAccount("other", ProductId.PREPAID_COLLECT, "Jordan Lee")
    life.open_account(connection, other, "clerk", at)
    lines = [Posting(ME, -5), Posting("other", 5)]
    post(connection, Entry("transfer:1", Kind.ADJUSTMENT, "clerk", at, lines))


def interested(connection: Connection, at: datetime) -> None:
    life.interest(connection, ME, at)


ACTS = [deposited, spent, credited, withdrawn, transferred, interested]


@pytest.mark.parametrize("act", ACTS)
def test_every_act_starts_the_clock_anew(database: Database, act: Act) -> None:
    with database.begin() as connection:
        act(connection, START + timedelta(days=100))
        connection.execute(
            # What the act itself did is to count, not what it noted besides.
            update(accounts).where(accounts.c.id == ME).values(interest_at=None)
            if act is not interested
            else select(1)
        )
    assert ran(database, 280) == QUIET
    assert ran(database, 281).contacted == (2 if act is transferred else 1)


@pytest.mark.parametrize("act", ACTS)
def test_every_act_after_the_contact_is_an_answer(database: Database, act: Act) -> None:
    ran(database, 181)
    with database.begin() as connection:
        act(connection, START + timedelta(days=200))
    assert ran(database, 212).refunded == 0
    assert state(database) == "active"
    assert balance(database, ME).balance_cents > 0
    assert ran(database, 381).contacted >= 1
    assert told(database)[-1][0] == "inactivity_contact"


def test_an_account_without_money_is_left_alone(database: Database) -> None:
    with database.begin() as connection:
        refunds.request(connection, ME, None, "all", "requested", "clerk", START)
    assert ran(database, 400) == QUIET
    assert told(database) == []


def test_a_mandate_holds_what_a_run_would_give_back(database: Database) -> None:
    with database.begin() as connection:
        life.suspend(connection, ME, "mandate", "court", day(1))
    assert ran(database, 400) == ran(database, 800) == QUIET
    assert balance(database, ME).balance_cents == 1000
    with database.begin() as connection:
        life.lift(connection, ME, "mandate", "court", day(800))
    assert ran(database, 800) == Ran(0, 0, 1), "its owner is asked first, however long it was"


def test_money_that_a_call_holds_is_in_use(database: Database) -> None:
    with database.begin() as connection:
        holds.authorize(connection, holds.Slice("c1", 0, ME, 10, day(180), day(999)), 1)
    assert ran(database, 181) == QUIET
    with database.begin() as connection:
        holds.close(connection, "c1", {BASE: 0}, day(181))
    assert ran(database, 181) == Ran(0, 0, 1)


@pytest.mark.parametrize("cashed", [True, False])
def test_the_account_ends_as_its_refund_does(database: Database, cashed: bool) -> None:
    ran(database, 181)
    ran(database, 212)
    with database.begin() as connection:
        (one,) = refunds.of_account(connection, ME)
        refunds.check_issued(connection, one.id, "1001", day(213))
        if cashed:
            refunds.check_cashed(connection, one.id, "clerk", day(220))
        else:
            refunds.check_returned(connection, one.id, "moved away", day(220))
    ends = "refunded" if cashed else "escheat_pending"
    assert state(database) == ends
    assert ran(database, 500) == QUIET
    assert state(database) == ends


def test_money_that_comes_after_a_refund_is_watched_anew(database: Database) -> None:
    ran(database, 181)
    ran(database, 212)
    with database.begin() as connection:
        deposited(connection, START + timedelta(days=300))
    assert state(database) == "active"
    assert ran(database, 480) == QUIET
    assert ran(database, 481) == Ran(0, 0, 1)


def test_a_credit_to_a_refunded_account_is_watched_too(database: Database) -> None:
    ran(database, 181)
    ran(database, 212)
    with database.begin() as connection:
        credited(connection, START + timedelta(days=300))
    assert ran(database, 481) == Ran(1, 0, 1)
