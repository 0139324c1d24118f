"""What is set for a facility is kept: who, when, what it was before, and why."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy.exc import DatabaseError

from custody import facilities
from custody.facilities import add_facility, find_facility, must_be_facility, set_facility
from custody.places import PlaceError
from parloir.sample import FACILITY as ANOTHER
from store.database import Database
from store.tables import facility_orders
from tests.builders import FACILITY, at_once, build_jail


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database)


def kept(database: Database) -> list[tuple[str, dict[str, list[object]], str, str]]:
    with database.begin() as connection:
        rows = facilities.orders(connection, FACILITY)
    return [(row.kind, row.changes, row.actor, row.note) for row in rows]


def test_a_change_is_kept_with_what_was_before(database: Database) -> None:
    set_facility(database, FACILITY, {"daily_minutes": 60, "caller_id": None}, "M. Okafor", "memo")
    set_facility(database, FACILITY, {"daily_minutes": 0, "exchange": "512555"}, "J. Lake", "")
    with database.begin() as connection:
        row = find_facility(connection, FACILITY)
    assert (row.daily_minutes, row.exchange) == (None, "512555")
    assert kept(database) == [
        ("add", {}, "test", ""),
        ("set", {"daily_minutes": [None, 60]}, "M. Okafor", "memo"),
        ("set", {"daily_minutes": [60, None], "exchange": ["", "512555"]}, "J. Lake", ""),
    ]


def test_what_was_so_already_is_no_change(database: Database) -> None:
    for _ in range(2):
        set_facility(database, FACILITY, {"ends_live_calls": True}, "M. Okafor", "")
    assert len(kept(database)) == 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "say what is to change"),
        ({"caller_id": None}, "say what is to change"),
        ({"caller_id": "12a"}, "a caller ID is 3 to 15 digits"),
        ({"exchange": "12"}, "six digits such as 512555"),
        ({"overlay_seconds": 3}, "every 10 seconds at most"),
        ({"overlay_seconds": -20}, "every 10 seconds at most"),
        ({"daily_minutes": -1}, "at least a minute"),
    ],
)
def test_what_cannot_be_is_not_kept(
    database: Database, given: dict[str, object], said: str
) -> None:
    with pytest.raises(PlaceError, match=said):
        set_facility(database, FACILITY, given, "M. Okafor", "")
    assert len(kept(database)) == 1


def test_a_note_has_an_end_and_a_facility_is_there(database: Database) -> None:
    for note in ("x" * 501, "two\nlines"):
        with pytest.raises(PlaceError, match="at most 500 characters on one line"):
            set_facility(database, FACILITY, {"exchange": ""}, "M. Okafor", note)
    with pytest.raises(PlaceError, match="there is no facility 'nowhere'"):
        set_facility(database, "nowhere", {"exchange": ""}, "M. Okafor", "")


def test_changes_at_once_follow_one_another(database: Database) -> None:
    at_once(
        4, lambda n: set_facility(database, FACILITY, {"daily_minutes": 10 + n}, f"desk {n}", "")
    )
    steps = [changes["daily_minutes"] for kind, changes, *_ in kept(database) if kind == "set"]
    assert {after for _, after in steps} == {10, 11, 12, 13}
    assert [before for before, _ in steps] == [None, *(after for _, after in steps[:-1])]


def test_an_order_cant_be_unwritten(database: Database) -> None:
    for statement in (facility_orders.delete(), facility_orders.update().values(note="nothing")):
        with pytest.raises(DatabaseError), database.begin() as connection:
            connection.execute(statement)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": " "}, "needs a name"),
        ({"name": "two\nlines"}, "needs a name"),
        ({"state": "Ohio"}, "two letters such as OH"),
        ({"adp": Decimal("NaN")}, "are numbers"),
        ({"adp": Decimal("Infinity")}, "are numbers"),
        ({"timezone": "../etc/passwd"}, "no zone such as"),
        ({"id": "a b"}, "letters, digits"),
        ({"id": FACILITY}, "exists already"),
    ],
)
def test_a_facility_that_cannot_be(database: Database, wrong: dict[str, object], said: str) -> None:
    with pytest.raises(PlaceError, match=said):
        add_facility(database, replace(ANOTHER, **{"id": "another", **wrong}), "test")  # type: ignore[arg-type]
    with database.begin() as connection, pytest.raises(PlaceError, match="no facility 'another'"):
        must_be_facility(connection, "another")
