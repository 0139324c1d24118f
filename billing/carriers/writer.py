"""A pack's file, made from the tables: the same bytes whenever it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import IO
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from accounts.ledger import LedgerError
from billing.carriers.layout import DETAIL, HEADER, TRAILER, Layout, Value
from billing.carriers.pack_rows import Pack, find
from store.tables import calls, cdrs, emi_records, facilities
from store.types import AnyRow

AT_ONCE = 5000
NUMBER = re.compile(r"\+1(\d{10})")
_DETAIL, _HEADER, _TRAILER = Layout(DETAIL), Layout(HEADER), Layout(TRAILER)


def write(connection: Connection, number: int, sink: IO[bytes]) -> Pack:
    """Write a pack's file, whenever and as often as it is wanted.

    Raises :class:`LedgerError` when there is no such pack, or when what it was made from (a
    facility's zone, state or exchange) was changed since: what was written is no pack then.
    """
    pack = find(connection, number)
    if pack is None:
        raise LedgerError(f"no pack {number} was made for the carriers")
    digest = sha256()
    for line in lines(connection, pack):
        digest.update(line)
        sink.write(line)
    if digest.hexdigest() != pack.sha256:
        raise LedgerError(
            f"pack {number} comes out otherwise than it was made: put its facilities back as "
            "they were, then write it again"
        )
    return pack


def lines(connection: Connection, pack: Pack) -> Iterator[bytes]:
    """The file's lines with their ends, one after the other, so that memory stays flat."""
    totals: dict[str, Value] = {"date": date(pack.made_at), "pack": pack.number}
    totals |= {"records": pack.records, "cents": pack.cents}
    yield _line(_HEADER.write(totals))
    chosen = _RECORDS.where(emi_records.c.pack_id == pack.id)
    for row in connection.execute(chosen, execution_options={"yield_per": AT_ONCE}):
        yield _line(_DETAIL.write(_values(row)))
    yield _line(_TRAILER.write(totals))


def date(moment: datetime) -> int:
    """A day as records have it: YYMMDD."""
    return moment.year % 100 * 10000 + moment.month * 100 + moment.day


def mills(cents: int) -> int:
    """An amount as records have it: thousandths of a dollar."""
    return cents * 10


def _line(record: str) -> bytes:
    return record.encode("ascii") + b"\n"


def _values(row: AnyRow) -> dict[str, Value]:
    number = NUMBER.fullmatch(row.number)
    if number is None:
        raise LedgerError(f"{row.number} has no carrier that bills: record {row.serial}")
    at = row.connected_at.astimezone(ZoneInfo(row.timezone))
    minutes, seconds = divmod(row.billed_seconds, 60)
    return {
        "date": date(at),
        # A facility is known by its exchange; its line is 0000.
        "from_length": 10 if row.exchange else 0,
        "from_number": int(row.exchange or 0) * 10000,
        "to_length": 10,
        "to_number": int(number[1]),
        "mills": mills(row.cents),
        "connect_time": at.hour * 10000 + at.minute * 100 + at.second,
        "elapsed": minutes * 1000 + seconds * 10,
        "billing_number": int(number[1]),
        "from_state": row.state,
        "serial": row.serial,
    }


_RECORDS = (
    select(
        emi_records.c.serial,
        emi_records.c.cents,
        cdrs.c.number,
        cdrs.c.billed_seconds,
        func.coalesce(calls.c.accepted_at, cdrs.c.started_at).label("connected_at"),
        facilities.c.timezone,
        facilities.c.exchange,
        facilities.c.state,
    )
    .join(cdrs, cdrs.c.call_id == emi_records.c.call_id)
    .join(calls, calls.c.id == emi_records.c.call_id)
    .join(facilities, facilities.c.id == cdrs.c.facility_id)
    .order_by(emi_records.c.serial)
)
