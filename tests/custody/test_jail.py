"""What a jail's own system tells: in any order, as often as it likes, and never half."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calls.decision import authorize
from calls.people import identify
from calls.reasons import Reason
from custody import standing as by_staff
from custody.invariants import stands_as_told
from custody.jail.events import STAFF, Event, Kind
from custody.jail.faults import JailRefused
from custody.jail.kept import of_person
from custody.jail.reading import Batch, read_csv, read_json, read_objects
from custody.jail.standing import standing
from custody.jail.taking import Report, take
from custody.people import give_first_pins
from custody.places import PlaceError
from custody.status import Status
from custody.units import add_unit
from store.database import Database
from store.tables import facilities, jail_events, persons
from tests.builders import DIALLED, FACILITY, KEY, OTHER_PERSON, PERSON, at_once, build_jail
from tests.builders import identified_call as identified

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=1)
NEW = "200001"


@pytest.fixture
def jail(database: Database) -> Database:
    """Millbrook with two units, and Riverside with one."""
    build_jail(database)
    with database.begin() as connection:
        millbrook = connection.execute(facilities.select()).one()._mapping
        connection.execute(facilities.insert(), {**millbrook, "id": "riverside"})
        for unit, facility in (("a", FACILITY), ("b", FACILITY), ("r", "riverside")):
            add_unit(connection, unit, facility, f"Unit {unit}")
    return database


def event(
    number: int, kind: str, minute: int = 0, person: str = NEW, **more: Any
) -> dict[str, Any]:
    """An event of the jail's system, as it comes."""
    if kind == "booked":
        more = {"facility": FACILITY, "unit": "a", "name": "Kim Novak", **more}
    at = (NOON + timedelta(minutes=minute)).isoformat()
    return {"event_id": f"e{number}", "kind": kind, "person": person, "at": at, **more}


def tell(
    database: Database, *events: dict[str, Any], source: str = "jms", only: str | None = None
) -> Report:
    """Tell them all at once."""
    with database.begin() as connection:
        return take(connection, read_objects(events, source, LATER), "an import", LATER, only)


def stands(database: Database, person: str = NEW) -> tuple[str, str | None, str] | None:
    """Facility, unit and status."""
    with database.begin() as connection:
        row = connection.execute(persons.select().where(persons.c.id == person)).one_or_none()
    return (row.facility_id, row.unit_id, row.status) if row else None


def outcomes(report: Report) -> list[str]:
    """What became of each."""
    return [one.outcome.value for one in report.taken]


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


def test_rubbish_is_told_with_all_its_lines_and_nothing_is_taken(jail: Database) -> None:
    good = event(1, "booked")
    bad = [
        event(2, "booked", unit="r"),
        event(3, "moved", unit="nowhere"),
        event(4, "booked", facility="nowhere", unit=None),
        {**good, "name": "Another Name"},
        event(5, "escaped"),
    ]
    with pytest.raises(JailRefused) as refused:
        tell(jail, good, *bad)
    assert [line for line, _ in refused.value.faults] == [2, 3, 4, 5, 6]
    assert "event 3: there is no unit 'nowhere': 'parloir unit add' makes one" in str(refused.value)
    with jail.begin() as connection:
        assert connection.execute(jail_events.select()).all() == []
    assert stands(jail) is None


BAD_FIELDS = [
    ({"event_id": ""}, "event_id"),
    ({"event_id": "a b"}, "event_id"),
    ({"event_id": ["x"]}, "event_id is no text"),
    ({"kind": "escaped"}, "no kind of event"),
    ({"person": "9"}, "not 9 alone"),
    ({"person": "abc"}, "up to 12 digits"),
    ({"person": True}, "person is no text"),
    ({"at": "yesterday"}, "no moment such as"),
    ({"at": "2026-11-02T12:00:00"}, "offset from UTC"),
    ({"at": "2036-11-02T12:00:00Z"}, "in the future"),
    ({"at": "0001-01-01T00:00:00+14:00"}, "in the future or before"),
    ({"name": None}, "booked needs facility and name"),
    ({"facility": ""}, "booked needs facility and name"),
    ({"name": "Kim\x00"}, "can't be printed"),
    ({"name": "\ud800"}, "can't be printed"),
    ({"name": "K" * 81}, "more than 80"),
    ({"kind": "released"}, "released takes no facility"),
    ({"kind": "moved"}, "moved takes no name"),
    ({"kind": "moved", "name": None, "facility": None, "unit": None}, "moved needs"),
    ({"colour": "red"}, "unknown field colour"),
]


@pytest.mark.parametrize(("change", "why"), BAD_FIELDS)
def test_what_is_no_event(change: dict[str, object], why: str) -> None:
    batch = read_objects([{**event(1, "booked"), **change}], "jms", LATER)
    ((number, told),) = batch.faults
    assert (number, why in told) == (1, True), told


HEAD = "event_id,kind,person,at,facility,unit,name,note\n"


def test_a_table_is_read() -> None:
    table = HEAD + 'e1,booked,0042,2026-11-02T07:00:00-05:00,millbrook,a,"Novak, Kim",\n\n'
    batch = read_csv(table + "e2,released,0042,2026-11-02T13:00:00Z,,,,bail\n", "jms", LATER)
    booked = Event(
        "jms", "e1", Kind.BOOKED, "0042", NOON, facility=FACILITY, unit="a", name="Novak, Kim"
    )
    released = Event("jms", "e2", Kind.RELEASED, "0042", NOON + timedelta(hours=1), note="bail")
    assert batch == Batch("jms", ((2, booked), (4, released)), "line")


def test_every_bad_line_of_a_table_is_told() -> None:
    table = HEAD + "e1,released,7,2026-11-02T07:00:00Z,,,,\ne2,x\n\ne3,released,7,soon,,,,\n"
    batch = read_csv(table + 'e4,"x"y,7\ne5,released,,,,,,\n', "jms", LATER)
    assert [line for line, _ in batch.faults] == [3, 5, 6, 7]


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("", "event_id, kind, person, at is missing"),
        ("event_id,kind,person\n", "at is missing"),
        ("event_id,kind,person,at,hight\n", "unknown column hight"),
        ("event_id,kind,person,at,at\n", "named twice"),
        ('"', "is missing"),
    ],
)
def test_a_table_without_its_columns(table: str, why: str) -> None:
    ((line, told),) = read_csv(table, "jms", LATER).faults
    assert (line, why in told) == (1, True), told


def test_json_is_read_either_way() -> None:
    events = [event(1, "booked"), {**event(2, "released"), "person": 200001}]
    plain = read_json(json.dumps(events), "jms", LATER)
    assert read_json(json.dumps({"events": events}), "jms", LATER) == plain
    assert [one.person_id for _, one in plain.events] == [NEW, NEW]
    for text in ("{", "3", '{"events": 3}', "[" * 100_000):
        with pytest.raises(PlaceError):
            read_json(text, "jms", LATER)
    assert read_json("[3]", "jms", LATER).faults == ((1, "this is no object"),)
    with pytest.raises(PlaceError, match="not 'staff'"):
        read_json("[]", STAFF, LATER)


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


KINDS = st.sampled_from(list(Kind))
PLACES = st.sampled_from([(FACILITY, "a"), (FACILITY, "b"), (FACILITY, None), ("riverside", "r")])


@st.composite
def lives(draw: st.DrawFn) -> list[Event]:
    """Events of one person out of three sources, many of them in the same moment."""
    kinds = draw(st.lists(KINDS, max_size=12))
    return [_drawn(draw, number, kind) for number, kind in enumerate(kinds)]


def _drawn(draw: st.DrawFn, number: int, kind: Kind) -> Event:
    source = draw(st.sampled_from(["jms", "other", STAFF]))
    at = NOON + timedelta(minutes=draw(st.integers(0, 5)))
    within = draw(st.sampled_from([None, None, FACILITY]))
    one = Event(source, f"e{number}", kind, NEW, at, within=within)
    if kind in (Kind.BOOKED, Kind.MOVED):
        facility, unit = draw(PLACES)
        name = "Kim Novak" if kind is Kind.BOOKED else None
        one = replace(one, facility=facility, unit=unit, name=name)
    return one


@given(life=lives(), data=st.data())
def test_any_order_leads_to_the_same_standing(life: list[Event], data: st.DataObject) -> None:
    assert standing(data.draw(st.permutations(life))) == standing(life)


@given(life=lives(), kind=st.sampled_from([Kind.SUSPENDED, Kind.SEGREGATED, Kind.RELEASED]))
def test_who_is_held_back_now_cannot_call(life: list[Event], kind: Kind) -> None:
    last = Event("jms", "last", kind, NEW, NOON + timedelta(hours=1))
    after = standing([*life, last])
    assert after is None or after.status is not Status.IN_CUSTODY


@settings(max_examples=15)
@given(life=lives(), data=st.data())
def test_nothing_is_lost_and_nothing_doubled(
    sqlite_database: Database, life: list[Event], data: st.DataObject
) -> None:
    _arrives_anyhow(sqlite_database, life, data)


@settings(max_examples=10)
@given(life=lives(), data=st.data())
def test_nothing_is_lost_and_nothing_doubled_on_postgresql(
    postgres_database: Database, life: list[Event], data: st.DataObject
) -> None:
    _arrives_anyhow(postgres_database, life, data)


def _arrives_anyhow(database: Database, life: list[Event], data: st.DataObject) -> None:
    """In any order, in any batches, some twice: the same rows and the same standing."""
    life = [replace(one, within=None) for one in life]
    sent = data.draw(st.permutations([*life, *life]))
    size = data.draw(st.integers(1, 6))
    with database.begin() as connection:
        outer = connection.begin_nested()
        _places(connection)
        for start in range(0, len(sent), size):
            _send(connection, sent[start : start + size])
        kept = connection.execute(jail_events.select()).all()
        row = connection.execute(persons.select()).one_or_none()
        outer.rollback()
    expected = standing(life)
    assert sorted(one.event_id for one in kept) == sorted(one.event_id for one in life)
    assert (row is None) is (expected is None)
    if row is not None and expected is not None:
        found = (row.facility_id, row.unit_id, row.status)
        assert found == (expected.facility_id, expected.unit_id, expected.status)


def _places(connection: Any) -> None:
    row = {"facility_type": "jail", "adp": 1, "state": "OH", "timezone": "UTC", "records": True}
    row |= {"longest_call_seconds": 900, "name": "A Jail"}
    for facility in (FACILITY, "riverside"):
        connection.execute(facilities.insert(), {**row, "id": facility})
    for unit, facility in (("a", FACILITY), ("b", FACILITY), ("r", "riverside")):
        add_unit(connection, unit, facility, "A Unit")


def _send(connection: Any, events: Sequence[Event]) -> None:
    for source in sorted({one.source for one in events}):
        of_source = tuple((n, one) for n, one in enumerate(events) if one.source == source)
        take(connection, Batch(source, of_source, "event"), "test", LATER)
