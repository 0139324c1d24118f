"""The engine: PostgreSQL or the embedded SQLite, asked through one small object.

The rooms write plain synchronous SQL. On the line the very same code runs on an asynchronous
driver inside a greenlet (``sqlalchemy.util.greenlet_spawn``), so that waiting for the database
never stops another call.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from select import POLLIN, poll
from typing import Any, cast

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

SQLITE_WAIT_S = 15
Dispose = Callable[[], Awaitable[None]]


class Database:
    """Where the rooms read and write. ``begin`` is a transaction; ``once`` a single statement."""

    def __init__(self, engine: Engine, autocommit: Engine | None = None) -> None:
        self.engine = engine
        self._autocommit = autocommit or engine.execution_options(isolation_level="AUTOCOMMIT")

    def close(self) -> None:
        """Let go of every connection. For databases of :func:`open_database` only."""
        self.engine.dispose()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction: all of it or nothing."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def once(self) -> Iterator[Connection]:
        """For one statement that is whole by itself: saves the round trips of BEGIN and COMMIT."""
        with self._autocommit.connect() as connection:
            yield connection


def open_database(url: str) -> Database:
    """The database for a program that may block (the command line, the tests)."""
    engine = create_engine(url, connect_args=_connect_args(url))
    _prepare(engine)
    return Database(engine)


def open_for_loop(url: str, connections: int = 20) -> tuple[Database, Dispose]:
    """The same database for code inside ``greenlet_spawn``; the second closes its connections.

    Transactions and single statements have connections of their own, half each: switching one
    from this to that and back cost as much as the statement.
    """
    name = make_url(url)
    if name.get_backend_name() == "sqlite":
        name = name.set(drivername="sqlite+aiosqlite")
    options: dict[str, Any] = {
        "pool_size": connections // 2,
        "max_overflow": 0,
        # The few that are used most have their statements prepared and their caches warm.
        "pool_use_lifo": True,
        "connect_args": _connect_args(url),
    }
    engine = create_async_engine(name, **options)
    single = create_async_engine(
        name,
        isolation_level="AUTOCOMMIT",
        skip_autocommit_rollback=True,
        pool_reset_on_return=None,
        **options,
    )
    _prepare(engine.sync_engine)
    _set_up_connections(single.sync_engine)

    async def dispose() -> None:
        await engine.dispose()
        await single.dispose()

    return Database(engine.sync_engine, single.sync_engine), dispose


def migrate(url: str) -> None:
    """Bring the schema to the newest version."""
    if (path := make_url(url).database) and make_url(url).get_backend_name() == "sqlite":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    config = _migrations()
    with closing(open_database(url)) as database:
        config.attributes["database"] = database
        command.upgrade(config, "head")


def newest_schema() -> str:
    """The version that :func:`migrate` brings a schema to."""
    return str(ScriptDirectory.from_config(_migrations()).get_current_head())


def _migrations() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _connect_args(url: str) -> dict[str, Any]:
    if make_url(url).get_backend_name() == "sqlite":
        return {"timeout": SQLITE_WAIT_S}
    return {}


def _prepare(engine: Engine) -> None:
    _set_up_connections(engine)
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        # A transaction that reads first and writes later could otherwise find the lock taken
        # in between, which SQLite answers with an error instead of a wait.
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE")


def _set_up_connections(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        event.listen(engine, "checkout", _must_be_open)
        return

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()


def _must_be_open(_connection: object, record: ConnectionPoolEntry, _proxy: object) -> None:
    """A server that was restarted has said good-bye on every connection that lay idle: such a one
    isn't used. Seen on the socket, without asking the server."""
    idle = poll()
    idle.register(cast("Any", record.driver_connection).fileno(), POLLIN)
    if idle.poll(0):
        raise DisconnectionError("the server has ended an idle connection")
