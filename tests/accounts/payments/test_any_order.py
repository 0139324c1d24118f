"""Payments, refunds and disputes in any order: the books balance, nothing is given back twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from accounts import refunds
from accounts.chart import GATEWAY
from accounts.ledger import LedgerError
from accounts.payments import webhooks
from store.database import Database
from store.tables import disputes, payments
from store.tables import refunds as refund_rows
from tests.accounts.payments.till import RIVERA, Stripe, Till
from tests.services import refresh_postgres, refresh_sqlite

CENTS = st.integers(1, 3000)
NTH = st.integers(0, 1000)


class Interleaved(RuleBasedStateMachine):
    """The gateway does things; its webhooks arrive late, doubled, out of order, or not at all."""

    database: Database
    stripe: Stripe
    fresh: Callable[[], None]

    def __init__(self) -> None:
        super().__init__()
        self.fresh()
        self.stripe.server.empty()
        self.till = Till(self.database, self.stripe)

    @rule(cents=CENTS)
    def ask(self, cents: int) -> None:
        self.till.ask(cents)

    @precondition(lambda self: self.unpaid())
    @rule(nth=NTH, good=st.booleans())
    def payer_tries(self, nth: int, good: bool) -> None:
        its = self.unpaid()
        chosen = its[nth % len(its)]
        (self.till.books.pay if good else self.till.books.decline)(chosen)

    @precondition(lambda self: self.till.books.events)
    @rule(nth=NTH)
    def webhook_arrives(self, nth: int) -> None:
        event = self.till.books.events[nth % len(self.till.books.events)]
        try:
            self.till.tell(event)
        except LedgerError:
            return

    @rule(cents=CENTS)
    def holder_asks_for_money(self, cents: int) -> None:
        key = f"ask-{next(self.till.keys)}"
        try:
            with self.database.begin() as connection:
                refunds.request(connection, RIVERA, cents, key, "requested", "test", self.till.at)
        except LedgerError:
            return

    @rule(status=st.sampled_from(["succeeded", "pending"]))
    def refunds_are_sent(self, status: str) -> None:
        self.till.books.refunds_are = status
        refunds.send_due(self.database, self.till.gateway, self.till.at)

    @precondition(lambda self: self.pending())
    @rule(nth=NTH, status=st.sampled_from(["succeeded", "failed"]))
    def a_refund_is_decided(self, nth: int, status: str) -> None:
        its = self.pending()
        self.till.books.settle_refund(its[nth % len(its)], status)

    @precondition(lambda self: self.till.books.charges)
    @rule(nth=NTH, cents=CENTS)
    def a_bank_takes_back(self, nth: int, cents: int) -> None:
        charges = list(self.till.books.charges.values())
        charge = charges[nth % len(charges)]
        self.till.books.dispute(charge["payment_intent"], min(cents, charge["amount"]))

    @precondition(lambda self: self.undecided())
    @rule(nth=NTH, status=st.sampled_from(["won", "lost"]))
    def a_bank_decides(self, nth: int, status: str) -> None:
        its = self.undecided()
        self.till.books.close_dispute(its[nth % len(its)], status)

    @invariant()
    def nothing_is_given_back_twice(self) -> None:
        self.till.sound()
        with self.database.begin() as connection:
            for payment in connection.execute(payments.select()):
                promised = _sum(connection, refund_rows, payment.id)
                disputed = _sum(connection, disputes, payment.id, disputes.c.status != "won")
                assert payment.refunded_cents == promised
                assert payment.disputed_cents == disputed
                assert promised + disputed <= payment.cents
                assert payment.status == "succeeded" or promised + disputed == 0
        assert self.till.balance() >= 0

    def teardown(self) -> None:
        """When all was told, our books of the gateway are the gateway's, but for its fees."""
        for event in self.till.books.events:
            try:
                self.till.tell(event)
            except LedgerError:
                continue
        refunds.send_due(self.database, self.till.gateway, self.till.at)
        webhooks.handle_pending(self.database, "stripe", self.till.at)
        before = sum(line["amount"] for line in self.till.books.transactions)
        pending = [self.till.books.refunds[its]["amount"] for its in self.pending()]
        assert -self.till.house(GATEWAY) == before + sum(pending)
        self.nothing_is_given_back_twice()

    def unpaid(self) -> list[str]:
        paid = {"succeeded", "canceled"}
        return [its for its, one in self.till.books.payments.items() if one["status"] not in paid]

    def pending(self) -> list[str]:
        return [i for i, one in self.till.books.refunds.items() if one["status"] == "pending"]

    def undecided(self) -> list[str]:
        open_ = "needs_response"
        return [i for i, one in self.till.books.disputes.items() if one["status"] == open_]


def _sum(connection: Any, table: Any, payment_id: str, *only: Any) -> int:
    total = select(func.coalesce(func.sum(table.c.cents), 0))
    return int(
        connection.execute(total.where(table.c.payment_id == payment_id, *only)).scalar_one()
    )


def test_any_order(database: Database, stripe: Stripe, run_dir: Path) -> None:
    def fresh() -> None:
        if database.engine.dialect.name == "sqlite":
            refresh_sqlite(run_dir, database)
        else:
            refresh_postgres(database)

    facts = {"database": database, "stripe": stripe, "fresh": staticmethod(fresh)}
    run_state_machine_as_test(
        type("Any", (Interleaved,), facts),
        settings=hypothesis_settings(max_examples=5, stateful_step_count=20, deadline=None),
    )
