"""Several that speak of the same people: a facility of its own only, and all at once."""

from __future__ import annotations

import pytest

from custody.jail.faults import JailRefused
from custody.jail.reading import read_objects
from custody.jail.taking import take
from store.database import Database
from tests.builders import FACILITY, OTHER_PERSON, at_once, build_jail
from tests.builders import identified_call as identified
from tests.custody.jail import LATER, event, outcomes, stands, tell


def test_a_facility_speaks_of_its_own_people_only(jail: Database) -> None:
    tell(jail, event(1, "booked", facility="riverside", unit="r"))
    strangers = [
        event(2, "released", 1),
        event(3, "booked", 2),
        event(4, "booked", person="300", facility="riverside", unit="r"),
        event(5, "moved", person="301", unit="r"),
    ]
    with pytest.raises(JailRefused) as refused:
        tell(jail, *strangers, only=FACILITY)
    assert len(refused.value.faults) == len(strangers)
    tell(jail, event(6, "released", 3))
    assert outcomes(tell(jail, event(7, "booked", 4), only=FACILITY)) == ["applied"]
    assert stands(jail) == (FACILITY, "a", "in_custody")


def test_a_facility_cannot_speak_of_anothers_people_beforehand(jail: Database) -> None:
    early = [event(1, "released", 5), event(2, "suspended", 6)]
    assert outcomes(tell(jail, *early, only=FACILITY)) == ["waiting"] * 2
    tell(jail, event(3, "booked", facility="riverside", unit="r"), source="other")
    assert stands(jail) == ("riverside", "r", "in_custody")
    tell(jail, event(4, "booked", person="300"), source="other")
    tell(jail, event(5, "released", 5, person="300"), only=FACILITY)
    assert stands(jail, "300") == (FACILITY, None, "released")


def test_two_imports_of_the_same_at_once(jail: Database) -> None:
    events = [event(1, "booked"), event(2, "moved", 1, unit="b")]
    reports = at_once(4, lambda _: tell(jail, *events))
    assert sorted(outcomes(report) for report in reports) == [
        ["applied"] * 2,
        *[["repeated"] * 2] * 3,
    ]
    assert stands(jail) == (FACILITY, "b", "in_custody")


def test_different_sources_at_once(jail: Database) -> None:
    tell(jail, event(1, "booked"))
    told = [event(2, "suspended", 1), event(3, "segregated", 2), event(4, "moved", 3, unit="b")]
    at_once(3, lambda n: tell(jail, told[n], source=f"jms{n}"))
    assert stands(jail) == (FACILITY, "b", "suspended")


def test_calls_do_not_wait_for_an_import(postgres_database: Database) -> None:
    build_jail(postgres_database)
    with postgres_database.begin() as connection:
        batch = read_objects([event(1, "booked", unit=None)], "jms", LATER)
        take(connection, batch, "an import", LATER)
        assert identified(postgres_database, person=OTHER_PERSON)
