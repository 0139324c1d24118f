"""What every test may ask for: databases of both kinds."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from store.database import Database
from tests.services import fresh_postgres, fresh_sqlite, opened, stop_postgres

RUN: pytest.StashKey[Path] = pytest.StashKey()

# A busy machine is no failure, and each database test clears up after its examples by itself.
settings.register_profile(
    "parloir", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("parloir")


def pytest_configure(config: pytest.Config) -> None:
    """Give the run its directory; xdist's workers are told the one of their controller."""
    if (told := getattr(config, "workerinput", None)) is not None:
        config.stash[RUN] = Path(told["run"])
        return
    run = Path(tempfile.mkdtemp(prefix="parloir-tests-"))
    # PostgreSQL runs as an ordinary user even where the tests run as root.
    run.chmod(0o755)
    config.stash[RUN] = run


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: pytest.Config) -> None:
    """Tell a worker of xdist the run's directory."""
    node.workerinput["run"] = str(node.config.stash[RUN])  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what the run has started."""
    if not hasattr(config, "workerinput"):
        stop_postgres(config.stash[RUN])
        shutil.rmtree(config.stash[RUN])


@pytest.fixture
def run_dir(pytestconfig: pytest.Config) -> Path:
    """The directory that all workers of this run share."""
    return pytestconfig.stash[RUN]


@pytest.fixture
def postgres_url(run_dir: Path) -> Iterator[str]:
    """The address of a fresh, migrated PostgreSQL database."""
    with fresh_postgres(run_dir) as url:
        yield url


@pytest.fixture
def sqlite_url(run_dir: Path, tmp_path: Path) -> str:
    """The address of a fresh, migrated SQLite database."""
    return fresh_sqlite(run_dir, tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh, migrated database: the test runs once on each kind."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh, migrated database, opened: the test runs once on each kind."""
    with opened(database_url) as database:
        yield database


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[Database]:
    """A fresh, migrated PostgreSQL database, opened, for what only threads can show."""
    with opened(postgres_url) as database:
        yield database


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    """A fresh, migrated SQLite database, opened."""
    with opened(sqlite_url) as database:
        yield database
