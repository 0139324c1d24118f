"""Deposits, entries and what threads do to one account."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from accounts import holds, invariants, prepaid
from accounts.chart import CASH, HOUSE
from accounts.ledger import Entry, Kind, LedgerError, Posting, open_books, post
from store.database import Database
from store.tables import accounts
from tests.builders import ACCOUNT, MORNING, NUMBER, at_once, balance, build_jail, pay_in

THREADS = 8
LEASE = MORNING + timedelta(hours=1)


@pytest.fixture(autouse=True)
def books(database: Database) -> None:
    build_jail(database, cents=1000)


def entry(key: str, *lines: Posting) -> Entry:
    return Entry(key, Kind.ADJUSTMENT, "test", MORNING, lines)


def hold(database: Database, call_id: str, cents: int) -> bool:
    slice_ = holds.Slice(call_id, 0, ACCOUNT, cents, MORNING, LEASE)
    with database.begin() as connection:
        return holds.authorize(connection, slice_, least=cents) is not None


@pytest.mark.parametrize(
    "lines",
    [(), (Posting(CASH, -1),), (Posting(CASH, -1), Posting(ACCOUNT, 2)), (Posting(CASH, 0),)],
)
def test_lines_must_sum_to_zero(database: Database, lines: tuple[Posting, ...]) -> None:
    with pytest.raises(LedgerError, match="sum to zero"), database.begin() as connection:
        post(connection, entry("odd", *lines))
    assert balance(database).balance_cents == 1000


@pytest.mark.parametrize("cents", [0, -1, prepaid.LARGEST_DEPOSIT_CENTS + 1])
def test_a_slip_of_the_keyboard_is_no_deposit(database: Database, cents: int) -> None:
    with pytest.raises(LedgerError, match="a deposit is between"), database.begin() as connection:
        prepaid.deposit(connection, ACCOUNT, cents, "slip", "clerk")


@pytest.mark.parametrize("account", ["nobody", CASH])
def test_only_a_customer_is_paid_in(database: Database, account: str) -> None:
    with pytest.raises(LedgerError, match="no account"), database.begin() as connection:
        prepaid.deposit(connection, account, 100, "lost", "clerk")


@pytest.mark.parametrize("account", [ACCOUNT, "another"])
def test_an_account_and_its_numbers_are_one(database: Database, account: str) -> None:
    with pytest.raises(LedgerError, match="already"):
        prepaid.open_account(database, account, "Sam", [NUMBER])
    assert balance(database).balance_cents == 1000


def test_the_books_open_once(database: Database) -> None:
    open_books(database)
    with database.begin() as connection:
        names = connection.execute(accounts.select()).scalars().all()
    assert sorted(names) == sorted([*HOUSE, ACCOUNT])


def test_the_database_itself_holds_the_limit(database: Database) -> None:
    with pytest.raises(IntegrityError, match="limit"), database.begin() as connection:
        connection.execute(text("UPDATE balances SET balance_cents = -1"))


def test_credit_is_available_too(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(text("UPDATE balances SET credit_limit_cents = 500"))
    assert hold(database, "call", 1500)
    assert not hold(database, "other", 1)


def test_threads_never_overdraw(database: Database) -> None:
    granted = at_once(THREADS, lambda n: sum(hold(database, f"c{n}-{i}", 70) for i in range(4)))
    assert sum(granted) == 1000 // 70
    assert balance(database).held_cents == 70 * sum(granted)


def test_threads_asking_for_one_slice_hold_it_once(database: Database) -> None:
    assert all(at_once(THREADS, lambda _: hold(database, "call", 300)))
    assert balance(database).held_cents == 300


def test_threads_closing_one_call_settle_it_once(database: Database) -> None:
    hold(database, "call", 300)

    def close(_: int) -> int | None:
        with database.begin() as connection:
            return holds.close(connection, "call", {"house.revenue.base": 120}, MORNING)

    settled = at_once(THREADS, close)
    assert [one for one in settled if one is not None] == [120]
    assert (balance(database).balance_cents, balance(database).held_cents) == (880, 0)


def test_threads_paying_in_by_one_key_pay_once(database: Database) -> None:
    def pay(_: int) -> bool:
        with database.begin() as connection:
            return prepaid.deposit(connection, ACCOUNT, 500, "card-1", "clerk")

    assert sum(at_once(THREADS, pay)) == 1
    assert balance(database).balance_cents == 1500


def test_a_deposit_lifts_a_refused_renewal(database: Database) -> None:
    base = "house.revenue.base"
    assert hold(database, "call", 1000)

    def renew(seq: int, used: int) -> int | None:
        following = holds.Slice("call", seq, ACCOUNT, 600, MORNING, LEASE)
        with database.begin() as connection:
            return holds.renew(connection, {base: used}, following)

    assert renew(1, 700) == 300
    assert (balance(database).balance_cents, balance(database).held_cents) == (300, 300)
    pay_in(database, 500)
    assert renew(2, 800) == 600
    with database.begin() as connection:
        assert holds.close(connection, "call", {base: 1300}, MORNING) == 500
    assert (balance(database).balance_cents, balance(database).held_cents) == (200, 0)


PLANTED = {
    "unbalanced_entries": "INSERT INTO postings (id, entry_id, account_id, cents) "
    "SELECT 99, min(id), 'house.cash', 5 FROM entries",
    "cached_balances": "UPDATE balances SET balance_cents = balance_cents + 1",
    "stale_holds": "UPDATE holds SET lease_until = '2020-01-01 00:00:00'",
}


@pytest.mark.parametrize("name", PLANTED)
def test_each_check_finds_its_fault(database: Database, name: str) -> None:
    hold(database, "call", 300)
    with database.begin() as connection:
        connection.execute(text("UPDATE holds SET lease_until = '2999-01-01 00:00:00'"))
        assert [*getattr(invariants, name)(connection)] == []
        connection.execute(text(PLANTED[name]))
        assert len([*getattr(invariants, name)(connection)]) == 1


def test_a_wrong_hold_is_found(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(text("UPDATE balances SET held_cents = 1000"))
        assert ["1000 held" in found for found in invariants.cached_balances(connection)] == [True]
