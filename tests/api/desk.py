"""A platform that is asked over HTTP, with somebody of every role and a clock that stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from limits import RateLimitItem
from sqlalchemy import Connection

from accounts import life
from accounts.life import NewAccount
from accounts.payments.stripe_gateway import StripeGateway
from accounts.products import Party, ProductId
from api import tokens
from api.app import create_app
from api.context import Context
from api.throttle import Throttle
from api.tokens import NewToken, Scope
from blocklists.allowing import allow
from blocklists.lists import BlockCause, block
from blocklists.pan_orders import request
from blocklists.policy.controls import set_control
from blocklists.policy.kinds import Kind
from blocklists.policy.rules import Layer
from blocklists.privilege.registry import Entry as Privileged
from blocklists.privilege.registry import register
from custody.lines.hotlines import HotlineKind, add_hotline
from custody.lines.trunks import Trunk, add_trunk
from custody.roles import Role
from custody.staff import add_staff
from store.database import Database
from store.tables import invoices
from store.types import now
from tests.builders import ACCOUNT, DEBIT, FACILITY, MORNING, PERSON, build_jail, open_debit
from tests.gateway.server import StripeServer
from tests.gateway.stripe_books import StripeBooks

STAFF = "okafor"
# The ids of the first block and of the first allowed number, and of one that is asked for.
FIRST, REQUESTED = 1, 2
OTHER, BILLED, COLLECT = "lee", "chen-billed", "TC-2125550177"
Till = tuple[StripeServer, StripeGateway]
YEAR = timedelta(days=365)
BY_PRODUCT = {
    ProductId.PREPAID_COLLECT: ACCOUNT,
    ProductId.DIRECT_BILL: BILLED,
    ProductId.TRADITIONAL_COLLECT: COLLECT,
    ProductId.INMATE_DEBIT: DEBIT,
}


class Unlimited(Throttle):
    """Lets everybody ask as often as they like."""

    def __init__(self) -> None:
        pass

    def wait_seconds(self, limit: RateLimitItem, who: str) -> int:
        """Never."""
        return 0


@dataclass
class Desk:
    """The application, its database, and what its clock shows."""

    client: TestClient
    database: Database
    books: StripeBooks
    at: datetime = field(default_factory=now)
    woken: list[datetime] = field(default_factory=list)

    def token(
        self,
        role: Party,
        subject: str | None = None,
        scopes: frozenset[Scope] | None = None,
        lasting: timedelta = YEAR,
    ) -> str:
        """The secret of a new token, with every scope that its role may have."""
        good_for = tokens.GRANTABLE[role] if scopes is None else scopes
        new = NewToken(f"test {role}", role, good_for, subject, self.at + lasting)
        with self.database.begin() as connection:
            return tokens.make(connection, new, "test", self.at)[1]

    def revoked(self, role: Party, subject: str | None = None) -> str:
        """The secret of a token that was revoked."""
        secret = self.token(role, subject)
        with self.database.begin() as connection:
            found = tokens.find(connection, secret)
            assert found is not None
            tokens.revoke(connection, found.id, "test", self.at)
        return secret

    def ask(
        self,
        method: str,
        path: str,
        secret: str | None = None,
        why: str | None = "a test",
        headers: dict[str, str] | None = None,
        **given: Any,
    ) -> Response:
        """The answer to one request."""
        sent = dict(headers or {})
        if secret is not None:
            sent["Authorization"] = f"Bearer {secret}"
        if why is not None:
            sent["X-Reason"] = why
        return self.client.request(method, path, headers=sent, **given)

    def rows(self, table: Any) -> list[Any]:
        """All rows of a table."""
        with self.database.begin() as connection:
            return list(connection.execute(table.select()))


@contextmanager
def opened_desk(database: Database, till: Till, throttle: Throttle | None = None) -> Iterator[Desk]:
    """A desk over a database with an account of each product, and an empty gateway."""
    server, gateway = till
    server.empty()
    _furnish(database)
    desks: list[Desk] = []
    app = _app()
    app.state.context = Context(
        database,
        throttle or Unlimited(),
        clock=lambda: desks[0].at,
        wake=lambda: desks[0].woken.append(desks[0].at),
        gateway=gateway,
    )
    with TestClient(app, raise_server_exceptions=False) as client:
        desks.append(Desk(client, database, server.books))
        server.books.clock = lambda: int(desks[0].at.timestamp())
        yield desks[0]


@cache
def _app() -> FastAPI:
    """One application for all tests: to make it takes longer than to ask it."""
    return create_app(cast(Context, None))


def _furnish(database: Database) -> None:
    """Millbrook, an account of each product, and one invoice."""
    build_jail(database)
    open_debit(database)
    with database.begin() as connection:
        for new in _MORE:
            life.open_account(connection, new, "test", now())
        done = (Role.OFFICER, "test", "hired", now())
        add_staff(connection, STAFF, FACILITY, "M. Okafor", *done)
        connection.execute(invoices.insert(), _INVOICE)
        _list_numbers(connection)
        add_trunk(connection, Trunk("main", "sip.example"), "test", now())
        crisis = ("711", "988", HotlineKind.CRISIS, "Crisis line")
        add_hotline(connection, FACILITY, *crisis, "test", now())


def _list_numbers(connection: Connection) -> None:
    """A number that is blocked, one that is allowed, one that a person asks for; a control."""
    number = "+12125550188"
    block(connection, number, BlockCause.FACILITY, "test", facility_id=FACILITY)
    allow(connection, number, "test", now(), FACILITY)
    request(connection, PERSON, number, "test", now())
    register(connection, Privileged(number, "letter", facility_id=FACILITY), "test", now())
    longest = (Layer.FACILITY, FACILITY, Kind.LONGEST_CALL_SECONDS, 900)
    set_control(connection, *longest, "test", "as ever", now())


_INVOICE = {
    "id": f"{BILLED}-2026-10",
    "account_id": BILLED,
    "month": "2026-10",
    **dict.fromkeys(("issued_at", "covers_until", "due_at"), MORNING),
    **dict.fromkeys(("opening_cents", "credited_cents"), 0),
    **dict.fromkeys(("charged_cents", "due_cents"), 12_34),
}
_MORE = (
    NewAccount(OTHER, ProductId.PREPAID_COLLECT, "Jordan Lee", ("+12125550166",)),
    NewAccount(
        BILLED, ProductId.DIRECT_BILL, "Robin Chen", ("+12125550155",), credit_limit_cents=50_00
    ),
    NewAccount(COLLECT, ProductId.TRADITIONAL_COLLECT, "Ana Gomez", ("+12125550177",)),
)
