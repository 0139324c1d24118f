"""Blocked and privileged numbers: whom they bind, from when, until when, and the way out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from blocklists.lists import (
    BlockCause,
    NumberError,
    block,
    dialable,
    blocked_by,
    is_privileged,
    mark_privileged,
    unblock,
)
from store.database import Database
from store.tables import blocked_numbers
from store.types import now
from tests.builders import FACILITY, NO_ACCOUNT_NUMBER, NUMBER, OTHER_PERSON, PERSON, build_jail


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database)


def blocked(database: Database, number: str = NUMBER, facility: str = FACILITY) -> bool:
    with database.begin() as connection:
        return bool(
            connection.execute(select(blocked_by(number, facility, PERSON, now()))).scalar_one()
        )


def privileged(database: Database, facility: str = FACILITY, person: str = PERSON) -> bool:
    with database.begin() as connection:
        asked = select(is_privileged(NUMBER, facility, person))
        return bool(connection.execute(asked).scalar_one())


def test_nothing_blocked_by_at_first(database: Database) -> None:
    assert not blocked(database)


def test_a_facility_blocks_for_itself_only(database: Database) -> None:
    with database.begin() as connection:
        block(connection, NUMBER, BlockCause.FACILITY, "warden", facility_id=FACILITY)
    assert blocked(database)
    assert not blocked(database, facility="elsewhere")
    assert not blocked(database, NO_ACCOUNT_NUMBER)


@pytest.mark.parametrize("spelling", ["2125550101", "1 (212) 555-0101", "+1.212.555.0101"])
def test_a_global_block_holds_everywhere_however_it_is_written(
    database: Database, spelling: str
) -> None:
    with database.begin() as connection:
        block(connection, spelling, BlockCause.COURT, "clerk", note="order 17")
    assert blocked(database)
    assert blocked(database, facility="elsewhere")


@pytest.mark.parametrize(("left", "still"), [(timedelta(hours=1), True), (-timedelta(1), False)])
def test_a_block_expires(database: Database, left: timedelta, still: bool) -> None:
    with database.begin() as connection:
        block(connection, NUMBER, BlockCause.SECURITY, "warden", expires_at=now() + left)
    assert blocked(database) is still


def test_lifting_says_how_many_and_by_whom(database: Database) -> None:
    with database.begin() as connection:
        block(connection, NUMBER, BlockCause.FACILITY, "warden", facility_id=FACILITY)
        block(connection, NUMBER, BlockCause.PROVIDER, "clerk")
        assert unblock(connection, NUMBER, "judge", FACILITY) == 1
        assert unblock(connection, NUMBER, "judge", FACILITY) == 0
    assert blocked(database), "the global block stays"
    with database.begin() as connection:
        assert unblock(connection, NUMBER, "judge") == 1
        who = connection.execute(select(blocked_numbers.c.lifted_by)).scalars().all()
    assert who == ["judge", "judge"]
    assert not blocked(database)


@pytest.mark.parametrize(
    ("facility", "person", "bound"),
    [
        (None, None, {("here", "this"), ("here", "other"), ("there", "this")}),
        (FACILITY, None, {("here", "this"), ("here", "other")}),
        (None, PERSON, {("here", "this"), ("there", "this")}),
        (FACILITY, PERSON, {("here", "this")}),
    ],
)
def test_privilege_binds_whom_it_names(
    database: Database, facility: str | None, person: str | None, bound: set[tuple[str, str]]
) -> None:
    with database.begin() as connection:
        mark_privileged(connection, NUMBER, "bar", facility_id=facility, person_id=person)
    places, people = {"here": FACILITY, "there": "x"}, {"this": PERSON, "other": OTHER_PERSON}
    asked = [("here", "this"), ("here", "other"), ("there", "this")]
    found = {one for one in asked if privileged(database, places[one[0]], people[one[1]])}
    assert found == bound


@pytest.mark.parametrize("number", ["911", "", "not a number", "8005550100", "+44 20 7946 0000"])
def test_only_dialable_numbers_are_listed(database: Database, number: str) -> None:
    with database.begin() as connection:
        for put in (
            lambda: block(connection, number, BlockCause.COURT, "clerk"),
            lambda: unblock(connection, number, "clerk"),
            lambda: mark_privileged(connection, number, "clerk"),
        ):
            with pytest.raises(NumberError, match="no number that can be called"):
                put()


def test_dialable_reads_what_people_write() -> None:
    assert dialable("(212) 555-0101") == NUMBER
