"""Stages to replay calls on: most on SQLite, where a test says so on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.database import Database
from tests.builders import build_jail
from tests.replay.stage import Stage


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    """The event loop that scripts wait on."""
    with asyncio.Runner() as one:
        yield one


@pytest.fixture
def stage(sqlite_database: Database, tmp_path: Path, runner: asyncio.Runner) -> Stage:
    """A jail on SQLite."""
    build_jail(sqlite_database)
    return Stage(sqlite_database, tmp_path, runner)


@pytest.fixture
def any_stage(database: Database, tmp_path: Path, runner: asyncio.Runner) -> Stage:
    """A jail on SQLite, and the test again on PostgreSQL."""
    build_jail(database)
    return Stage(database, tmp_path, runner)
