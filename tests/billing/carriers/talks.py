"""Collect calls that were made and charged, and what a clearing house would answer."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select

from accounts.billability import import_csv
from accounts.ledger import Entry, Kind, Posting, open_books, post
from accounts.life import NewAccount, open_account
from accounts.products import ProductId
from billing.carriers import packs, responses
from billing.carriers.layout import HEADER, RECORDS, TRAILER, Layout, Value
from billing.carriers.pack_rows import Pack
from billing.carriers.writer import date, write
from cdr import records
from custody.facilities import Facility, add_facility
from custody.lines.phones import Phone, add_phone
from store.database import Database
from store.tables import balances, calls, postings

AT = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
NUMBERS = ("+12175550101", "+12175550102", "+12175550103")
LIST = b"prefix,line_type,carrier,ocn,billable,note\n+1217555,landline,Prairie Bell,0042,yes,\n"


def town(database: Database) -> None:
    """A jail, and a number list after which three numbers are billed by their carrier."""
    open_books(database)
    jail = Facility(
        "millbrook",
        "Millbrook County Jail",
        "jail",
        Decimal(120),
        "OH",
        "America/New_York",
        900,
        True,
        exchange="330555",
    )
    add_facility(database, jail, "test")
    with database.begin() as connection:
        add_phone(connection, Phone("phone", "millbrook"), "clerk", AT)
        import_csv(connection, LIST, "clerk", AT)
        for number in NUMBERS:
            new = NewAccount(
                account(number),
                ProductId.TRADITIONAL_COLLECT,
                number,
                credit_limit_cents=10_000,
            )
            open_account(connection, new, "first acceptance", AT)


def account(number: str) -> str:
    """The id of a number's account."""
    return f"TC-{number[1:]}"


def talk(database: Database, name: str, number: str, cents: int, at: datetime = AT) -> None:
    """A call of 61 seconds that is over and charged."""
    call = {"id": name, "facility_id": "millbrook", "phone_id": "phone", "caller_channel": "x"}
    moments = {"offhook_at": at, "accepted_at": at + timedelta(seconds=20), "ended_at": at}
    with database.begin() as connection:
        connection.execute(
            calls.insert(), {**call, **moments, "number": number, "account_id": account(number)}
        )
        records.write(connection, _cdr(name, number, cents, at))
        if cents:
            lines = [Posting(account(number), -cents), Posting("house.revenue.base", cents)]
            post(connection, Entry(f"call:{name}:0", Kind.CALL, "call", at, lines, name))


def submitted(database: Database, at: datetime = AT) -> tuple[Pack | None, bytes]:
    """A pack and its file; no pack when there was nothing to bill."""
    sink = io.BytesIO()
    with database.begin() as connection:
        pack = packs.submit(connection, at, "clerk")
        if pack:
            write(connection, pack.number, sink)
    return pack, sink.getvalue()


def answer(kind: str, serial: int, cents: int, number: str = NUMBERS[0]) -> bytes:
    """A line of the clearing house's file."""
    layout = Layout(RECORDS[kind])
    values: dict[str, Value] = {
        field.name: 0 if field.kind == "number" else "" for field in RECORDS[kind]
    }
    values |= {"date": date(AT), "mills": cents * 10, "billing_number": int(number[2:])}
    return (layout.write({**values, "serial": serial, "reason": "R7"}) + "\n").encode()


def pack_of(number: int, *lines: bytes, records: int | None = None, cents: int = 0) -> bytes:
    """A whole file with the totals of its lines, or with ``records`` and ``cents`` more."""
    total = sum(int(line[39:46]) for line in lines) // 10 + cents
    count = len(lines) if records is None else records
    values: dict[str, Value] = {"date": date(AT), "pack": number, "records": count, "cents": total}
    head, tail = (Layout(fields).write(values) + "\n" for fields in (HEADER, TRAILER))
    return b"".join([head.encode(), *lines, tail.encode()])


def take(database: Database, data: bytes, at: datetime = AT) -> responses.Taken:
    """Take a file of the clearing house."""
    with database.begin() as connection:
        return responses.take(connection, io.BytesIO(data), at, "clerk")


def balance(database: Database, account_id: str) -> int:
    """An account's balance in cents, a customer's or the house's."""
    with database.begin() as connection:
        of = select(func.coalesce(func.sum(postings.c.cents), 0))
        return int(connection.scalar(of.where(postings.c.account_id == account_id)) or 0)


def available(database: Database, account_id: str) -> int:
    """What an account may still spend, in cents."""
    with database.begin() as connection:
        row = connection.execute(balances.select().where(balances.c.account_id == account_id)).one()
    return int(row.balance_cents + row.credit_limit_cents - row.held_cents)


def _cdr(name: str, number: str, cents: int, at: datetime) -> dict[str, object]:
    return {
        "call_id": name,
        "written_at": at,
        "facility_id": "millbrook",
        "phone_id": "phone",
        "number": number,
        "states": {},
        "started_at": at,
        "cause": "caller_hung_up",
        "talk_ms": 61_000,
        "billed_seconds": 61,
        "account_id": account(number),
        "product": "traditional_collect",
        "lines": [["base", cents]],
        "charged_cents": cents,
        "code_version": "test",
        "recorded": False,
        "privileged": False,
        "asterisk": {},
    }
