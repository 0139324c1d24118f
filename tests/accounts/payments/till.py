"""What the tests of payments do over and over: open, ask, pay, tell, look."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime

from accounts import life, prepaid
from accounts.invariants import cached_balances, reversals_sound, unbalanced_entries
from accounts.ledger import open_books
from accounts.opening import NewAccount
from accounts.payments import intake, records, unmatched, webhooks
from accounts.payments.intake import NewPayment
from accounts.payments.records import Payment
from accounts.payments.stripe_gateway import StripeGateway
from accounts.payments.unmatched import Item
from accounts.payments.webhooks import Heard
from accounts.products import ProductId
from store.database import Database
from store.tables import postings
from tests.gateway.server import StripeServer
from tests.gateway.stripe_books import Body, StripeBooks

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
RIVERA = "rivera"


@dataclass
class Stripe:
    """The gateway on this machine, and Stripe's own library that speaks to it."""

    server: StripeServer
    gateway: StripeGateway

    @property
    def books(self) -> StripeBooks:
        """What the gateway keeps."""
        return self.server.books


@dataclass
class Till:
    """One account (or more), one gateway, one database."""

    database: Database
    stripe: Stripe
    at: datetime = AT
    keys: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        open_books(self.database)
        self.books.clock = lambda: int(self.at.timestamp())
        self.open(RIVERA, "+13125550101")

    @property
    def books(self) -> StripeBooks:
        """What the gateway keeps."""
        return self.stripe.books

    @property
    def gateway(self) -> StripeGateway:
        """How we speak to it."""
        return self.stripe.gateway

    def open(self, account_id: str, number: str, **more: object) -> None:
        """Open a prepaid collect account, or what ``more`` says."""
        facts = {"product": ProductId.PREPAID_COLLECT, "numbers": (number,), **more}
        new = NewAccount(account_id, holder="Sam Rivera", **facts)  # type: ignore[arg-type]
        with self.database.begin() as connection:
            life.open_account(connection, new, "test", self.at)

    def ask(self, cents: int, key: str = "", account: str = RIVERA) -> Payment:
        """Ask for a payment; it waits for its payer."""
        new = NewPayment(key or f"key-{next(self.keys)}", account, cents, "Sam Rivera")
        return self.payment(intake.create(self.database, self.gateway, new, self.at).payment_id)

    def paid(self, cents: int, account: str = RIVERA) -> Payment:
        """A payment that was asked for, paid and told of."""
        asked = self.ask(cents, account=account)
        self.tell(self.books.pay(str(asked.gateway_id)))
        return self.payment(asked.id)

    def tell(self, event: Body) -> Heard:
        """The gateway's webhook arrives."""
        payload, signature = self.books.signed(event)
        return webhooks.receive(self.database, self.gateway, payload, signature, self.at)

    def payment(self, payment_id: str) -> Payment:
        """The payment as it is kept."""
        with self.database.begin() as connection:
            found = records.find(connection, payment_id)
        assert found is not None
        return found

    def balance(self, account: str = RIVERA) -> int:
        """Cents on an account."""
        with self.database.begin() as connection:
            found = prepaid.find(connection, account)
        assert found is not None
        return found.balance_cents

    def house(self, account: str) -> int:
        """Cents on an account of the house."""
        its = postings.select().where(postings.c.account_id == account)
        with self.database.begin() as connection:
            return sum(row.cents for row in connection.execute(its))

    def queue(self) -> list[Item]:
        """What waits for a person."""
        with self.database.begin() as connection:
            return unmatched.items(connection)

    def account(self, account: str = RIVERA) -> life.Account:
        """The account as it stands."""
        with self.database.begin() as connection:
            found = life.find(connection, account)
        assert found is not None
        return found

    def sound(self) -> None:
        """The ledger's invariants hold."""
        with self.database.begin() as connection:
            for rule in (unbalanced_entries, cached_balances, reversals_sound):
                assert list(rule(connection)) == []
