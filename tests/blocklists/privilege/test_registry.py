"""The registry: whom an entry binds, from when, until when, and what lifting it leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from blocklists.privilege import attorneys, covering, entries, registry
from blocklists.privilege.attorneys import Attorney
from blocklists.privilege.entries import Registered
from blocklists.privilege.registry import Entry, PrivilegeError
from store.database import Database
from store.tables import privileged_numbers
from store.types import AnyRow
from tests.builders import FACILITY, MORNING, NUMBER, OTHER_PERSON, PERSON, build_jail

DAY = timedelta(days=1)
LETTER = "letter of 2026-11-02, file 12"


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database)


def register(database: Database, at: datetime = MORNING, **about: Any) -> int:
    with database.begin() as connection:
        entry = Entry(**{"number": NUMBER, "proof": LETTER, **about})
        return registry.register(connection, entry, "bar desk", at)


def lift(database: Database, entry_id: int, at: datetime) -> AnyRow:
    with database.begin() as connection:
        return registry.lift(connection, entry_id, "bar desk", at)


def privileged(
    database: Database, at: datetime, facility: str = FACILITY, person: str = PERSON
) -> bool:
    with database.begin() as connection:
        asked = select(covering.is_privileged(NUMBER, facility, person, at))
        return bool(connection.execute(asked).scalar_one())


def was(database: Database, since: datetime, until: datetime) -> bool:
    with database.begin() as connection:
        asked = select(covering.was_privileged(NUMBER, FACILITY, PERSON, since, until))
        return bool(connection.execute(asked).scalar_one())


def test_an_entry_lasts_until_it_expires_or_is_lifted(database: Database) -> None:
    entry = register(database, expires_at=MORNING + DAY)
    assert privileged(database, MORNING)
    assert not privileged(database, MORNING + DAY)
    lasting = register(database, at=MORNING + 2 * DAY)
    assert privileged(database, MORNING + 400 * DAY)
    lifted = lift(database, lasting, MORNING + 3 * DAY)
    assert (lifted.lifted_by, lifted.lifted_at) == ("bar desk", MORNING + 3 * DAY)
    assert not privileged(database, MORNING + 3 * DAY)
    assert lift(database, lasting, MORNING + 9 * DAY).lifted_at == MORNING + 3 * DAY, "once"
    assert entry != lasting


def test_what_was_privileged_stays_so_when_the_entry_is_lifted(database: Database) -> None:
    entry = register(database, at=MORNING + DAY)
    lift(database, entry, MORNING + 2 * DAY)
    assert was(database, MORNING, MORNING + DAY), "it came into force at the very end"
    assert was(database, MORNING + 1.5 * DAY, MORNING + 1.6 * DAY)
    assert was(database, MORNING, MORNING + 9 * DAY)
    assert not was(database, MORNING, MORNING + 0.9 * DAY)
    assert not was(database, MORNING + 2 * DAY, MORNING + 3 * DAY)


def test_the_same_again_changes_nothing_and_a_longer_one_follows_without_a_gap(
    database: Database,
) -> None:
    first = register(database, expires_at=MORNING + DAY)
    assert register(database, at=MORNING, expires_at=MORNING + DAY) == first
    longer = register(database, at=MORNING + DAY / 2, expires_at=MORNING + 9 * DAY)
    assert longer != first
    with database.begin() as connection:
        rows = {row.id: row for row in entries.listed(connection, MORNING, past=True)}
    assert rows[first].lifted_at == rows[longer].at == MORNING + DAY / 2
    for hours in range(0, 9 * 24):
        assert privileged(database, MORNING + timedelta(hours=hours))


def test_every_spelling_is_one_number(database: Database) -> None:
    spellings = ("(212) 555-0101", "+1 212 555 0101", "1-212-555-0101", NUMBER)
    assert len({register(database, number=one) for one in spellings}) == 1


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"proof": " "}, "proof is missing"),
        ({"proof": "two\nlines"}, "on one line"),
        ({"note": "x" * 501}, "at most 500"),
        ({"expires_at": MORNING}, "is over"),
        ({"facility_id": "nowhere"}, "no facility 'nowhere'"),
        ({"person_id": "1"}, "no person '1'"),
        ({"attorney_id": "x"}, "no attorney 'x'"),
        ({"number": "911"}, "no number that can be called"),
    ],
)
def test_what_cannot_be_registered(database: Database, wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        register(database, **wrong)
    with database.begin() as connection:
        assert connection.execute(select(privileged_numbers)).all() == []


def test_no_such_entry(database: Database) -> None:
    with pytest.raises(PrivilegeError, match="no entry 7"):
        lift(database, 7, MORNING)


def test_what_the_owner_of_a_number_is_told(database: Database) -> None:
    def told(at: datetime = MORNING) -> Registered:
        with database.begin() as connection:
            return entries.registered(connection, NUMBER, at)

    assert told() is Registered.NOT
    entry = register(database, facility_id=FACILITY)
    register(database, person_id=PERSON, expires_at=MORNING + DAY)
    assert told() is Registered.PARTLY
    register(database, expires_at=MORNING + DAY)
    assert told() is Registered.EVERYWHERE
    assert told(MORNING + DAY) is Registered.PARTLY
    lift(database, entry, MORNING + DAY)
    assert told(MORNING + DAY) is Registered.NOT


def test_attorneys_are_kept_and_changed(database: Database) -> None:
    one = Attorney("okafor", "Ada Okafor", "Okafor LLP", "OH", "0099001", "ada@example.org", "es")
    with database.begin() as connection:
        assert attorneys.add(connection, one, "desk", MORNING)
        assert not attorneys.add(connection, one, "desk", MORNING)
        assert attorneys.add(connection, replace(one, office="Legal Aid"), "desk", MORNING)
        assert [row.office for row in attorneys.listed(connection)] == ["Legal Aid"]
        for wrong in ({"id": "a b"}, {"name": ""}, {"bar_state": "oh"}, {"bar_number": ""}):
            with pytest.raises(PrivilegeError):
                attorneys.add(connection, replace(one, **wrong), "desk", MORNING)
        for wrong in ({"email": "nobody"}, {"language": "xx"}, {"office": "a\nb"}):
            with pytest.raises(PrivilegeError):
                attorneys.add(connection, replace(one, **wrong), "desk", MORNING)


ENTRIES = st.lists(
    st.tuples(
        st.sampled_from([None, FACILITY]),
        st.sampled_from([None, PERSON, OTHER_PERSON]),
        st.integers(0, 20),
        st.none() | st.integers(1, 20),
        st.none() | st.integers(1, 20),
    ),
    max_size=5,
)


@settings(max_examples=25)
@given(entries=ENTRIES, day=st.integers(0, 45), person=st.sampled_from([PERSON, OTHER_PERSON]))
def test_one_entry_in_force_is_enough(
    database: Database, entries: list[Any], day: int, person: str
) -> None:
    """Against a naive reading of the same entries, day by day."""
    expected = False
    with database.begin() as connection:
        connection.execute(privileged_numbers.delete())
        for facility, whose, begins, lasts, lifted in entries:
            row = {"number": NUMBER, "facility_id": facility, "person_id": whose, "note": ""}
            row |= {"actor": "x", "at": MORNING + begins * DAY}
            row["expires_at"] = MORNING + (begins + lasts) * DAY if lasts else None
            row["lifted_at"] = MORNING + (begins + lifted) * DAY if lifted else None
            connection.execute(privileged_numbers.insert(), row)
            # Whatever isn't lifted and hasn't expired binds, even before it was meant to.
            ended = lifted is not None or (lasts is not None and begins + lasts <= day)
            expected |= whose in (None, person) and not ended
    assert privileged(database, MORNING + day * DAY, person=person) is expected
