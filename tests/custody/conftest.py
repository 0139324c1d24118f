"""What the tests of custody may ask for."""

from __future__ import annotations

import pytest

from custody.units import add_unit
from store.database import Database
from store.tables import facilities
from store.types import now
from tests.builders import FACILITY, build_jail


@pytest.fixture
def jail(database: Database) -> Database:
    """Millbrook with two units, and Riverside with one."""
    build_jail(database)
    with database.begin() as connection:
        millbrook = connection.execute(facilities.select()).one()._mapping
        connection.execute(facilities.insert(), {**millbrook, "id": "riverside"})
        for unit, facility in (("a", FACILITY), ("b", FACILITY), ("r", "riverside")):
            add_unit(connection, unit, facility, f"Unit {unit}", "test", now())
    return database
