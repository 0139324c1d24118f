"""Customers of every product in a past year, and calls whose records say every tax."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from accounts.chart import ADDITIVE, CASH, TAXES
from accounts.ledger import Entry, Kind, Posting, post
from accounts.opening import NewAccount, open_account
from accounts.products import ProductId
from billing.statements import Statement, of_month
from store.database import Database
from store.tables import calls, cdrs
from tests.accounts.year import BASE, JANUARY, day
from tests.builders import FACILITY, NUMBER, PHONE

BILLED = "harbor-law"
START = day(JANUARY)
TAX_CODES = ("fusf", "sales")
CREDIT_CENTS = 100_000


def open_customer(
    connection: Connection,
    account_id: str,
    product: ProductId = ProductId.DIRECT_BILL,
    holder: str = "Harbor Law",
    **more: Any,
) -> None:
    """Open it; on the first day of the year, with credit where the product has any."""
    credit = CREDIT_CENTS if product is ProductId.DIRECT_BILL else 0
    new = NewAccount(account_id, product, holder, credit_limit_cents=credit, **more)
    open_account(connection, new, "clerk", START)


def charge(
    connection: Connection,
    account: str,
    call_id: str,
    slices: Sequence[tuple[datetime, int, int, int]],
) -> None:
    """Post a call's slices: when, and the cents of base, additive and taxes."""
    for number, (at, *parts) in enumerate(slices):
        lines = [Posting(house, c) for house, c in zip((BASE, ADDITIVE, TAXES), parts, strict=True)]
        lines.append(Posting(account, -sum(parts)))
        post(connection, Entry(f"call:{call_id}:{number}", Kind.CALL, "call", at, lines, call_id))


def write_record(
    connection: Connection, account: str, call_id: str, at: datetime, parts: Sequence[int]
) -> None:
    """The call and its record: accepted at ``at``; cents of base, additive and each tax."""
    kinds = ("base", "additive", *TAX_CODES)
    call = {"id": call_id, "facility_id": FACILITY, "phone_id": PHONE, "caller_channel": "x"}
    moments = {"offhook_at": at - timedelta(seconds=20), "accepted_at": at}
    connection.execute(calls.insert(), {**call, "number": NUMBER, **moments})
    taxes = [{"code": code, "jurisdiction": "OH", "authority": "made up"} for code in TAX_CODES]
    cdr = {
        "call_id": call_id,
        "written_at": at,
        "facility_id": FACILITY,
        "phone_id": PHONE,
        "number": NUMBER,
        "states": {},
        "started_at": at,
        "cause": "limit",
        "talk_ms": 725_000,
        "billed_seconds": 725,
        "account_id": account,
        "product": "direct_bill",
        "jurisdiction": "interstate",
        "lines": list(zip(kinds, parts, strict=True)),
        "charged_cents": sum(parts),
        "quote": {"base_e4": 635, "additive_e4": 150, "taxes": taxes},
        "code_version": "test",
        "recorded": False,
        "privileged": False,
        "asterisk": {},
    }
    connection.execute(cdrs.insert(), cdr)


def call(connection: Connection, account: str, call_id: str, at: datetime, cents: int) -> None:
    """A whole call of one slice: a fifth of it additive, a cent of each tax."""
    additive = cents // 5
    base = cents - additive - 2
    write_record(connection, account, call_id, at, (base, additive, 1, 1))
    charge(connection, account, call_id, [(at, base, additive, 2)])


def move(
    connection: Connection,
    account: str,
    kind: Kind,
    cents: int,
    at: datetime,
    call_id: str | None = None,
) -> None:
    """Any other entry; ``cents`` to the account's credit."""
    key = f"{kind}:{account}:{at.isoformat()}:{cents}"
    lines = (Posting(CASH, -cents), Posting(account, cents))
    post(connection, Entry(key, kind, "clerk", at, lines, call_id))


def statement(database: Database, account: str, month: str) -> Statement:
    """One account's statement."""
    with database.begin() as connection:
        (found,) = of_month(connection, month, account)
    return found
