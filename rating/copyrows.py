"""CDRs out of PostgreSQL and prices into it by binary COPY, in columns rather than row by row.

A row of the stream is two bytes of field count, then each field behind four bytes of length, all
big-endian. What a price depends on besides the moment comes as one text: few calls differ in it,
so that it is looked at once for each kind of call. Prices go in as numpy record arrays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, islice
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import sql

from rating.batch import Calls
from rating.rerate import Charged
from rating.rows import CHUNK, WORDS, Coder, Vocabulary
from rating.tables import Ints

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
Bytes = NDArray[np.uint8]
BEFORE_KIND = 6
"""The count of fields and the length of the first."""
PADDING = bytes(256)
"""Longer than any text of a row: whatever is as wide as the widest can be read of the last one."""
NUMBERS = (
    *(("moment", ">i8"), ("seconds", ">i4")),
    *(("base", ">i8"), ("additive", ">i8"), ("total", ">i8")),
)
POSTGRES_EPOCH_S = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp())
MICROSECONDS = 1_000_000
BETWEEN = "\x1f"
"""Stands between the words of a kind; no word holds it."""

_QUERY = """
COPY (
  SELECT concat(facility_id, {between}, jurisdiction, {between}, medium, {between}, call_class,
      {between}, product, {between}, tax_state, {between},
      CASE WHEN jurisdiction = 'international' THEN number END),
    priced_at, billed_seconds, base_cents, additive_cents, charged_cents,
    call_id, coalesce(account_id, '')
  FROM cdrs
  WHERE priced_at >= {begin} AND priced_at < {end} AND billed_seconds > 0
) TO STDOUT (FORMAT binary)
"""
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
    coder = Coder.of(words)
    with connection.cursor() as cursor, cursor.copy(_query(first, last)) as copy:
        rows = _rows(connection, copy)
        while part := list(islice(rows, CHUNK)):
            yield _charged(part, coder)


def write(
    connection: psycopg.Connection[Any],
    run: str,
    call_id: NDArray[np.bytes_],
    columns: Sequence[Ints],
) -> None:
    """Copy a chunk of new prices in: one stream for each length that a call id has."""
    lengths = np.char.str_len(call_id)
    for length in np.unique(lengths):
        rows = lengths == length
        these = call_id[rows].astype(f"S{length}")
        table = _table(run.encode(), these, [column[rows] for column in columns])
        with connection.cursor() as cursor, cursor.copy(_TARGET) as copy:
            copy.write(HEADER)
            copy.write(table.tobytes())
            copy.write(TRAILER)


def _table(run: bytes, call_id: NDArray[np.bytes_], columns: list[Ints]) -> NDArray[np.void]:
    names = ("charged", "base", "additive", "tax")
    texts = [("run", f"S{len(run)}"), ("call_id", call_id.dtype.str[1:])]
    fields = [*texts, *((name, ">i8") for name in names)]
    layout = np.dtype([("fields", ">i2"), *_layout(fields)])
    table = np.zeros(len(call_id), layout)
    table["fields"] = len(fields)
    for name, _ in fields:
        table[f"{name}#"] = layout[name].itemsize
    table["run"], table["call_id"] = run, call_id
    for name, column in zip(names, columns, strict=True):
        table[name] = column
    return table


def _query(first: date, last: date) -> sql.Composed:
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
    end = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    return sql.SQL(_QUERY).format(
        between=sql.Literal(BETWEEN),
        begin=sql.Literal(begin.isoformat()),
        end=sql.Literal(end.isoformat()),
    )


def _layout(columns: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Each field behind its length (``name#``)."""
    return [part for name, kind in columns for part in ((f"{name}#", ">i4"), (name, kind))]


def _rows(connection: psycopg.Connection[Any], copy: psycopg.Copy) -> Iterator[bytes]:
    """The stream row by row, without its header and trailer.

    psycopg waits for each row anew, which takes longer than all else here: it is only asked when
    libpq has nothing more that has arrived.
    """
    arrived = connection.pgconn.get_copy_data
    while block := copy.read():
        row = bytes(block).removeprefix(HEADER)
        while row != TRAILER:
            if row:
                yield row
            size, block = arrived(1)
            if size <= 0:
                break
            row = bytes(block)


def _charged(rows: list[bytes], coder: Coder) -> Charged:
    data = np.frombuffer(b"".join([*rows, PADDING]), np.uint8)
    begins = np.fromiter(accumulate(map(len, rows[:-1]), initial=0), np.int64, len(rows))
    sizes = _sizes(data, begins + BEFORE_KIND - 4)
    fixed = np.dtype(_layout(NUMBERS))
    numbers_at = begins + BEFORE_KIND + sizes
    numbers = _bytes(data, numbers_at, fixed.itemsize).view(fixed).ravel()
    moment, seconds, base, additive, total = (numbers[name].astype(np.int64) for name, _ in NUMBERS)
    call_id, account_at = _texts(data, numbers_at + fixed.itemsize)
    account_id, _ = _texts(data, account_at)
    start = moment // MICROSECONDS + POSTGRES_EPOCH_S
    codes = _codes(rows, sizes, call_id, coder)
    return Charged(
        Calls(start, seconds, *codes),
        call_id,
        account_id,
        (base, additive, total - base - additive),
    )


def _codes(
    rows: list[bytes], sizes: Ints, call_id: NDArray[np.bytes_], coder: Coder
) -> NDArray[np.int64]:
    """The words of each row as codes, a column a word. Each kind of call is read once."""
    order: dict[bytes, int] = {}
    kinds = (
        row[BEFORE_KIND : BEFORE_KIND + n] for row, n in zip(rows, sizes.tolist(), strict=True)
    )
    kind = np.fromiter((order.setdefault(one, len(order)) for one in kinds), np.int64, len(rows))
    _, first = np.unique(kind, return_index=True)
    codes = [
        coder.codes(
            f"CDR {call.decode()}", dict(zip(FIELDS, one.decode().split(BETWEEN), strict=True))
        )
        for one, call in zip(order, call_id[first].tolist(), strict=True)
    ]
    return np.array(codes, np.int64)[kind].T.copy()


FIELDS = (*WORDS, "number")


def _texts(data: Bytes, at: Ints) -> tuple[NDArray[np.bytes_], Ints]:
    """The texts whose lengths stand at those places, and the places after them."""
    sizes = _sizes(data, at)
    width = max(int(sizes.max()), 1)
    found = _bytes(data, at + 4, width)
    found[np.arange(width) >= sizes[:, None]] = 0
    return found.view(f"S{width}").ravel(), at + 4 + sizes


def _sizes(data: Bytes, at: Ints) -> Ints:
    sizes: Ints = _bytes(data, at, 4).view(">i4").ravel().astype(np.int64)
    return sizes


def _bytes(data: Bytes, at: Ints, width: int) -> Bytes:
    """So many bytes from each of those places on, a row each."""
    found: Bytes = np.lib.stride_tricks.sliding_window_view(data, width)[at]
    return found
