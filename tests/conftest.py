"""What every test may ask for: databases of both kinds."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from store.database import Database
from store.redis_server import RedisServer
from tests.services import (
    address,
    fresh_postgres,
    opened,
    refresh_postgres,
    refresh_sqlite,
    stop_postgres,
)

PHONE_ROOMS = ("calls", "asterisk_conf", "faults", "phones")
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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the share of each worker: what takes a minute begins, so that nobody waits for it at
    the end; then what waits for phones among what computes, which keeps the processors busy.

    And never too busy: where many compute at once, the phones lose sound.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    # Beside each other: so few workers need to start a platform on the embedded database.
    items.sort(key=lambda one: "[sqlite" in one.name and one.path.parent.name in PHONE_ROOMS)
    long = [one for one in items if one.get_closest_marker("long")]
    rest = [one for one in items if not one.get_closest_marker("long")]
    waiting = [one for one in rest if one.path.parent.name in PHONE_ROOMS]
    computing = [one for one in rest if one.path.parent.name not in PHONE_ROOMS]
    items.clear()
    for worker in range(workers):
        mine = [_share(group, worker, workers) for group in (waiting, computing)]
        items += [*_share(long, worker, workers), *_mixed(*mine)]


def _share(items: list[pytest.Item], worker: int, workers: int) -> list[pytest.Item]:
    return items[len(items) * worker // workers : len(items) * (worker + 1) // workers]


def _mixed(waiting: list[pytest.Item], computing: list[pytest.Item]) -> list[pytest.Item]:
    """Evenly, but that what waits is through when four fifths of what computes are."""
    places = [(0.8 * n / len(waiting), one) for n, one in enumerate(waiting)]
    places += [(n / len(computing), one) for n, one in enumerate(computing)]
    return [one for _, one in sorted(places, key=lambda place: place[0])]


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what the run has started."""
    if not hasattr(config, "workerinput"):
        stop_postgres(config.stash[RUN])
        shutil.rmtree(config.stash[RUN])


@pytest.fixture
def run_dir(pytestconfig: pytest.Config) -> Path:
    """The directory that all workers of this run share."""
    return pytestconfig.stash[RUN]


@pytest.fixture(scope="session")
def worker_postgres(pytestconfig: pytest.Config) -> Iterator[Database]:
    """This worker's PostgreSQL database: opened once, so that statements are compiled once."""
    with fresh_postgres(pytestconfig.stash[RUN]) as url, opened(url) as database:
        yield database


@pytest.fixture(scope="session")
def worker_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """This worker's SQLite database: opened once, so that statements are compiled once."""
    with opened(f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'parloir.db'}") as database:
        yield database


@pytest.fixture
def postgres_database(worker_postgres: Database) -> Iterator[Database]:
    """A migrated PostgreSQL database without a row in it."""
    refresh_postgres(worker_postgres)
    yield worker_postgres
    worker_postgres.engine.dispose()


@pytest.fixture
def sqlite_database(worker_sqlite: Database, run_dir: Path) -> Iterator[Database]:
    """A migrated SQLite database without a row in it."""
    refresh_sqlite(run_dir, worker_sqlite)
    yield worker_sqlite
    worker_sqlite.engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """A migrated database without a row in it: the test runs once on each kind."""
    name = "sqlite_database" if request.param == "sqlite" else "postgres_database"
    found: Database = request.getfixturevalue(name)
    return found


@pytest.fixture
def database_url(database: Database) -> str:
    """The address of the database that the test runs on."""
    return address(database)


@pytest.fixture
def postgres_url(postgres_database: Database) -> str:
    """The address of a migrated PostgreSQL database without a row in it."""
    return address(postgres_database)


@pytest.fixture
def sqlite_url(sqlite_database: Database) -> str:
    """The address of a migrated SQLite database without a row in it."""
    return address(sqlite_database)


@pytest.fixture(scope="session")
def worker_redis(pytestconfig: pytest.Config) -> Iterator[RedisServer]:
    """This worker's own Redis."""
    server = RedisServer.start(Path(tempfile.mkdtemp(prefix="redis-", dir=pytestconfig.stash[RUN])))
    yield server
    server.stop()


@pytest.fixture
def redis_server(worker_redis: RedisServer) -> RedisServer:
    """A running Redis without a key in it; a test may stop or kill it."""
    worker_redis.stop()
    return RedisServer.start(worker_redis.directory)
