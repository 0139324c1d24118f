"""Whatever the order, and however often: one standing, nothing lost, nothing doubled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from custody.jail.events import STAFF, Event, Kind
from custody.jail.reading import Batch
from custody.jail.standing import standing
from custody.jail.taking import take
from custody.status import Status
from custody.units import add_unit
from store.database import Database
from store.tables import facilities, jail_events, persons
from tests.builders import FACILITY
from tests.custody.jail import LATER, NEW, NOON

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
        add_unit(connection, unit, facility, "A Unit", "test", LATER)


def _send(connection: Any, events: Sequence[Event]) -> None:
    for source in sorted({one.source for one in events}):
        of_source = tuple((n, one) for n, one in enumerate(events) if one.source == source)
        take(connection, Batch(source, of_source, "event"), "test", LATER)
