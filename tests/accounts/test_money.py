"""Money is never lost and never made, in any order of anything, on both databases."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Connection, func, select

from accounts import holds, invariants, prepaid
from accounts.ledger import LedgerError
from store.database import Database
from store.tables import holds as hold_rows
from store.tables import postings
from tests.builders import MORNING, balance, build_jail, open_account

BASE, TAX = "house.revenue.base", "house.taxes"
LEASE = MORNING + timedelta(hours=1)
calls = st.integers(0, 3)
accounts = st.sampled_from(["one", "two"])
cents = st.integers(0, 300)
shares = st.integers(-10, 10)
fresh = count()


class Books(RuleBasedStateMachine):
    """Deposits, authorizes, renewals and closes in any order, each of them repeated at will."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.run = next(fresh)
        self.paid: dict[str, int] = {"one": 0, "two": 0}
        # What the model knows of each call: payer, last slice, cents held and spent.
        self.payer: dict[str, str] = {}
        self.seq: dict[str, int] = {}
        self.first: dict[str, int | None] = {}
        self.held: dict[str, int] = {}
        self.spent: dict[str, int] = {}
        for account in self.paid:
            number = f"+1212555{9000 + 2 * self.run + (account == 'two')}"
            open_account(self.database, self.named(account), number, cents=0)

    def named(self, name: object) -> str:
        return f"{name}-{self.run}"

    def available(self, account: str) -> int:
        mine = [call for call, payer in self.payer.items() if payer == account]
        taken = sum(self.spent[call] + self.held.get(call, 0) for call in mine)
        return self.paid[account] - taken

    def slice_of(self, call: str, seq: int, wanted: int) -> holds.Slice:
        account = self.named(self.payer[call])
        return holds.Slice(self.named(call), seq, account, wanted, MORNING, LEASE)

    def used(self, call: str, more: int) -> dict[str, int]:
        total = self.spent[call] + more
        return {BASE: total - total // 10, TAX: total // 10}

    @rule(account=accounts, paid=st.integers(1, 500), key=st.integers(0, 5))
    def deposit(self, account: str, paid: int, key: int) -> None:
        name = self.named(f"{account}-{key}-{paid}")
        with self.database.begin() as connection:
            if prepaid.deposit(connection, self.named(account), paid, name, "test"):
                self.paid[account] += paid
            assert not prepaid.deposit(connection, self.named(account), paid, name, "test")

    @rule(call=calls.map("call{}".format), account=accounts, wanted=cents, least=cents)
    def authorize(self, call: str, account: str, wanted: int, least: int) -> None:
        known = call in self.payer
        payer = self.payer.get(call, account)
        granted = self.first.get(call) if known else self.granted(payer, wanted, least)
        slice_ = holds.Slice(self.named(call), 0, self.named(payer), wanted, MORNING, LEASE)
        for _ in range(2):
            with self.database.begin() as connection:
                assert holds.authorize(connection, slice_, least) == granted
        if granted is not None and not known:
            self.payer[call], self.seq[call], self.first[call] = account, 0, granted
            self.held[call], self.spent[call] = granted, 0

    @rule(call=calls.map("call{}".format), share=shares, wanted=cents)
    def renew(self, call: str, share: int, wanted: int) -> None:
        if call not in self.payer:
            return
        following = self.slice_of(call, self.seq[call] + 1, wanted)
        more = self.more(call, share)
        used = self.used(call, more)
        granted = None
        if call in self.held:
            freed = self.held.pop(call)
            self.spent[call] += more
            self.seq[call] += 1
            granted = self.held[call] = self.granted(self.payer[call], wanted, 0) or 0
            assert granted >= min(wanted, freed - more)
        for _ in range(2):
            with self.database.begin() as connection:
                assert holds.renew(connection, used, following) == granted

    @rule(call=calls.map("call{}".format), share=shares)
    def close(self, call: str, share: int) -> None:
        if call not in self.payer:
            return
        open_ = call in self.held
        more = self.more(call, share) if open_ else 0
        used = self.used(call, more)
        with self.database.begin() as connection:
            settled = holds.close(connection, self.named(call), used, MORNING)
        with self.database.begin() as connection:
            assert holds.close(connection, self.named(call), used, MORNING) is None
        other = {**used, BASE: used[BASE] + 1}
        with pytest.raises(LedgerError, match="figures"), self.database.begin() as connection:
            holds.close(connection, self.named(call), other, MORNING)
        assert settled == (more if open_ else None)
        if open_:
            del self.held[call]
            self.spent[call] += more

    def more(self, call: str, share: int) -> int:
        """A part of what the call holds, or of what it has spent, which is given back then."""
        held, spent = self.held.get(call, 0), self.spent[call]
        return held * share // 10 if share >= 0 else spent * share // 10

    def granted(self, account: str, wanted: int, least: int) -> int | None:
        """What the account gives: all that is wanted, or what it has if that is enough."""
        available = self.available(account)
        if available >= wanted:
            return wanted
        return available if available >= max(least, 1) else None

    @rule(call=calls.map("call{}".format))
    def overcharge(self, call: str) -> None:
        if call in self.held:
            used = self.used(call, self.held[call] + 1)
            with pytest.raises(LedgerError, match="don't fit"), self.database.begin() as connection:
                holds.close(connection, self.named(call), used, MORNING)

    @invariant()
    def the_books_agree_with_the_model(self) -> None:
        for account, paid in self.paid.items():
            money = balance(self.database, self.named(account))
            mine = [call for call, payer in self.payer.items() if payer == account]
            assert money.balance_cents == paid - sum(self.spent[call] for call in mine)
            assert money.held_cents == sum(self.held.get(call, 0) for call in mine)
            assert money.available_cents >= 0

    @invariant()
    def the_books_are_in_order(self) -> None:
        with self.database.begin() as connection:
            assert connection.execute(select(func.sum(postings.c.cents))).scalar() in (None, 0)
            assert [*invariants.unbalanced_entries(connection)] == []
            assert [*invariants.cached_balances(connection)] == []
            assert self.open_holds(connection) == len(self.held)

    def open_holds(self, connection: Connection) -> int:
        mine = hold_rows.c.call_id.endswith(f"-{self.run}") & hold_rows.c.closed_at.is_(None)
        return connection.execute(select(func.count()).where(mine)).scalar_one()


def test_any_order_of_anything(database: Database) -> None:
    build_jail(database, cents=0)
    machine = type("Books", (Books,), {"database": database})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=15, stateful_step_count=20, deadline=None)
    )
