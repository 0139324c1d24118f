"""What a jail's own system sends: tables and objects, read whole or told with all faults."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from custody.jail.events import STAFF, Event, Kind
from custody.jail.faults import JailRefused
from custody.jail.reading import Batch, read_csv, read_json, read_objects
from custody.places import PlaceError
from store.database import Database
from store.tables import jail_events
from tests.builders import FACILITY
from tests.custody.jail import LATER, NEW, NOON, event, stands, tell


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
