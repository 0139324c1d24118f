"""CDRs out of PostgreSQL and prices into it by binary COPY, without a Python object a row.

Every column that is copied has a fixed width, so that a chunk of the stream is a numpy record
array as it stands: two bytes of field count, then four of length before each field, big-endian.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import sql

from rating.batch import Calls, Rated
from rating.rerate import Charged
from rating.rows import CHUNK, RowError, Vocabulary
from rating.tables import Ints

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
TEXT_WIDTHS = (("call_id", 20), ("account_id", 40))
NUMBERS = (
    *("start", "seconds", "facility", "jurisdiction", "medium", "call_class"),
    *("account_type", "tax_state", "destination", "base", "additive", "tax"),
)
UNKNOWN = -1
CDR_NAMES = {"facility": "facility_id", "account_type": "product"}

# A word that isn't on its list becomes -1 and is refused in one place, below.
_QUERY = """
COPY (
  SELECT rpad(call_id, 20)::char(20), rpad(coalesce(account_id, ''), 40)::char(40),
    floor(extract(epoch from priced_at))::int8, billed_seconds::int8, {words},
    CASE WHEN jurisdiction = 'international' THEN coalesce((
      SELECT n - 1 FROM unnest({destinations}::text[]) WITH ORDINALITY AS d(prefix, n)
      WHERE starts_with(substr(number, 2), prefix) ORDER BY length(prefix) DESC LIMIT 1
    ), -1) ELSE 0 END::int8,
    base_cents, additive_cents, charged_cents - base_cents - additive_cents
  FROM cdrs
  WHERE priced_at >= {begin} AND priced_at < {end} AND billed_seconds > 0
) TO STDOUT (FORMAT binary)
"""
_WORD = "(coalesce(array_position({list}::text[], {value}), 0) - 1)::int8"
_TARGET = """
COPY rerated_calls (run, call_id, charged_cents, base_cents, additive_cents, tax_cents)
FROM STDIN (FORMAT binary)
"""


def read(
    connection: psycopg.Connection[Any], words: Vocabulary, first: date, last: date
) -> Iterator[Charged]:
    """Chunks of the charged calls that were priced on those days (UTC, inclusive).

    Raises :class:`rating.rows.RowError` for a CDR with a word that nobody knows.
    """
    layout = _layout([(name, f"S{width}") for name, width in TEXT_WIDTHS] + _int8s(NUMBERS))
    with connection.cursor() as cursor, cursor.copy(_query(words, first, last)) as copy:
        for table in _tables(copy, layout):
            yield _charged(table)


def write(connection: psycopg.Connection[Any], run: str, charged: Charged, rated: Rated) -> None:
    """Copy one chunk of new prices in: one stream for each length that a call id has."""
    columns = (charged.total, rated.base, rated.additive, rated.tax)
    lengths = np.char.str_len(charged.call_id)
    for length in np.unique(lengths):
        rows = lengths == length
        call_id = charged.call_id[rows].astype(f"S{length}")
        table = _table(run.encode(), call_id, [column[rows] for column in columns])
        with connection.cursor() as cursor, cursor.copy(_TARGET) as copy:
            copy.write(HEADER)
            copy.write(table.tobytes())
            copy.write(TRAILER)


def _table(run: bytes, call_id: NDArray[np.bytes_], columns: list[Ints]) -> NDArray[np.void]:
    names = ("charged", "base", "additive", "tax")
    texts = [("run", f"S{len(run)}"), ("call_id", call_id.dtype.str[1:])]
    layout = _layout([*texts, *_int8s(names)])
    table = np.zeros(len(call_id), layout)
    table["fields"] = 2 + len(names)
    for name, _ in (*texts, *_int8s(names)):
        table[f"{name}#"] = layout[name].itemsize
    table["run"], table["call_id"] = run, call_id
    for name, column in zip(names, columns, strict=True):
        table[name] = column
    return table


def _query(words: Vocabulary, first: date, last: date) -> sql.Composed:
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
    end = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    columns = [
        sql.SQL(_WORD).format(
            list=sql.Literal(list(of)),
            value=sql.Identifier(CDR_NAMES.get(name, name)),
        )
        for name, of in words.lists().items()
    ]
    return sql.SQL(_QUERY).format(
        words=sql.SQL(", ").join(columns),
        destinations=sql.Literal(list(words.destinations)),
        begin=sql.Literal(begin.isoformat()),
        end=sql.Literal(end.isoformat()),
    )


def _int8s(names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(name, ">i8") for name in names]


def _layout(columns: list[tuple[str, str]]) -> np.dtype[np.void]:
    """The record of one row: each field behind its length (``name#``)."""
    fields = [("fields", ">i2")]
    for name, kind in columns:
        fields += [(f"{name}#", ">i4"), (name, kind)]
    return np.dtype(fields)


def _tables(copy: psycopg.Copy, layout: np.dtype[np.void]) -> Iterator[NDArray[np.void]]:
    waiting: list[bytes] = []
    head = len(HEADER)
    for block in copy:
        row, head = bytes(block[head:]), 0
        if row not in (b"", TRAILER):
            waiting.append(row)
        if len(waiting) == CHUNK:
            yield np.frombuffer(b"".join(waiting), layout)
            waiting.clear()
    if waiting:
        yield np.frombuffer(b"".join(waiting), layout)


def _charged(table: NDArray[np.void]) -> Charged:
    numbers = [table[name].astype(np.int64) for name in NUMBERS]
    for name, column in zip(NUMBERS[2:9], numbers[2:9], strict=True):
        if (bad := np.flatnonzero(column == UNKNOWN)).size:
            call = table["call_id"][bad[0]].decode().strip()
            raise RowError(f"CDR {call}: {name}: unknown {name}")
    names = (np.char.rstrip(table[name]) for name, _ in TEXT_WIDTHS)
    call_id, account_id = names
    return Charged(Calls(*numbers[:9]), call_id, account_id, (numbers[9], numbers[10], numbers[11]))
