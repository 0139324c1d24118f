"""A stay as a jail's own system tells it, and what it means for the person's calls."""

from __future__ import annotations

from calls.decision import authorize
from calls.people import identify
from calls.reasons import Reason
from custody.people import give_first_pins
from store.database import Database
from store.tables import persons
from tests.builders import DIALLED, FACILITY, KEY, OTHER_PERSON, PERSON
from tests.builders import identified_call as identified
from tests.custody.jail import LATER, NEW, event, outcomes, stands, tell


def test_a_stay(jail: Database) -> None:
    steps = [
        (event(1, "booked"), (FACILITY, "a", "in_custody")),
        (event(2, "moved", 1, unit="b"), (FACILITY, "b", "in_custody")),
        (event(3, "segregated", 2), (FACILITY, "b", "segregated")),
        (event(4, "restored", 3), (FACILITY, "b", "in_custody")),
        (event(5, "suspended", 4), (FACILITY, "b", "suspended")),
        (event(6, "moved", 5, unit="r"), ("riverside", "r", "suspended")),
        (event(7, "released", 6), ("riverside", None, "released")),
        (event(8, "booked", 7), (FACILITY, "a", "in_custody")),
        (event(9, "transferred", 8), (FACILITY, None, "transferred")),
    ]
    for told, expected in steps:
        assert outcomes(tell(jail, told)) == ["applied"]
        assert stands(jail) == expected
    again = tell(jail, *(told for told, _ in steps))
    assert outcomes(again) == ["repeated"] * len(steps)
    assert stands(jail) == steps[-1][1]


def test_what_comes_late_counts_as_it_would_have_in_time(jail: Database) -> None:
    tell(jail, event(1, "booked"), event(2, "moved", 10, unit="b"))
    report = tell(jail, event(3, "suspended", 5), event(4, "moved", 6, unit="r"))
    assert outcomes(report) == ["late", "late"]
    assert [one.detail for one in report.taken] == [
        "status in_custody -> suspended; held back by nobody -> jms",
        "what happened since weighs more",
    ]
    assert stands(jail) == (FACILITY, "b", "suspended")


def test_a_release_that_comes_before_the_booking(jail: Database) -> None:
    assert outcomes(tell(jail, event(2, "released", 5))) == ["waiting"]
    assert stands(jail) is None
    assert outcomes(tell(jail, event(1, "booked"))) == ["late"]
    assert stands(jail) == (FACILITY, None, "released")


def test_release_counts_from_the_next_decision_on(jail: Database) -> None:
    call_id = identified(jail)
    tell(jail, event(1, "released", person=PERSON))
    assert authorize(jail, call_id, DIALLED, LATER).reason is Reason.PERSON_NOT_ALLOWED


def test_who_is_booked_elsewhere_calls_from_there_only(jail: Database) -> None:
    call_id = identified(jail)
    tell(jail, event(1, "booked", person=PERSON, facility="riverside", unit="r"))
    assert stands(jail, PERSON) == ("riverside", "r", "in_custody")
    assert authorize(jail, call_id, DIALLED, LATER).reason is Reason.PERSON_NOT_ALLOWED


def test_people_from_before_keep_their_standing(jail: Database) -> None:
    with jail.begin() as connection:
        change = persons.update().where(persons.c.id == PERSON)
        connection.execute(change.values(status="suspended", unit_id="b"))
    assert outcomes(tell(jail, event(1, "restored", person=PERSON))) == ["unchanged"]
    assert stands(jail, PERSON) == (FACILITY, "b", "suspended")
    assert stands(jail, OTHER_PERSON) == (FACILITY, None, "in_custody")


def test_who_was_booked_calls_with_a_first_pin(jail: Database) -> None:
    tell(jail, event(1, "booked"), event(2, "booked", person="200002"))
    tell(jail, event(3, "released", 1, person="200002"))
    call_id = identified(jail)
    for pin in ("", "0000"):
        assert identify(jail, KEY, call_id, NEW, pin, LATER) is None
    with jail.begin() as connection:
        pins = give_first_pins(connection, KEY, FACILITY, "M. Okafor", LATER)
        assert give_first_pins(connection, KEY, FACILITY, "M. Okafor", LATER) == {}
    assert pins.keys() == {NEW}
    found = identify(jail, KEY, call_id, NEW, pins[NEW], LATER)
    assert getattr(found, "must_choose_pin", False)
