"""Databases for the tests: one private PostgreSQL a run, a database of its own a worker.

The cluster starts when the first test asks for it, whichever xdist worker that runs in, and is
stopped by the process that began the run.
"""

from __future__ import annotations

import fcntl
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from store.cluster import Cluster
from store.database import Database, migrate, open_database
from store.tables import metadata

TEMPLATE = "template_migrated"


def postgres(run: Path) -> Cluster:
    """The run's cluster, with the migrated template in it. ``run`` is the run's directory."""
    with locked(run):
        cluster = Cluster.start(run / "postgres", durable=False)
        ready = run / "postgres" / TEMPLATE
        if not ready.exists():
            migrate(cluster.create_database(TEMPLATE))
            ready.touch()
    return cluster


def stop_postgres(run: Path) -> None:
    """Stop the run's cluster, if any test has started it."""
    Cluster(run / "postgres").stop()


@contextmanager
def fresh_postgres(run: Path) -> Iterator[str]:
    """The address of a new, migrated PostgreSQL database that is gone afterwards."""
    cluster = postgres(run)
    name = f"test_{secrets.token_hex(6)}"
    yield cluster.create_database(name, TEMPLATE)
    cluster.drop_database(name)


def refresh_postgres(database: Database) -> None:
    """Delete every row: far cheaper than a new database.

    As a replica's session it may: neither the triggers of append-only tables nor foreign keys
    are asked. Connections that a failed test left behind are cut.
    """
    database.engine.dispose()
    rows = "; ".join(f"DELETE FROM {table}" for table in metadata.tables)
    with database.begin() as connection:
        connection.exec_driver_sql(_CUT_OTHERS)
        connection.exec_driver_sql(f"SET LOCAL session_replication_role = replica; {rows}")


_CUT_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def refresh_sqlite(run: Path, database: Database) -> None:
    """Put a copy of the migrated template in the place of the database's file."""
    database.engine.dispose()
    template = run / "template.db"
    with locked(run):
        if not template.exists():
            migrate(f"sqlite:///{run / 'growing.db'}")
            (run / "growing.db").rename(template)
    path = Path(str(database.engine.url.database))
    for leftover in path.parent.glob(f"{path.name}*"):
        leftover.unlink()
    shutil.copy(template, path)


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """The database at ``url``, with its connections closed afterwards."""
    database = open_database(url)
    yield database
    database.engine.dispose()


def address(database: Database) -> str:
    """The SQLAlchemy address of an opened database."""
    return database.engine.url.render_as_string(hide_password=False)


@contextmanager
def locked(run: Path) -> Iterator[None]:
    """Alone among the workers of a run."""
    with (run / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
