"""Where a jail's own system and staff say different things: each lifts its own."""

from __future__ import annotations

from datetime import datetime

import pytest

from custody import standing as by_staff
from custody.invariants import stands_as_told
from custody.jail.kept import of_person
from custody.places import PlaceError
from custody.status import Status
from store.database import Database
from store.tables import persons
from tests.builders import FACILITY
from tests.custody.jail import LATER, NEW, NOON, event, outcomes, stands, tell


def test_staff_and_the_jail_lift_their_own(jail: Database) -> None:
    tell(jail, event(1, "booked"))
    order(jail, Status.SUSPENDED)
    assert outcomes(tell(jail, event(2, "segregated", 1), event(3, "restored", 2))) == ["late"] * 2
    assert stands(jail) == (FACILITY, "a", "suspended")
    order(jail, Status.IN_CUSTODY)
    assert stands(jail) == (FACILITY, "a", "in_custody")
    order(jail, Status.RELEASED)
    with pytest.raises(PlaceError, match="is released: set in_custody first"):
        order(jail, Status.SUSPENDED)
    order(jail, Status.IN_CUSTODY)
    assert stands(jail) == (FACILITY, None, "in_custody")


def order(database: Database, status: Status, at: datetime = LATER) -> None:
    """Staff set a status."""
    with database.begin() as connection:
        by_staff.set_status(connection, NEW, status, "M. Okafor", "a reason", at)


def test_an_order_holds_though_the_jails_clock_is_ahead(jail: Database) -> None:
    tell(jail, event(1, "booked", 5))
    order(jail, Status.SUSPENDED, NOON)
    assert stands(jail) == (FACILITY, "a", "suspended")


def test_a_standing_that_nobody_told_is_found(jail: Database) -> None:
    tell(jail, event(1, "booked"), event(2, "suspended", 1), event(3, "released", person="300"))
    with jail.begin() as connection:
        assert list(stands_as_told(connection)) == []
        connection.execute(persons.update().where(persons.c.id == NEW).values(status="in_custody"))
        (found,) = stands_as_told(connection)
    assert found.startswith(f"person {NEW} is ('millbrook', 'a', 'in_custody'")


def test_staff_move_people(jail: Database) -> None:
    tell(jail, event(1, "booked"))
    with jail.begin() as connection:
        by_staff.move(connection, NEW, None, "r", "M. Okafor", "asked for", LATER)
        history = of_person(connection, NEW)
    assert stands(jail) == ("riverside", "r", "in_custody")
    assert [(row.kind, row.actor, row.outcome) for row in history] == [
        ("booked", "an import", "applied"),
        ("moved", "M. Okafor", "applied"),
    ]
    for note, unit, why in ((" ", "r", "say why"), ("x", "nowhere", "no unit 'nowhere'")):
        with pytest.raises(PlaceError, match=why), jail.begin() as connection:
            by_staff.move(connection, NEW, None, unit, "M. Okafor", note, LATER)
