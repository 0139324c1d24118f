"""Stages to replay calls on: most on SQLite, where a test says so on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from rating import deckstore
from rating.terms import FacilityTerms
from store.database import Database
from store.tables import facilities
from tests.builders import FACILITY, build_jail
from tests.replay.stage import Stage

FREE = """
name = "free"
[[rate]]
facility = "millbrook"
medium = "audio"
jurisdiction = "all"
effective_from = 2026-04-06
base = "0.00"
citation = "Contract 2"
"""


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    """The event loop that scripts wait on."""
    with asyncio.Runner() as one:
        yield one


@pytest.fixture
def stage(sqlite_database: Database, tmp_path: Path, runner: asyncio.Runner) -> Stage:
    """A jail on SQLite."""
    build_jail(sqlite_database, whole=False)
    return Stage(sqlite_database, tmp_path, runner)


@pytest.fixture
def any_stage(database: Database, tmp_path: Path, runner: asyncio.Runner) -> Stage:
    """A jail on SQLite, and the test again on PostgreSQL."""
    build_jail(database, whole=False)
    return Stage(database, tmp_path, runner)


@pytest.fixture
def free_stage(stage: Stage) -> Stage:
    """A facility whose calls cost nothing and aren't recorded."""
    with stage.database.begin() as connection:
        connection.execute(facilities.update().values(records=False))
    known = {FACILITY: FacilityTerms(FACILITY, "jail", Decimal(120), "America/New_York", "OH")}
    deckstore.load(stage.database, "free.toml", FREE, known, "test", stage.clock.now())
    return stage
