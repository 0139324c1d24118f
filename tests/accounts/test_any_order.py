"""The books hold in any order of deposits, charges, credits, reversals, closings and replays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Connection, func, select

from accounts import holds, invariants, periods
from accounts.history import balance_at, history
from accounts.ledger import Entry, KeyReused, Kind, LedgerError, open_books, post
from accounts.months import end_of, month_of
from accounts.prepaid import find
from accounts.reversal import reverse
from store.database import Database
from store.tables import entries, postings
from tests.accounts.year import APRIL_1, MONTHS, charged, credited, day, paid_in
from tests.builders import open_account
from tests.services import refresh_postgres, refresh_sqlite

accounts = st.sampled_from(["one", "two"])
days = st.builds(day, st.sampled_from(MONTHS), st.integers(1, 28))
cents = st.integers(1, 200)
numbers = st.integers(0, 9)


@dataclass
class Known:
    """An entry that the model knows: what it did to the customer's account, and when."""

    entry: Entry
    account: str
    cents: int
    at: datetime
    reversed: bool = False


class Books(RuleBasedStateMachine):
    """The ledger beside a plain model of it."""

    database: Database
    fresh: Callable[[], None]

    def __init__(self) -> None:
        super().__init__()
        self.fresh()
        open_books(self.database)
        for number, account in enumerate(("one", "two")):
            open_account(self.database, account, f"+1212555010{number}", cents=0)
        self.known: dict[str, Known] = {}
        self.held = {"one": 0, "two": 0}
        self.closed: dict[str, tuple[int, int]] = {}

    def money(self, account: str, until: datetime = APRIL_1) -> int:
        mine = [one for one in self.known.values() if one.account == account]
        return sum(one.cents for one in mine if one.at <= until)

    def stands(self, call: str) -> int:
        return -sum(one.cents for one in self.known.values() if one.entry.call_id == call)

    def is_closed(self, at: datetime) -> bool:
        return month_of(at) <= max(self.closed, default="")

    def past_its_limit(self, account: str, moved: int) -> bool:
        return self.money(account) + moved < self.held[account]

    @rule(account=accounts, amount=cents, at=days, number=numbers)
    def deposit(self, account: str, amount: int, at: datetime, number: int) -> None:
        self.put(paid_in(f"deposit:{number}", account, amount, at), account, amount)

    @rule(account=accounts, amount=cents, at=days, number=numbers)
    def charge(self, account: str, amount: int, at: datetime, number: int) -> None:
        self.put(charged(f"call:{number}", account, amount, at), account, -amount)

    @rule(amount=cents, at=days, number=numbers)
    def credit(self, amount: int, at: datetime, number: int) -> None:
        call = self.known.get(f"call:{number}")
        if call and amount <= self.stands(call.entry.key):
            key = f"credit:{len(self.known)}"
            entry = credited(key, call.entry.key, call.account, amount, at)
            self.put(entry, call.account, amount)

    def put(self, entry: Entry, account: str, moved: int) -> None:
        before, at = self.known.get(entry.key), entry.at
        if before:
            if [*before.entry.lines] == [*entry.lines]:
                assert self.post(entry) is False
            else:
                self.refused(KeyReused, "other figures", entry)
        elif self.is_closed(at) and entry.kind is Kind.DEPOSIT:
            self.refused(LedgerError, f"books of {month_of(at)} are closed", entry)
        elif self.past_its_limit(account, moved):
            self.refused(LedgerError, "past its limit", entry)
        else:
            assert self.post(entry) is True
            at = end_of(max(self.closed)) if self.is_closed(at) else at
            self.known[entry.key] = Known(entry, account, moved, at)

    def post(self, entry: Entry) -> bool:
        with self.database.begin() as connection:
            return post(connection, entry)

    def refused(self, error: type[LedgerError], words: str, entry: Entry) -> None:
        with pytest.raises(error, match=words), self.database.begin() as connection:
            post(connection, entry)

    @rule(data=st.data(), at=days)
    def take_back(self, data: st.DataObject, at: datetime) -> None:
        if not self.known:
            return
        key = data.draw(st.sampled_from(sorted(self.known)))
        one = self.known[key]
        if words := self.why_not(one, at):
            with pytest.raises(LedgerError, match=words):
                self.reverse(key, at)
        elif one.reversed:
            assert self.reverse(key, at) is False
        else:
            assert self.reverse(key, at) is True
            one.reversed = True
            mirror = Entry(f"reversal:{key}", Kind.REVERSAL, "", at, (), one.entry.call_id)
            self.known[mirror.key] = Known(mirror, one.account, -one.cents, at)

    def why_not(self, one: Known, at: datetime) -> str | None:
        if one.entry.kind is Kind.REVERSAL:
            return "is a reversal"
        if at < one.at:
            return "reverse it after that"
        if one.reversed:
            return None
        if one.entry.kind is Kind.CALL and self.stands(one.entry.key) < -one.cents:
            return "was given back before"
        if self.is_closed(at):
            return f"books of {month_of(at)} are closed"
        if self.past_its_limit(one.account, -one.cents):
            return "past its limit"
        return None

    def reverse(self, key: str, at: datetime) -> bool:
        with self.database.begin() as connection:
            return reverse(connection, key, "bookkeeper", "a slip", at)

    @rule(account=accounts, amount=cents)
    def hold(self, account: str, amount: int) -> None:
        name = f"{account}-{sum(self.held.values())}-{len(self.known)}-{amount}"
        slice_ = holds.Slice(name, 0, account, amount, APRIL_1, APRIL_1)
        fits = not self.past_its_limit(account, -amount)
        with self.database.begin() as connection:
            assert (holds.authorize(connection, slice_, least=amount) is not None) is fits
        if fits:
            self.held[account] += amount

    @rule(month=st.sampled_from(MONTHS))
    def close(self, month: str) -> None:
        first = min((one.at for one in self.known.values()), default=None)
        due = end_of(max(self.closed)) if self.closed else first
        if due is None or month_of(due) != month:
            with pytest.raises(LedgerError, match=r"close|nothing was posted"):
                periods.close(self.database, month, "bookkeeper", APRIL_1)
            return
        found = periods.close(self.database, month, "bookkeeper", APRIL_1)
        mine = [one for one in self.known.values() if month_of(one.at) == month]
        self.closed[month] = (len(mine), sum(abs(one.cents) for one in mine))
        assert (found.totals.entries, found.totals.debit_cents) == self.closed[month]

    @invariant()
    def the_books_agree_with_the_model(self) -> None:
        with self.database.begin() as connection:
            for account in self.held:
                self.account_agrees(connection, account)
            count = connection.execute(select(func.count()).select_from(entries)).scalar_one()
        assert count == len(self.known)

    def account_agrees(self, connection: Connection, account: str) -> None:
        cached = find(connection, account)
        assert cached is not None
        assert cached.balance_cents == balance_at(connection, account, APRIL_1)
        assert cached.balance_cents == self.money(account)
        assert cached.held_cents == self.held[account] <= cached.balance_cents
        for month in MONTHS:
            then = day(month, 14)
            assert balance_at(connection, account, then) == self.money(account, then)
        lines = [*history(connection, account)]
        assert [line.balance_cents for line in lines[-1:]] in ([], [cached.balance_cents])

    @invariant()
    def the_books_are_in_order(self) -> None:
        with self.database.begin() as connection:
            assert connection.execute(select(func.sum(postings.c.cents))).scalar() in (None, 0)
            assert [*invariants.unbalanced_entries(connection)] == []
            assert [*invariants.cached_balances(connection)] == []
            assert [*invariants.reversals_sound(connection)] == []
            assert [*periods.changed(connection)] == []
            for month, totals in self.closed.items():
                now = periods.totals(connection, month)
                assert (now.entries, now.debit_cents) == totals


def test_any_order_of_anything(database: Database, run_dir: Path) -> None:
    def fresh() -> None:
        if database.engine.dialect.name == "sqlite":
            refresh_sqlite(run_dir, database)
        else:
            refresh_postgres(database)

    machine = type("Books", (Books,), {"database": database, "fresh": staticmethod(fresh)})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=10, stateful_step_count=25, deadline=None)
    )
