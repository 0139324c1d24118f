"""A platform that is asked over HTTP, with somebody of every role and a clock that stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
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
from blocklists import bulk_orders
from blocklists.allowing import allow
from blocklists.bulk_files import compile_list
from blocklists.lists import BlockCause, block
from blocklists.orders import Order
from blocklists.orders import Scope as Bound
from blocklists.pan_orders import request
from blocklists.policy.controls import set_control
from blocklists.policy.kinds import Kind
from blocklists.policy.rules import Layer
from blocklists.privilege import attorneys, notices
from blocklists.privilege.attorneys import Attorney
from blocklists.privilege.registry import Entry as Privileged
from blocklists.privilege.registry import register
from calls.states import State
from custody.lines.hotlines import HotlineKind, add_hotline
from custody.lines.trunks import Trunk, add_trunk
from custody.roles import Role
from custody.staff import add_staff
from parloir.policy import sentence
from store.database import Database
from store.settings import CallSettings
from store.tables import calls, invoices
from store.types import now
from tests.builders import (
    ACCOUNT,
    DEBIT,
    FACILITY,
    MORNING,
    OTHER_PERSON,
    PERSON,
    PHONE,
    build_jail,
    open_debit,
)
from tests.gateway.server import StripeServer
from tests.gateway.stripe_books import StripeBooks

STAFF = "okafor"
# The ids of the first block and of the first allowed number, and of one that is asked for.
FIRST, REQUESTED = 1, 2
BULK_LIST, LIVE = "carriers", "LIVE000001"
OTHER, BILLED, COLLECT = "lee", "chen-billed", "TC-2125550177"
RINGS = (State.OFFHOOK, State.IDENTIFIED, State.AUTHORIZED, State.RINGING)
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

    def ring(self) -> None:
        """Have the call :data:`LIVE` ring."""
        place = {"facility_id": FACILITY, "phone_id": PHONE, "person_id": OTHER_PERSON}
        moments = dict.fromkeys((f"{state}_at" for state in RINGS), self.at)
        row = {"id": LIVE, "caller_channel": "caller-live", "number": "+12125550144"}
        with self.database.begin() as connection:
            connection.execute(calls.insert(), {**row, **place, **moments})

    def tell_a_lawyer(self) -> None:
        """Have a lawyer's entry end in a week, of which they are to be told: notice 1."""
        ends = self.at + timedelta(days=7)
        entry = Privileged("+12125550177", "letter", attorney_id="kim", expires_at=ends)
        with self.database.begin() as connection:
            attorneys.add(connection, Attorney("kim", "Jo Kim", language="es"), "test", self.at)
            register(connection, entry, "test", self.at)
            assert notices.tell_expiring(connection, self.at) == 1

    def rows(self, table: Any) -> list[Any]:
        """All rows of a table."""
        with self.database.begin() as connection:
            return list(connection.execute(table.select()))


@contextmanager
def opened_desk(database: Database, till: Till, throttle: Throttle | None = None) -> Iterator[Desk]:
    """A desk over a database with an account of each product, and an empty gateway."""
    with TemporaryDirectory() as lists_dir:
        yield from _opened(database, till, throttle, Path(lists_dir))


def _opened(
    database: Database, till: Till, throttle: Throttle | None, lists_dir: Path
) -> Iterator[Desk]:
    server, gateway = till
    server.empty()
    _furnish(database, lists_dir)
    desks: list[Desk] = []
    app = _app()
    app.state.context = Context(
        database,
        throttle or Unlimited(),
        clock=lambda: desks[0].at,
        wake=lambda: desks[0].woken.append(desks[0].at),
        sentence=sentence,
        call=CallSettings(),
        lists_dir=lists_dir,
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


def _furnish(database: Database, lists_dir: Path) -> None:
    """Millbrook, an account of each product, one invoice, and two lists in files."""
    build_jail(database)
    open_debit(database)
    with database.begin() as connection:
        for new in _MORE:
            life.open_account(connection, new, "test", now())
        done = (Role.OFFICER, "test", "hired", now())
        add_staff(connection, STAFF, FACILITY, "M. Okafor", *done)
        connection.execute(invoices.insert(), _INVOICE)
        _list_numbers(connection)
        _list_in_files(connection, lists_dir)
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


def _list_in_files(connection: Connection, lists_dir: Path) -> None:
    """A list of blocked numbers in a file, for Millbrook; and the same everywhere."""
    source = lists_dir / "list.txt"
    source.write_text("212-555-0187\n", encoding="utf-8")
    compiled = compile_list(source, lists_dir)
    for facility_id in (FACILITY, None):
        order = Order(BlockCause.FACILITY, "test", scope=Bound(facility_id))
        bulk_orders.register(connection, BULK_LIST, compiled, order, now())


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


def told(desk: Desk, method: str, path: str, secret: str, status: int = 200, **given: Any) -> Any:
    """The body of an answer, which has this status."""
    answer = desk.ask(method, path, secret, **given)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None
