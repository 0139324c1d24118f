"""Databases for the tests: one private PostgreSQL a run, a fresh migrated database a test.

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

from sqlalchemy import make_url

from store.cluster import Cluster
from store.database import Database, migrate, open_database

TEMPLATE = "template_migrated"


def postgres(run: Path) -> Cluster:
    """The run's cluster, with the migrated template in it. ``run`` is the run's directory."""
    with _locked(run):
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


def fresh_sqlite(run: Path, directory: Path) -> str:
    """The address of a new, migrated SQLite database in ``directory``."""
    template = run / "template.db"
    with _locked(run):
        if not template.exists():
            migrate(f"sqlite:///{run / 'growing.db'}")
            (run / "growing.db").rename(template)
    shutil.copy(template, directory / "parloir.db")
    return f"sqlite:///{directory / 'parloir.db'}"


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """The database at ``url``, with its connections closed afterwards."""
    database = open_database(url)
    yield database
    database.engine.dispose()


def is_postgres(database: Database) -> bool:
    """Whether the test runs on PostgreSQL this time."""
    return make_url(database.engine.url).get_backend_name() == "postgresql"


@contextmanager
def _locked(run: Path) -> Iterator[None]:
    with (run / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
