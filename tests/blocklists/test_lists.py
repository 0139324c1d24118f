"""Blocked and privileged numbers: whom they bind, from when, until when, and the way out."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from blocklists.lists import (
    WAY_OUT,
    BlockCause,
    NumberError,
    block,
    block_once,
    blocked_by,
    blocks,
    dialable,
    unblock,
    unblock_own,
)
from blocklists.privilege.covering import is_privileged
from blocklists.privilege.registry import mark_privileged
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


def cause(database: Database, person: str = PERSON) -> str | None:
    with database.begin() as connection:
        return connection.execute(select(blocked_by(NUMBER, FACILITY, person, now()))).scalar_one()


def privileged(database: Database, facility: str = FACILITY, person: str = PERSON) -> bool:
    with database.begin() as connection:
        asked = select(is_privileged(NUMBER, facility, person, now()))
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


@pytest.mark.parametrize("facility", [None, FACILITY])
def test_a_block_for_one_person_binds_no_other(database: Database, facility: str | None) -> None:
    with database.begin() as connection:
        why = BlockCause.CALLED_PARTY
        block(connection, NUMBER, why, "sam", facility_id=facility, person_id=PERSON)
    assert cause(database) == BlockCause.CALLED_PARTY
    assert cause(database, OTHER_PERSON) is None
    assert blocked(database, facility="elsewhere") is (facility is None)


def test_the_strongest_block_in_force_is_told(database: Database) -> None:
    for weaker, stronger in pairwise(reversed(BlockCause)):
        with database.begin() as connection:
            block(connection, NUMBER, weaker, "clerk")
            block(connection, NUMBER, stronger, "clerk", facility_id=FACILITY)
        assert cause(database) == stronger
    with database.begin() as connection:
        unblock(connection, NUMBER, BlockCause.COURT, "judge", FACILITY)
    assert cause(database) == BlockCause.SECURITY, "the other causes stay"


def test_every_block_has_its_way_out() -> None:
    assert set(WAY_OUT) == set(BlockCause)


def test_lifting_needs_the_very_scope(database: Database) -> None:
    scopes = [(None, None), (FACILITY, None), (None, PERSON), (FACILITY, PERSON)]
    with database.begin() as connection:
        for facility, person in scopes:
            why = BlockCause.FACILITY
            block(connection, NUMBER, why, "warden", facility_id=facility, person_id=person)
        for facility, person in scopes:
            assert unblock(connection, NUMBER, BlockCause.COURT, "judge", facility, person) == 0
            assert unblock(connection, NUMBER, why, "judge", facility, person) == 1
        assert unblock(connection, NUMBER, why, "judge", FACILITY, PERSON) == 0


def test_blocks_in_force_are_listed(database: Database) -> None:
    moment = now()
    with database.begin() as connection:
        for number, until in (
            (NUMBER, None),
            (NO_ACCOUNT_NUMBER, moment + timedelta(1)),
            (NUMBER, moment),
        ):
            block(connection, number, BlockCause.COURT, "clerk", expires_at=until)
        assert [row.number for row in blocks(connection, None, moment)] == [
            NUMBER,
            NO_ACCOUNT_NUMBER,
        ]
        assert [row.number for row in blocks(connection, "(212) 555-0101", moment)] == [NUMBER]


def test_an_own_block_is_put_once_and_taken_back_alone(database: Database) -> None:
    with database.begin() as connection:
        for actor in ("one", "one", "other"):
            for person in (None, PERSON):
                block_once(
                    connection,
                    NUMBER,
                    BlockCause.CALLED_PARTY,
                    actor,
                    now(),
                    facility_id=FACILITY,
                    person_id=person,
                )
        unblock_own(connection, NUMBER, "one", now())
        left = blocks(connection, NUMBER, now())
    assert [(row.actor, row.person_id) for row in left] == [("other", None), ("other", PERSON)]


def test_lifting_says_how_many_and_by_whom(database: Database) -> None:
    with database.begin() as connection:
        block(connection, NUMBER, BlockCause.FACILITY, "warden", facility_id=FACILITY)
        block(connection, NUMBER, BlockCause.PROVIDER, "clerk")
        assert unblock(connection, NUMBER, BlockCause.FACILITY, "judge", FACILITY) == 1
        assert unblock(connection, NUMBER, BlockCause.FACILITY, "judge", FACILITY) == 0
    assert blocked(database), "the global block stays"
    with database.begin() as connection:
        assert unblock(connection, NUMBER, BlockCause.PROVIDER, "judge") == 1
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
            lambda: unblock(connection, number, BlockCause.COURT, "clerk"),
            lambda: mark_privileged(connection, number, "clerk"),
        ):
            with pytest.raises(NumberError, match="no number that can be called"):
                put()


def test_dialable_reads_what_people_write() -> None:
    assert dialable("(212) 555-0101") == NUMBER
