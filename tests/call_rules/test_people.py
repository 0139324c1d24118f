"""Who is calling: right and wrong PINs, the lock-out and the way out of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from calls import life, people
from calls.people import PIN_LOCK, PIN_TRIES, Locked, Person, identify, pin_hash
from store.database import Database
from store.tables import persons
from tests.builders import (
    FACILITY,
    KEY,
    MORNING,
    OTHER_PERSON,
    PERSON,
    PHONE,
    PIN,
    at_once,
    build_jail,
    call_row,
    seconds,
)

SOON = timedelta(minutes=1)
LOCKED = Locked(MORNING + PIN_LOCK, "America/New_York")


@pytest.fixture
def call_id(database: Database) -> str:
    build_jail(database)
    found = life.open_call(database, PHONE, "caller-1", MORNING)
    assert found is not None
    return found


def fail(database: Database, call_id: str, times: int) -> list[Person | Locked | None]:
    tries = range(times)
    return [identify(database, KEY, call_id, PERSON, "0000", MORNING) for _ in tries]


def test_the_right_pin_is_noted_on_the_call(database: Database, call_id: str) -> None:
    found = identify(database, KEY, call_id, PERSON, PIN, MORNING + SOON)
    assert found == Person(PERSON, "Alex Rivera", FACILITY, "America/New_York", True)
    call = call_row(database, call_id)
    assert (call.person_id, call.identified_at) == (PERSON, MORNING + SOON)


def test_an_unknown_id_and_a_wrong_pin_are_answered_alike(database: Database, call_id: str) -> None:
    assert identify(database, KEY, call_id, PERSON, "0000", MORNING) is None
    assert identify(database, KEY, call_id, "999999", PIN, MORNING) is None
    assert call_row(database, call_id).person_id is None


@pytest.mark.parametrize(
    "pin", ["", "246", "24680", "*", "2468" * 2500, "\N{FULLWIDTH DIGIT TWO}468"]
)
def test_nothing_else_is_the_pin(database: Database, call_id: str, pin: str) -> None:
    assert identify(database, KEY, call_id, PERSON, pin, MORNING) is None


def test_a_pin_is_bound_to_its_person_and_its_key(database: Database, call_id: str) -> None:
    hashes = {pin_hash(KEY, PERSON, PIN), pin_hash(KEY, OTHER_PERSON, PIN), pin_hash(b"", "", PIN)}
    assert len(hashes) == 3
    assert identify(database, b"other", call_id, PERSON, PIN, MORNING) is None


def test_the_fifth_failure_locks_even_the_right_pin(database: Database, call_id: str) -> None:
    failures = fail(database, call_id, PIN_TRIES)
    assert failures == [None] * (PIN_TRIES - 1) + [LOCKED]
    assert identify(database, KEY, call_id, PERSON, PIN, MORNING) == LOCKED
    other = identify(database, KEY, call_id, OTHER_PERSON, PIN, MORNING)
    assert isinstance(other, Person), "others aren't locked out"


def test_the_lock_opens_by_itself(database: Database, call_id: str) -> None:
    fail(database, call_id, PIN_TRIES)
    almost = MORNING + PIN_LOCK - seconds(1)
    assert identify(database, KEY, call_id, PERSON, PIN, almost) == LOCKED
    later = identify(database, KEY, call_id, PERSON, PIN, MORNING + PIN_LOCK)
    assert isinstance(later, Person)


def test_a_lock_that_is_over_leaves_all_tries(database: Database, call_id: str) -> None:
    fail(database, call_id, PIN_TRIES)
    later = MORNING + PIN_LOCK
    tries = [identify(database, KEY, call_id, PERSON, "0", later) for _ in range(PIN_TRIES)]
    again = Locked(later + PIN_LOCK, "America/New_York")
    assert tries == [None] * (PIN_TRIES - 1) + [again]


def test_the_right_pin_forgives_failures(database: Database, call_id: str) -> None:
    for _ in range(2):
        assert set(fail(database, call_id, PIN_TRIES - 1)) == {None}
        found = identify(database, KEY, call_id, PERSON, PIN, MORNING)
        assert isinstance(found, Person)


def test_tries_at_once_are_all_counted(database: Database, call_id: str) -> None:
    at_once(PIN_TRIES, lambda _: fail(database, call_id, 1))
    assert identify(database, KEY, call_id, PERSON, PIN, MORNING) == LOCKED


def test_the_pin_itself_is_not_kept(database: Database, call_id: str) -> None:
    with database.begin() as connection:
        rows = connection.execute(persons.select()).all()
    assert all(PIN not in str(value) for row in rows for value in row)
    assert people.pin_hash(KEY, PERSON, PIN) in {row.pin_hash for row in rows}
