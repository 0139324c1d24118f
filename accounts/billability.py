"""Which numbers the carriers bill collect calls for: asked before traditional collect is offered.

A carrier bills only where it has an agreement, and never to a mobile. What is known is a table of
prefixes; the longest that fits a number decides, so a whole number beats its exchange.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from accounts.file_faults import FileRefused
from accounts.ledger import LedgerError
from store.tables import billable_numbers
from store.types import AnyRow

COLUMNS = ("prefix", "line_type", "carrier", "ocn", "billable", "note")
LINE_TYPES = ("landline", "mobile", "voip")
LANDLINE = "landline"
_NUMBER = re.compile(r"\+1[2-9]\d{9}")
_PREFIX = re.compile(r"\+1[2-9]\d{2,9}")
_OCN = re.compile(r"[0-9A-Z]{4}")


@dataclass(frozen=True)
class Billing:
    """The carrier that bills a number, and its operating company number (OCN)."""

    carrier: str
    ocn: str


Provider: TypeAlias = Callable[[Connection, str], Billing | None]
"""Says who bills collect calls to a number (E.164); None: nobody does."""


def by_table(connection: Connection, number: str) -> Billing | None:
    """The provider that asks the table of prefixes."""
    row = find(connection, number)
    return Billing(row.carrier, row.ocn) if row is not None and row.billable else None


def find(connection: Connection, number: str) -> AnyRow | None:
    """The row that decides about a number, or None when nothing is known of it."""
    prefixes = [number[:length] for length in range(1, len(number) + 1)]
    row: AnyRow | None = connection.execute(
        select(billable_numbers)
        .where(billable_numbers.c.prefix.in_(prefixes))
        .order_by(func.length(billable_numbers.c.prefix).desc())
        .limit(1)
    ).one_or_none()
    return row


def mark_unbillable(
    connection: Connection, number: str, actor: str, at: datetime, note: str
) -> None:
    """From now on no collect call to this one number is billed by its carrier.

    Raises :class:`LedgerError` when it is no number of North America or nobody says why.
    """
    if not _NUMBER.fullmatch(number):
        raise LedgerError(f"{number} is no number such as +12175550123")
    if not note.strip():
        raise LedgerError("say why")
    known = find(connection, number)
    row = {
        "prefix": number,
        "line_type": known.line_type if known else LANDLINE,
        "carrier": known.carrier if known else "",
        "ocn": known.ocn if known else "",
    }
    who = {"actor": actor, "at": at, "note": note}
    _put(connection, [{**row, "billable": False, **who}])


def clear_mark(connection: Connection, number: str) -> None:
    """Let the number's exchange decide again. Raises :class:`LedgerError` when it has no mark."""
    known = find(connection, number)
    if known is None or known.prefix != number or known.billable:
        raise LedgerError(f"{number} itself isn't marked as not billable")
    if known.line_type != LANDLINE:
        raise LedgerError(f"{number} is a {known.line_type} number: carriers never bill those")
    connection.execute(billable_numbers.delete().where(billable_numbers.c.prefix == number))


def import_csv(connection: Connection, data: bytes, actor: str, at: datetime) -> int:
    """Take a list of prefixes, whole or not at all; returns how many there were.

    A prefix that is known is replaced; one that the list doesn't name stays. Raises
    :class:`FileRefused` with every bad line.
    """
    found: dict[str, dict[str, object]] = {}
    faults: list[tuple[int, str]] = []
    for line, row, wrong in _lines(data):
        if not wrong and row["prefix"] in found:
            wrong = f"{row['prefix']} stands in the list twice"
        if wrong:
            faults.append((line, wrong))
        else:
            found[row["prefix"]] = {**row, "billable": row["billable"] == "yes"}
    if faults or not found:
        raise FileRefused(faults or [(1, "the list has no numbers")])
    _put(connection, [{**row, "actor": actor, "at": at} for row in found.values()])
    return len(found)


def _lines(data: bytes) -> Iterator[tuple[int, dict[str, str], str]]:
    """Each line's number, its fields, and what is wrong with it, if anything is."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        yield data[: error.start].count(b"\n") + 1, {}, "isn't UTF-8 text"
        return
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for fields in lines:
            if lines.line_num == 1:
                if tuple(fields) != COLUMNS:
                    yield 1, {}, f"the columns must be {','.join(COLUMNS)}"
                    return
            elif len(fields) != len(COLUMNS):
                yield lines.line_num, {}, f"{len(fields)} fields, not {len(COLUMNS)}"
            else:
                row = dict(zip(COLUMNS, fields, strict=True))
                yield lines.line_num, row, _wrong(row)
    except csv.Error as error:
        yield lines.line_num, {}, str(error)


def _wrong(row: dict[str, str]) -> str:
    if not _PREFIX.fullmatch(row["prefix"]):
        return f"{row['prefix']!r} is no prefix such as +1217555"
    if row["line_type"] not in LINE_TYPES:
        return f"line type {row['line_type']!r} is none of {', '.join(LINE_TYPES)}"
    if row["billable"] not in ("yes", "no"):
        return f"billable is {row['billable']!r}, not yes or no"
    if row["billable"] == "yes" and row["line_type"] != LANDLINE:
        return f"a {row['line_type']} number can't be billed by a carrier"
    if row["billable"] == "yes" and not row["carrier"].strip():
        return "no carrier"
    if not _OCN.fullmatch(row["ocn"]) and (row["ocn"] or row["billable"] == "yes"):
        return f"OCN {row['ocn']!r} isn't four letters or digits"
    if any(not value.isprintable() for value in row.values()):
        return "has characters that can't be printed"
    return ""


def _put(connection: Connection, rows: list[dict[str, object]]) -> None:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    new = dialect.insert(billable_numbers)
    changed = {name: new.excluded[name] for name in rows[0] if name != "prefix"}
    connection.execute(new.on_conflict_do_update(index_elements=["prefix"], set_=changed), rows)
