"""CDRs from the database and their new prices back into it, in chunks.

The price is made anew from what the CDR's own quote says of the call (jurisdiction, medium, class,
account type, taxing state, the moment it was priced for) and from its billed seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, func, select

from rating import copyrows
from rating.batch import Rated
from rating.rerate import Charged, Report, rerate
from rating.rows import WORDS, Vocabulary, chunks
from store.database import Database
from store.tables import cdrs, rerated_calls
from store.types import AnyRow

MARGIN = timedelta(days=1)
"""A call starts when it is off the hook and is priced when it is accepted."""


def rerate_database(
    database: Database, words: Vocabulary, first: date, last: date, run: str
) -> Iterator[Report]:
    """Re-rate the charged calls that were priced on those days (UTC, inclusive) as ``run``.

    The new prices stand in ``rerated_calls``: all of them once the iterator is exhausted, none
    when it fails. An earlier run of that name is replaced. Gives the running report.
    """
    with database.begin() as writing:
        writing.execute(rerated_calls.delete().where(rerated_calls.c.run == run))
        with _reading(database, writing) as reading:
            source = read(reading, words, first, last)
            sink = partial(_write, writing, run)
            yield from rerate(source, words.rater(first, last), sink)


def count(connection: Connection, first: date, last: date) -> int:
    """About how many calls that will be, for a progress bar."""
    begin, end = _moments(first, last)
    among = cdrs.c.started_at.between(begin, end) & (cdrs.c.billed_seconds > 0)
    return connection.execute(select(func.count()).select_from(cdrs).where(among)).scalar_one()


def read(connection: Connection, words: Vocabulary, first: date, last: date) -> Iterator[Charged]:
    """The charged calls in chunks."""
    if connection.dialect.name == "postgresql":
        return copyrows.read(_driver(connection), words, first, last)
    return chunks(_rows(connection, first, last), words)


@contextmanager
def _reading(database: Database, writing: Connection) -> Iterator[Connection]:
    """A stream out of PostgreSQL needs a connection of its own; SQLite has one writer at a time."""
    if writing.dialect.name == "sqlite":
        yield writing
        return
    with database.begin() as reading:
        yield reading


def _write(connection: Connection, run: str, charged: Charged, rated: Rated) -> None:
    if connection.dialect.name == "postgresql":
        copyrows.write(_driver(connection), run, charged, rated)
        return
    columns = (charged.total, rated.base, rated.additive, rated.tax)
    names = ("charged_cents", "base_cents", "additive_cents", "tax_cents")
    rows = zip(charged.call_id.tolist(), *(one.tolist() for one in columns), strict=True)
    connection.execute(
        rerated_calls.insert(),
        [
            {"run": run, "call_id": call.decode(), **dict(zip(names, cents, strict=True))}
            for call, *cents in rows
        ],
    )


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def _rows(
    connection: Connection, first: date, last: date
) -> Iterator[tuple[str, Mapping[str, str]]]:
    begin, end = _moments(first, last)
    charged = select(cdrs).where(
        cdrs.c.started_at.between(begin - MARGIN, end),
        cdrs.c.quote.is_not(None),
        cdrs.c.billed_seconds > 0,
    )
    for record in connection.execution_options(yield_per=10_000).execute(charged):
        if begin <= datetime.fromisoformat(record.quote["at"]) < end:
            yield f"CDR {record.call_id}", _row(record)


def _moments(first: date, last: date) -> tuple[datetime, datetime]:
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
    end = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    return begin, end


def _row(record: AnyRow) -> dict[str, str]:
    quote: dict[str, str] = record.quote
    lines = dict(record.lines)
    base, additive = lines.get("base", 0), lines.get("additive", 0)
    return {
        "call_id": record.call_id,
        "account_id": record.account_id or "",
        "start": quote["at"],
        "seconds": record.billed_seconds,
        "facility": record.facility_id,
        "number": record.number,
        **{name: quote[name] for name in WORDS[1:]},
        "base": base,
        "additive": additive,
        "tax": record.charged_cents - base - additive,
    }
