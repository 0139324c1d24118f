"""The database as one file and back, with control totals taken in the same snapshot.

PostgreSQL by its own pg_dump and pg_restore, SQLite by its online backup. Nobody is kept waiting
while a backup is made.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, case, func, inspect, make_url, select, text

from store.cluster import program
from store.database import Database, open_database
from store.tables import accounts, cdrs, entries, metadata, postings

VERSION_TABLE = "alembic_version"
HOUSE_PRODUCT = "house"


class BackupError(Exception):
    """The database can't be saved or restored; the message says why. Nothing has changed."""


@dataclass(frozen=True)
class Totals:
    """What must be the same before and after. Money in cents, balances by product."""

    entries: int
    newest_entry: int
    debit_cents: int
    balance_cents: Mapping[str, int]
    cdrs: int
    charged_cents: int


@dataclass(frozen=True)
class Dumped:
    """A database in a file: of which kind and schema, and its totals."""

    kind: str
    schema: str
    totals: Totals


def dump(url: str, to: Path) -> Dumped:
    """Write the database into a new file, as it is at one moment. Raises :class:`BackupError`."""
    if _is_sqlite(url):
        _copy_sqlite(_sqlite_file(url), to)
        return _about(f"sqlite:///{to}")
    with closing(open_database(url)) as database:
        engine = database.engine.execution_options(isolation_level="REPEATABLE READ")
        with engine.begin() as connection:
            snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
            options = ("--format=custom", f"--snapshot={snapshot}", f"--file={to}")
            _run("pg_dump", url, *options, "--no-owner", "--no-privileges")
            return _described(connection)


def load(url: str, dumped: Path, expected: Totals) -> None:
    """Fill a fresh database from :func:`dump`'s file.

    Raises :class:`BackupError` when the database has anything in it, when the file can't be
    loaded, or when the totals differ from what is expected. It is empty then.
    """
    refuse_unless_fresh(url)
    if _is_sqlite(url):
        _compare(_about(f"sqlite:///{dumped}").totals, expected)
        _copy_sqlite(dumped, _sqlite_file(url))
        return
    try:
        _empty_postgres(url)
        whole = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
        _run("pg_restore", url, *whole, str(dumped))
        _compare(_about(url).totals, expected)
    except BaseException:
        _empty_postgres(url)
        raise


def refuse_unless_fresh(url: str) -> None:
    """Raise :class:`BackupError` unless the database is as ``parloir init`` makes it, or empty."""
    if _is_sqlite(url) and not _sqlite_file(url).exists():
        return
    with closing(open_database(url)) as database, database.begin() as connection:
        for name in sorted(set(inspect(connection).get_table_names()) - {VERSION_TABLE}):
            if name not in metadata.tables:
                raise BackupError(f"the database isn't empty: it has a table {name}")
            rows = select(func.count()).select_from(metadata.tables[name])
            if name == accounts.name:
                rows = rows.where(accounts.c.product != HOUSE_PRODUCT)
            if found := connection.execute(rows).scalar_one():
                raise BackupError(f"the database isn't empty: {found} rows in {name}")


def totals(connection: Connection) -> Totals:
    """The control totals of what the connection sees."""
    balances = (
        select(accounts.c.product, func.sum(postings.c.cents))
        .join(postings, postings.c.account_id == accounts.c.id)
        .group_by(accounts.c.product)
        .order_by(accounts.c.product)
    )
    debits = func.sum(case((postings.c.cents < 0, -postings.c.cents), else_=0))
    booked = connection.execute(select(func.count(), func.max(entries.c.id))).one()
    called = connection.execute(select(func.count(), func.sum(cdrs.c.charged_cents))).one()
    return Totals(
        entries=booked[0],
        newest_entry=booked[1] or 0,
        debit_cents=int(connection.execute(select(debits)).scalar_one() or 0),
        balance_cents={product: int(cents) for product, cents in connection.execute(balances)},
        cdrs=called[0],
        charged_cents=int(called[1] or 0),
    )


def _about(url: str) -> Dumped:
    with closing(open_database(url)) as database:
        return _read(database)


def _read(database: Database) -> Dumped:
    with database.begin() as connection:
        return _described(connection)


def _described(connection: Connection) -> Dumped:
    version = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one()
    return Dumped(connection.dialect.name, version, totals(connection))


def _compare(found: Totals, expected: Totals) -> None:
    if found != expected:
        raise BackupError(f"the control totals differ: {found}, and should be {expected}")


def _is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


def _sqlite_file(url: str) -> Path:
    return Path(str(make_url(url).database))


def _copy_sqlite(source: Path, target: Path) -> None:
    """All of it in one step: a snapshot of the source, one transaction of the target."""
    if not source.exists():
        raise BackupError(f"there is no database {source}")
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as read,
            closing(sqlite3.connect(target)) as written,
        ):
            read.backup(written)
    except sqlite3.Error as error:
        raise BackupError(f"{source} can't be copied: {error}") from None


def _empty_postgres(url: str) -> None:
    with closing(open_database(url)) as database, database.begin() as connection:
        connection.exec_driver_sql(_EMPTY)


def _run(name: str, url: str, *arguments: str) -> None:
    address = make_url(url)
    conninfo = make_conninfo(
        "",
        dbname=address.database,
        user=address.username,
        **{"host": address.host, "port": address.port} | _flat(address.query),
    )
    # On the command line everybody could read the password.
    secret = {"PGPASSWORD": str(address.password)} if address.password else {}
    done = subprocess.run(
        [str(program(name)), f"--dbname={conninfo}", *arguments],
        env=os.environ | secret,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"]
        raise BackupError(f"{name} failed: {lines[0]}")


def _flat(query: Mapping[str, str | Sequence[str]]) -> dict[str, str | int | None]:
    return {key: one if isinstance(one, str) else ",".join(one) for key, one in query.items()}


_EMPTY = """
DO $$ DECLARE command text; BEGIN
  FOR command IN
    SELECT 'DROP TABLE ' || quote_ident(tablename) || ' CASCADE'
      FROM pg_tables WHERE schemaname = current_schema()
    UNION ALL
    SELECT 'DROP FUNCTION ' || oid::regprocedure FROM pg_proc
      WHERE pronamespace = current_schema()::regnamespace AND prorettype = 'trigger'::regtype
  LOOP EXECUTE command; END LOOP;
END $$
"""
