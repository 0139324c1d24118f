"""What the policy, a list and a person's own standing do to a call that lives."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text

from blocklists import bulk_orders
from blocklists.bulk_files import compile_list
from blocklists.lists import BlockCause
from blocklists.orders import Order as Wish
from blocklists.orders import Scope
from blocklists.policy.controls import lift, set_control
from blocklists.policy.kinds import Kind
from blocklists.policy.rules import Layer
from blocklists.privilege.registry import mark_privileged
from calls import answering, orders, outcomes, oversight
from calls.ending import CALLED, Ending, end
from calls.orders import OrderKind
from calls.states import Cause
from cdr import invariants, recordings
from store.database import Database
from store.tables import units
from tests.builders import (
    FACILITY,
    MORNING,
    NO_ACCOUNT_NUMBER,
    NUMBER,
    OTHER_PERSON,
    PERSON,
    PHONE,
    accept,
    accepted_call,
    answered_call,
    authorized_call,
    build_jail,
    call_row,
    cdr_of,
    seconds,
)

LATER = MORNING + seconds(30)
UNIT = "east"
SUBJECTS = {
    Layer.FACILITY: FACILITY,
    Layer.UNIT: UNIT,
    Layer.PHONE: PHONE,
    Layer.PERSON: PERSON,
    Layer.NUMBER: NUMBER,
}
each_layer = pytest.mark.parametrize("layer", Layer)


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database)
    with database.begin() as connection:
        connection.execute(units.insert(), {"id": UNIT, "facility_id": FACILITY, "name": "East"})
        connection.exec_driver_sql(f"UPDATE persons SET unit_id = '{UNIT}' WHERE id = '{PERSON}'")


def off(database: Database, kind: Kind, layer: Layer, subject: str | None = None) -> int:
    where = (layer, subject or SUBJECTS[layer], kind, "off")
    with database.begin() as connection:
        return set_control(connection, *where, "clerk", "why", MORNING)


def end_call(database: Database, call_id: str, talked: float = 30) -> None:
    ended = end(database, call_id, Ending(CALLED, MORNING + seconds(talked), joined_at=MORNING))
    assert ended


# Not recorded any more.


@pytest.fixture
def overdue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every recording should be sealed by now."""
    monkeypatch.setattr(recordings, "SEALED_WITHIN", timedelta(minutes=-1))


@each_layer
def test_record_off_stops_a_recording_and_keeps_what_there_is(
    database: Database, tmp_path: Path, overdue: None, layer: Layer
) -> None:
    call_id = accepted_call(database)
    assert oversight.look(database, MORNING) == []
    control = off(database, Kind.RECORD, layer)
    (order,) = oversight.look(database, LATER)
    assert (order.call_id, order.kind) == (call_id, OrderKind.STOP_RECORDING)
    assert order.cause == f"{layer}.record is off (control {control})"
    orders.done(database, order.id, LATER)
    assert oversight.look(database, LATER + timedelta(minutes=5)) == [], "it can't begin again"
    row = call_row(database, call_id)
    assert (row.privileged, row.recorded, row.outcome) == (False, True, None)
    end_call(database, call_id)
    record = cdr_of(database, call_id)
    assert (record.privileged, record.recorded, record.cause) == (False, True, "called_hung_up")
    raw, shelf = tmp_path / "spool" / f"{call_id}.raw", tmp_path / "recordings"
    raw.parent.mkdir()
    raw.write_bytes(bytes(4 * 8000))
    sealed = recordings.seal(database, raw, shelf)
    assert sealed is not None
    assert sealed.length_ms == 1000
    with database.begin() as connection:
        assert recordings.incomplete(connection) == [], "the rest was ordered not to be there"
        assert [*invariants.no_privileged_audio(connection, raw.parent, shelf)] == []
        assert [row.cause for row in orders.orders(connection, call_id)] == [order.cause]


def test_a_recording_that_nobody_stopped_is_missed(database: Database, overdue: None) -> None:
    end_call(database, accepted_call(database))
    with database.begin() as connection:
        assert len(recordings.incomplete(connection)) == 1


def test_a_facility_that_turns_its_recording_off_stops_it(database: Database) -> None:
    accepted_call(database)
    with database.begin() as connection:
        connection.execute(text("UPDATE facilities SET records = false"))
    (order,) = oversight.look(database, LATER)
    assert (order.kind, order.cause) == (OrderKind.STOP_RECORDING, "facility.record is off")


@each_layer
def test_record_off_before_the_acceptance_is_told_and_never_recorded(
    database: Database, layer: Layer
) -> None:
    call_id = answered_call(database)
    off(database, Kind.RECORD, layer)
    assert oversight.look(database, LATER) == [], "nothing has begun"
    row = call_row(database, call_id)
    assert (row.privileged, row.recorded) == (False, False)
    told = answering.answered(database, call_id, "called", LATER, LATER)
    assert told is not None
    assert (told.recorded, told.privileged, told.caller_was_told_otherwise) == (False, False, True)
    joining = accept(database, call_id, LATER)
    assert joining is not None
    assert joining.recorded is False
    end_call(database, call_id, 60)
    record = cdr_of(database, call_id)
    assert (record.privileged, record.recorded) == (False, False)


def test_the_acceptance_itself_sees_that_it_is_not_recorded(database: Database) -> None:
    call_id = answered_call(database)
    off(database, Kind.RECORD, Layer.PHONE)
    assert accept(database, call_id, LATER) is None, "the called party was told otherwise"
    row = call_row(database, call_id)
    assert (row.recorded, row.accepted_at, row.outcome) == (False, None, None)
    assert accept(database, call_id, LATER) is not None


def test_a_number_that_becomes_privileged_after_all_is_so(database: Database) -> None:
    call_id = accepted_call(database)
    off(database, Kind.RECORD, Layer.UNIT)
    oversight.look(database, LATER)
    with database.begin() as connection:
        mark_privileged(connection, NUMBER, "bar")
    oversight.look(database, LATER)
    row = call_row(database, call_id)
    assert (row.privileged, row.recorded) == (True, False)


# No calls at all.


@each_layer
def test_calls_off_ends_a_talk(database: Database, layer: Layer) -> None:
    call_id = accepted_call(database)
    control = off(database, Kind.CALLS, layer)
    (order,) = oversight.look(database, LATER)
    assert (order.call_id, order.kind) == (call_id, OrderKind.CUT_OFF)
    assert order.cause == f"{layer}.calls is off (control {control})"
    end_call(database, call_id)
    record = cdr_of(database, call_id)
    assert (record.cause, record.credited_cents) == ("cut_off", 0)


@each_layer
def test_calls_off_stops_a_ring_and_an_acceptance(database: Database, layer: Layer) -> None:
    call_id = answered_call(database)
    off(database, Kind.CALLS, layer)
    assert accept(database, call_id, LATER) is None
    assert outcomes.outcome(database, call_id) is Cause.CUT_OFF
    assert answering.answered(database, call_id, "called", LATER, LATER) is None


def test_calls_off_ends_lawyers_talks_too(database: Database) -> None:
    with database.begin() as connection:
        mark_privileged(connection, NUMBER, "bar")
    accepted_call(database)
    off(database, Kind.CALLS, Layer.FACILITY)
    (order,) = oversight.look(database, LATER)
    assert order.kind is OrderKind.CUT_OFF


@pytest.mark.parametrize("kind", [Kind.CALLS, Kind.RECORD])
def test_what_is_off_for_others_or_was_lifted_changes_nothing(
    database: Database, kind: Kind
) -> None:
    accepted_call(database)
    off(database, kind, Layer.PERSON, OTHER_PERSON)
    off(database, kind, Layer.NUMBER, NO_ACCOUNT_NUMBER)
    control = off(database, kind, Layer.PHONE)
    with database.begin() as connection:
        lift(connection, control, "clerk", MORNING)
    assert oversight.look(database, LATER) == []


@pytest.mark.parametrize(
    ("kind", "written"),
    [(Kind.HOURS, "sun 03:00-03:01"), (Kind.CALLS_PER_DAY, 1), (Kind.PAN, "allow_list 5")],
)
def test_what_binds_the_next_call_ends_none(
    database: Database, kind: Kind, written: object
) -> None:
    accepted_call(database)
    with database.begin() as connection:
        set_control(connection, Layer.PERSON, PERSON, kind, written, "clerk", "why", MORNING)
    assert oversight.look(database, LATER) == []


# A list of millions.


def load(database: Database, folder: Path, cause: BlockCause, *numbers: str, **scope: str) -> Path:
    source = folder / "list.txt"
    source.write_text("\n".join(numbers))
    compiled = compile_list(source, folder / "lists")
    wish = Wish(cause, "clerk", "case 7", MORNING + timedelta(days=30), Scope(**scope))
    with database.begin() as connection:
        bulk_orders.register(connection, "list", compiled, wish, MORNING)
    return compiled.file


@pytest.mark.parametrize("cause", [BlockCause.COURT, BlockCause.SECURITY, BlockCause.FACILITY])
@pytest.mark.parametrize("scope", [{}, {"facility_id": FACILITY}])
def test_a_list_that_has_the_number_ends_a_talk(
    database: Database, tmp_path: Path, cause: BlockCause, scope: dict[str, str]
) -> None:
    call_id = accepted_call(database)
    load(database, tmp_path, cause, "2125550100", NUMBER.removeprefix("+1"), **scope)
    (order,) = oversight.look(database, LATER)
    assert (order.call_id, order.kind) == (call_id, OrderKind.CUT_OFF)
    assert order.cause == f"{NUMBER} was blocked: {cause}, by a list"


def test_a_list_stops_an_acceptance(database: Database, tmp_path: Path) -> None:
    call_id = answered_call(database)
    load(database, tmp_path, BlockCause.COURT, NUMBER.removeprefix("+1"))
    assert accept(database, call_id, LATER) is None
    assert outcomes.outcome(database, call_id) is Cause.CUT_OFF


@pytest.mark.parametrize(
    ("cause", "number"),
    [(BlockCause.PROVIDER, NUMBER.removeprefix("+1")), (BlockCause.COURT, "2125550100")],
)
def test_another_list_ends_none(
    database: Database, tmp_path: Path, cause: BlockCause, number: str
) -> None:
    accepted_call(database)
    load(database, tmp_path, cause, number)
    assert oversight.look(database, LATER) == []


def test_a_list_that_is_gone_ends_no_talk_and_keeps_no_order_from_others(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    call_id = accepted_call(database)
    load(database, tmp_path, BlockCause.COURT, NUMBER.removeprefix("+1")).unlink()
    assert oversight.look(database, LATER) == []
    assert f"call {call_id} isn't compared with the lists" in caplog.text
    off(database, Kind.CALLS, Layer.PHONE)
    (order,) = oversight.look(database, LATER)
    assert order.kind is OrderKind.CUT_OFF


# Who is apart, or punished, may talk to a lawyer.


def stands(database: Database, status: str) -> None:
    with database.begin() as connection:
        connection.execute(text("UPDATE facilities SET ends_live_calls = true"))
        connection.execute(text("UPDATE persons SET status = :status"), {"status": status})


@pytest.mark.parametrize(
    ("status", "privileged", "goes_on"),
    [
        *(("segregated", True, True), ("suspended", True, True)),
        *(("segregated", False, False), ("suspended", False, False)),
        *(("released", True, False), ("transferred", True, False)),
    ],
)
def test_whose_talk_goes_on(
    database: Database, status: str, privileged: bool, goes_on: bool
) -> None:
    if privileged:
        with database.begin() as connection:
            mark_privileged(connection, NUMBER, "bar")
    accepted_call(database)
    stands(database, status)
    found = oversight.look(database, LATER)
    assert [one.kind for one in found] == ([] if goes_on else [OrderKind.CUT_OFF])


def test_the_whole_jail_is_asked_in_one_query(database: Database, tmp_path: Path) -> None:
    load(database, tmp_path, BlockCause.COURT, "2125550100")
    off(database, Kind.RECORD, Layer.NUMBER, NO_ACCOUNT_NUMBER)
    for place in range(3):
        authorized_call(database, MORNING + seconds(place))
    asked: list[str] = []

    def note(*about: object) -> None:
        asked.append(str(about[2]))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert oversight.look(database, LATER) == []
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len(asked) == 2, "what binds the calls that live, and what is to be done"
