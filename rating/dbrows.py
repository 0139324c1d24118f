"""CDRs from the database and their new prices back into it, in chunks.

The price is made anew from what the CDR says of the call (jurisdiction, medium, class, account
type, taxing state, the moment it was priced for) and from its billed seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select

from rating import copyrows
from rating.batch import Rated
from rating.rerate import Charged, Report, rerate
from rating.rows import Vocabulary, chunks
from store.database import Database
from store.tables import cdrs, rerated_calls


def rerate_database(
    database: Database, words: Vocabulary, first: date, last: date, run: str
) -> Iterator[Report]:
    """Re-rate the charged calls that were priced on those days (UTC, inclusive) as ``run``.

    The new prices stand in ``rerated_calls``: all of them once the iterator is exhausted, none
    when it fails; a call without a rate has none. An earlier run of that name is replaced. Gives
    the running report.
    """
    with database.begin() as writing:
        writing.execute(rerated_calls.delete().where(rerated_calls.c.run == run))
        with _reading(database, writing) as reading:
            source = read(reading, words, first, last)
            sink = partial(_write, writing, run)
            yield from rerate(source, words.rater(first, last), sink)


def count(connection: Connection, first: date, last: date) -> int:
    """How many calls that will be, for a progress bar."""
    chosen = select(func.count()).select_from(cdrs).where(_charged_on(first, last))
    return connection.execute(chosen).scalar_one()


def read(connection: Connection, words: Vocabulary, first: date, last: date) -> Iterator[Charged]:
    """The charged calls in chunks."""
    if connection.dialect.name == "postgresql":
        return _ahead(copyrows.read(_driver(connection), words, first, last))
    return chunks(_rows(connection, first, last), words)


def _ahead(source: Iterator[Charged]) -> Iterator[Charged]:
    """The same chunks, the next one already on its way while one is worked on."""
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(next, source, None)
        while (chunk := waiting.result()) is not None:
            waiting = pool.submit(next, source, None)
            yield chunk


@contextmanager
def _reading(database: Database, writing: Connection) -> Iterator[Connection]:
    """A stream out of PostgreSQL needs a connection of its own; SQLite has one writer at a time."""
    if writing.dialect.name == "sqlite":
        yield writing
        return
    with database.begin() as reading:
        yield reading


def _write(connection: Connection, run: str, charged: Charged, rated: Rated) -> None:
    priced = ~rated.refused
    call_id = charged.call_id[priced]
    columns = [one[priced] for one in (charged.total, rated.base, rated.additive, rated.tax)]
    if not len(call_id):
        return
    if connection.dialect.name == "postgresql":
        copyrows.write(_driver(connection), run, call_id, columns)
        return
    names = ("charged_cents", "base_cents", "additive_cents", "tax_cents")
    rows = zip(call_id.tolist(), *(one.tolist() for one in columns), strict=True)
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
    chosen = select(*_COLUMNS).where(_charged_on(first, last))
    for record in connection.execution_options(yield_per=10_000).execute(chosen):
        row = record._asdict()
        row["start"] = row["start"].isoformat()
        yield f"CDR {record.call_id}", row


def _charged_on(first: date, last: date) -> ColumnElement[bool]:
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
    end = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    c = cdrs.c
    return and_(c.priced_at >= begin, c.priced_at < end, c.billed_seconds > 0)


_COLUMNS = (
    cdrs.c.call_id,
    func.coalesce(cdrs.c.account_id, "").label("account_id"),
    cdrs.c.priced_at.label("start"),
    cdrs.c.billed_seconds.label("seconds"),
    cdrs.c.facility_id.label("facility"),
    cdrs.c.jurisdiction,
    cdrs.c.medium,
    cdrs.c.call_class,
    cdrs.c.product.label("account_type"),
    cdrs.c.tax_state,
    cdrs.c.number,
    cdrs.c.base_cents.label("base"),
    cdrs.c.additive_cents.label("additive"),
    (cdrs.c.charged_cents - cdrs.c.base_cents - cdrs.c.additive_cents).label("tax"),
)
