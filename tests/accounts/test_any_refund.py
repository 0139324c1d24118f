"""Nothing is lost and nothing is made in any order of payments, calls, refunds and crashes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Connection, func, select

from accounts import holds, inactivity, invariants, life, prepaid, refunds
from accounts.chart import CASH, GATEWAY, REFUNDS_PAYABLE, UNCLAIMED
from accounts.history import balance_at
from accounts.ledger import LedgerError, open_books
from accounts.life import NewAccount, Status
from accounts.products import ProductId
from accounts.refunds import Refund
from store.database import Database
from store.tables import holds as hold_rows
from store.tables import refunds as refund_rows
from tests.accounts.gateway import DOWN, REFUSED, Crash, FakeGateway, card_payment
from tests.accounts.year import BASE
from tests.builders import MORNING
from tests.services import refresh_postgres, refresh_sqlite

NAMES = ("one", "two")
names = st.sampled_from(NAMES)
cents = st.integers(1, 300)
keys = st.integers(0, 5)
answers = st.sampled_from(["done", "pending", "failed", DOWN, REFUSED])
crashes = st.sampled_from(["", "crash_before", "crash_after"])


class Desk(RuleBasedStateMachine):
    """Refunds beside a plain model: what came in, what calls cost, what the gateway gave."""

    database: Database
    fresh: Callable[[], None]

    def __init__(self) -> None:
        super().__init__()
        self.fresh()
        open_books(self.database)
        self.at, self.made = MORNING, 0
        self.gateway = FakeGateway()
        self.paid_in = dict.fromkeys(NAMES, 0)
        self.spent = dict.fromkeys(NAMES, 0)
        with self.database.begin() as connection:
            for name in NAMES:
                new = NewAccount(name, ProductId.PREPAID_COLLECT, name)
                life.open_account(connection, new, "clerk", self.at)

    def step(self, act: Callable[[Connection], object]) -> bool:
        """Whether it was done; what is refused leaves nothing."""
        try:
            with self.database.begin() as connection:
                act(connection)
        except LedgerError:
            return False
        return True

    def new(self) -> str:
        self.made += 1
        return f"n{self.made}"

    @rule(name=names, amount=cents, by_card=st.booleans())
    def pay_in(self, name: str, amount: int, by_card: bool) -> None:
        key, source = self.new(), GATEWAY if by_card else CASH
        if self.step(lambda c: prepaid.deposit(c, name, amount, key, "web", self.at, source)):
            self.paid_in[name] += amount
            if by_card:
                card_payment(self.database, name, amount, key, self.at)

    @rule(name=names, amount=cents | st.none(), key=keys)
    def ask(self, name: str, amount: int | None, key: int) -> None:
        asked = self.step(
            lambda c: refunds.request(c, name, amount, f"k{key}", "requested", "clerk", self.at)
        )
        if asked and amount is not None:
            with self.database.begin() as connection:
                assert sum(one.cents for one in refunds.of_key(connection, f"k{key}")) == amount

    @rule(answer=answers, crash=crashes)
    def send(self, answer: object, crash: str) -> None:
        self.gateway.answers = [answer]  # type: ignore[list-item]
        self.gateway.crash_before = crash == "crash_before"
        self.gateway.crash_after = crash == "crash_after"
        with suppress(Crash):
            refunds.send_due(self.database, self.gateway, self.at)

    @rule(data=st.data(), done=st.booleans())
    def hear(self, data: st.DataObject, done: bool) -> None:
        """The gateway's word about a refund that it knows, again and in any order."""
        if not self.gateway.given:
            return
        refund_id = data.draw(st.sampled_from(sorted(self.gateway.given)))
        if done and self.gateway.given[refund_id].status == "done":
            self.step(lambda c: refunds.done(c, refund_id, self.at))
        elif not done and self.step(lambda c: self.back(c, refund_id)):
            self.gateway.given[refund_id] = FakeGateway(["failed"]).refund(
                "p", self.cents_of(refund_id), refund_id
            )

    def back(self, connection: Connection, refund_id: str) -> None:
        if not refunds.failed(connection, refund_id, "the bank sent it back", self.at):
            raise LedgerError("it had failed, or went by check")

    def cents_of(self, refund_id: str) -> int:
        return self.gateway.given[refund_id].cents

    @rule(data=st.data(), what=st.sampled_from(["issue", "cash", "return", "escheat", "remit"]))
    def do(self, data: st.DataObject, what: str) -> None:
        with self.database.begin() as connection:
            ids = connection.execute(select(refund_rows.c.id)).scalars().all()
        if not ids:
            return
        one = data.draw(st.sampled_from(sorted(ids)))
        steps: dict[str, Callable[[Connection], object]] = {
            "issue": lambda c: refunds.check_issued(c, one, "1001", self.at),
            "cash": lambda c: refunds.check_cashed(c, one, "clerk", self.at),
            "return": lambda c: refunds.check_returned(c, one, "moved", self.at),
            "escheat": lambda c: refunds.escheat(c, one, "clerk", self.at, "law"),
            "remit": lambda c: refunds.remit(c, one, "clerk", self.at, "report"),
        }
        self.step(steps[what])

    @rule(name=names, amount=cents)
    def call(self, name: str, amount: int) -> None:
        hold = holds.Slice(self.new(), 0, name, amount, self.at, self.at + timedelta(days=9999))
        self.step(lambda c: holds.authorize(c, hold, 1))

    @rule(share=st.integers(0, 100))
    def hang_up(self, share: int) -> None:
        with self.database.begin() as connection:
            live = hold_rows.select().where(hold_rows.c.closed_at.is_(None))
            row = connection.execute(live.order_by(hold_rows.c.call_id)).first()
            if row is not None:
                cost = row.cents * share // 100
                holds.close(connection, row.call_id, {BASE: cost}, self.at)
                self.spent[row.account_id] += cost

    @rule(days=st.sampled_from([1, 31, 181]))
    def wait(self, days: int) -> None:
        self.at += timedelta(days=days)
        self.step(lambda c: inactivity.run(c, self.at))

    @rule(name=names)
    def close(self, name: str) -> None:
        self.step(lambda c: life.close(c, name, "requested", "clerk", self.at))

    @invariant()
    def the_books_are_in_order(self) -> None:
        with self.database.begin() as connection:
            for check in (
                invariants.unbalanced_entries,
                invariants.cached_balances,
                invariants.refunds_in_the_books,
                invariants.payments_given_back,
            ):
                assert [*check(connection)] == []

    @invariant()
    def every_cent_is_somewhere(self) -> None:
        with self.database.begin() as connection:
            for name in NAMES:
                self.account_agrees(connection, name)
            held = {
                house: balance_at(connection, house, self.at + timedelta(days=1))
                for house in (CASH, GATEWAY, REFUNDS_PAYABLE, UNCLAIMED, BASE)
            }
            found = prepaid.find(connection, "one"), prepaid.find(connection, "two")
        mine = sum(one.balance_cents for one in found if one is not None)
        assert mine + sum(held.values()) == 0

    def account_agrees(self, connection: Connection, name: str) -> None:
        money, account = prepaid.find(connection, name), life.find(connection, name)
        back = sum(one.cents for one in refunds.of_account(connection, name))
        assert money is not None
        assert account is not None
        assert money.balance_cents == self.paid_in[name] - self.spent[name] - back
        assert money.held_cents <= money.balance_cents
        assert back <= self.paid_in[name]
        if account.status is Status.CLOSED:
            assert money.balance_cents == 0

    @invariant()
    def the_gateway_gave_what_the_books_say(self) -> None:
        with self.database.begin() as connection:
            by_card = select(func.coalesce(func.sum(refund_rows.c.cents), 0)).where(
                refund_rows.c.status == "done", refund_rows.c.check_number.is_(None)
            )
            booked = connection.execute(by_card).scalar_one()
            waiting = sum(
                one.cents for one in refunds.not_paid_out(connection) if self.unheard(one)
            )
        assert self.gateway.paid_out == booked + waiting

    def unheard(self, one: Refund) -> bool:
        """The gateway has given it, and we died before we heard so."""
        given = self.gateway.given.get(one.id)
        return given is not None and given.status == "done"


def test_any_order_of_anything(database: Database, run_dir: Path) -> None:
    def fresh() -> None:
        if database.engine.dialect.name == "sqlite":
            refresh_sqlite(run_dir, database)
        else:
            refresh_postgres(database)

    machine = type("Desk", (Desk,), {"database": database, "fresh": staticmethod(fresh)})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=6, stateful_step_count=20, deadline=None)
    )
