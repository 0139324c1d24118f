"""Who is calling: right and wrong PINs, the lock-out and the way out of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from calls import opening
from calls.people import (
    PIN_LOCK,
    PIN_TRIES,
    Locked,
    Person,
    PinFault,
    PinKept,
    choose_pin,
    identify,
    keep_name,
)
from custody.orders import name_heard, new_first_pin, orders, reset_name, unlock
from custody.pins import pin_hash
from custody.places import PlaceError, add_person
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
    open_debit,
    seconds,
    set_facility,
)

NEWCOMER, FIRST_PIN, OWN_PIN = "7305152", "4711", "8642"
SOON = timedelta(minutes=1)
LOCKED = Locked(MORNING + PIN_LOCK, "America/New_York")


@pytest.fixture
def call_id(database: Database) -> str:
    build_jail(database)
    found = opening.open_call(database, PHONE, "caller-1", MORNING)
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


def test_tries_while_locked_do_not_count(database: Database, call_id: str) -> None:
    fail(database, call_id, PIN_TRIES)
    assert fail(database, call_id, PIN_TRIES) == [LOCKED] * PIN_TRIES
    later = MORNING + PIN_LOCK
    assert isinstance(identify(database, KEY, call_id, PERSON, PIN, later), Person)


def test_the_straight_way_costs_two_statements(database: Database, call_id: str) -> None:
    statements: list[str] = []

    def note(*facts: Any) -> None:
        statements.append(facts[2])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert isinstance(identify(database, KEY, call_id, PERSON, PIN, MORNING), Person)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len(statements) == 2


def test_who_has_an_own_account_is_known(database: Database, call_id: str) -> None:
    open_debit(database, 0)
    for person, own in ((PERSON, True), (OTHER_PERSON, False)):
        found = identify(database, KEY, call_id, person, PIN, MORNING)
        assert isinstance(found, Person)
        assert found.debit_account is own


def newcomer(database: Database, call_id: str) -> Person:
    """The person on the phone who has a PIN from staff."""
    add_person(database, KEY, NEWCOMER, FACILITY, "Robin Vale", FIRST_PIN, "desk", chosen=False)
    found = identify(database, KEY, call_id, NEWCOMER, FIRST_PIN, MORNING)
    assert isinstance(found, Person)
    assert found.must_choose_pin
    return found


def kinds(database: Database, person: str) -> list[str]:
    with database.begin() as connection:
        return [row.kind for row in orders(connection, person)]


def test_the_first_pin_is_exchanged_for_an_own_one(database: Database, call_id: str) -> None:
    newcomer(database, call_id)
    assert choose_pin(database, KEY, NEWCOMER, OWN_PIN, MORNING) is None
    assert choose_pin(database, KEY, NEWCOMER, OWN_PIN, MORNING) is None, "asked again"
    assert identify(database, KEY, call_id, NEWCOMER, FIRST_PIN, MORNING) is None
    found = identify(database, KEY, call_id, NEWCOMER, OWN_PIN, MORNING)
    assert isinstance(found, Person)
    assert not found.must_choose_pin
    assert kinds(database, NEWCOMER) == ["add", "chose_pin"]


@pytest.mark.parametrize(
    ("pin", "fault"),
    [
        *((pin, PinFault.LENGTH) for pin in ("", "135", "1357924", "13*7", "13 79")),
        ("\N{ARABIC-INDIC DIGIT ONE}357", PinFault.LENGTH),
        *((pin, PinFault.TOO_EASY) for pin in ("0000", "1234", "654321", "7890", "2109")),
        *((pin, PinFault.TOO_EASY) for pin in ("7305", "73051", "5152", FIRST_PIN)),
    ],
)
def test_what_others_would_try_first_is_no_pin(
    database: Database, call_id: str, pin: str, fault: PinFault
) -> None:
    newcomer(database, call_id)
    assert choose_pin(database, KEY, NEWCOMER, pin, MORNING) is fault
    found = identify(database, KEY, call_id, NEWCOMER, FIRST_PIN, MORNING)
    assert isinstance(found, Person)
    assert found.must_choose_pin


def test_two_who_know_the_first_pin_do_not_both_choose(database: Database, call_id: str) -> None:
    newcomer(database, call_id)

    def choose(number: int) -> str:
        try:
            assert choose_pin(database, KEY, NEWCOMER, f"86{number}1", MORNING) is None
        except PinKept:
            return ""
        return f"86{number}1"

    kept = [pin for pin in at_once(4, choose) if pin]
    assert len(kept) == 1
    assert isinstance(identify(database, KEY, call_id, NEWCOMER, kept[0], MORNING), Person)


def test_who_has_a_pin_does_not_choose_another(database: Database, call_id: str) -> None:
    with pytest.raises(PinKept):
        choose_pin(database, KEY, PERSON, OWN_PIN, MORNING)
    assert isinstance(identify(database, KEY, call_id, PERSON, PIN, MORNING), Person)


def test_a_name_is_kept_until_staff_reset_it(database: Database, call_id: str) -> None:
    set_facility(database, records_name=True)
    keep_name(database, PERSON, "alex-1", MORNING)
    found = identify(database, KEY, call_id, PERSON, PIN, MORNING)
    assert isinstance(found, Person)
    assert (found.records_name, found.name_clip) == (True, "alex-1")
    assert name_heard(database, PERSON, "sergeant", "complaint 4") == "alex-1"
    assert reset_name(database, PERSON, "sergeant", "a message") == "alex-1"
    assert reset_name(database, PERSON, "sergeant", "again") is None
    found = identify(database, KEY, call_id, PERSON, PIN, MORNING)
    assert isinstance(found, Person)
    assert found.name_clip is None
    assert kinds(database, PERSON) == [
        *("add", "kept_name", "name_heard", "reset_name", "reset_name")
    ]


def test_staff_unlock_at_once(database: Database, call_id: str) -> None:
    fail(database, call_id, PIN_TRIES)
    unlock(database, PERSON, "sergeant", "came to the desk")
    assert isinstance(identify(database, KEY, call_id, PERSON, PIN, MORNING), Person)
    with database.begin() as connection:
        added, order = orders(connection, PERSON)
    assert (added.kind, added.actor) == ("add", "desk")
    assert (order.kind, order.actor, order.note) == ("unlock", "sergeant", "came to the desk")


def test_staff_give_a_new_first_pin(database: Database, call_id: str) -> None:
    fail(database, call_id, PIN_TRIES)
    new_first_pin(database, KEY, PERSON, FIRST_PIN, "sergeant", "forgotten")
    assert identify(database, KEY, call_id, PERSON, PIN, MORNING) is None
    found = identify(database, KEY, call_id, PERSON, FIRST_PIN, MORNING)
    assert isinstance(found, Person)
    assert found.must_choose_pin


def test_nobody_is_ordered_about(database: Database, call_id: str) -> None:
    for order in (unlock, reset_name, name_heard):
        with pytest.raises(PlaceError, match="no person"):
            order(database, "404", "sergeant", "")
    with pytest.raises(PlaceError, match="4 to 6 digits"):
        new_first_pin(database, KEY, PERSON, "12", "sergeant", "")


def test_the_key_for_the_language_is_nobodys_id(database: Database, call_id: str) -> None:
    with pytest.raises(PlaceError, match="not 9 alone"):
        add_person(database, KEY, "9", FACILITY, "Robin Vale", PIN, "desk")
    add_person(database, KEY, "99", FACILITY, "Robin Vale", PIN, "desk")
    assert isinstance(identify(database, KEY, call_id, "99", PIN, MORNING), Person)


def test_the_pin_itself_is_not_kept(database: Database, call_id: str) -> None:
    with database.begin() as connection:
        rows = connection.execute(persons.select()).all()
    assert all(PIN not in str(value) for row in rows for value in row)
    assert pin_hash(KEY, PERSON, PIN) in {row.pin_hash for row in rows}
