"""The layers in a decision: every refusal with its reason, and no race around a counter."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from blocklists import lists, pan
from blocklists.lists import BlockCause
from blocklists.policy import controls
from blocklists.policy.kinds import Kind
from blocklists.policy.rules import Layer
from blocklists.privilege.registry import mark_privileged
from calls import answering, outcomes
from calls.decided import Decision
from calls.decision import authorize
from calls.ending import CALLER, Ending, end
from calls.reasons import PaidBy, Reason
from calls.states import Cause
from store.database import Database
from store.redis_server import RedisServer
from store.tables import blocked_numbers, calls, units
from tests.builders import (
    DIALLED,
    FACILITY,
    LONGEST_SECONDS,
    MORNING,
    NO_ACCOUNT_NUMBER,
    NUMBER,
    OTHER_PERSON,
    PERSON,
    PHONE,
    accept,
    accepted_call,
    answered_call,
    at_once,
    authorized_call,
    build_jail,
    call_row,
    identified_call,
    open_debit,
    seconds,
    talked,
)

UNIT = "east"
SUBJECTS = {
    Layer.FACILITY: FACILITY,
    Layer.UNIT: UNIT,
    Layer.PHONE: PHONE,
    Layer.PERSON: PERSON,
    Layer.NUMBER: "(212) 555-0101",
}
LATER = MORNING + timedelta(minutes=10)
MORNING_HOURS = "08:00-10:05"
"""Of the facility's zone, where MORNING is ten o'clock."""


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database, 100_000)
    with database.begin() as connection:
        connection.execute(units.insert(), {"id": UNIT, "facility_id": FACILITY, "name": "East"})
        for table in ("persons", "phones"):
            connection.exec_driver_sql(f"UPDATE {table} SET unit_id = '{UNIT}'")


def ask(
    database: Database,
    kind: Kind,
    written: object,
    layer: Layer = Layer.FACILITY,
    expires_at: datetime | None = None,
) -> int:
    """Set a control."""
    with database.begin() as connection:
        return controls.set_control(
            connection, layer, SUBJECTS[layer], kind, written, "kim", "test", MORNING, expires_at
        )


def decide(
    database: Database, at: datetime = MORNING, person: str = PERSON, dialled: str = DIALLED
) -> Decision:
    """The decision about a new call."""
    return authorize(database, identified_call(database, at, person), dialled, at)


REFUSALS = {
    (Kind.CALLS, "off"): Reason.CALLS_OFF,
    (Kind.HOURS, "11:00-12:00"): Reason.OUTSIDE_HOURS,
    (Kind.PAN, "allow_list 3"): Reason.NOT_ON_LIST,
    (Kind.PAN, "self_learning 0"): Reason.LIST_FULL,
    (Kind.PAUSE_SECONDS, 3600): Reason.TOO_SOON,
    (Kind.ATTEMPTS, "1 in 60"): Reason.BLOCKED_VELOCITY,
    (Kind.CALLS_PER_DAY, 1): Reason.TOO_MANY_CALLS,
    (Kind.CALLS_PER_WEEK, 1): Reason.TOO_MANY_CALLS,
    (Kind.CALLS_PER_MONTH, 1): Reason.TOO_MANY_CALLS,
    (Kind.MINUTES_PER_DAY, 1): Reason.NO_TIME_LEFT,
    (Kind.MINUTES_PER_WEEK, 1): Reason.NO_TIME_LEFT,
    (Kind.MINUTES_PER_MONTH, 1): Reason.NO_TIME_LEFT,
}


@pytest.mark.parametrize(("kind", "written"), REFUSALS)
def test_every_kind_refuses_at_every_layer(database: Database, kind: Kind, written: object) -> None:
    for number, layer in enumerate(Layer):
        refuses(database, layer, kind, written, MORNING + number * timedelta(minutes=11))


def refuses(database: Database, layer: Layer, kind: Kind, written: object, began: datetime) -> None:
    """After a talk of a minute the control refuses, and no longer when it is lifted."""
    talked(database, 60, began)
    at = began + timedelta(minutes=10)
    control_id = ask(database, kind, written, layer)
    refused = decide(database, at)
    assert refused.reason is REFUSALS[kind, written]
    assert f"{layer}.{kind}" in dict(refused.trail)
    with database.begin() as connection:
        controls.lift(connection, control_id, "kim", at)
        connection.execute(blocked_numbers.update().values(lifted_at=at))
    lives = identified_call(database, at)
    assert authorize(database, lives, DIALLED, at).reason is None
    assert end(database, lives, Ending(CALLER, at))


def test_one_live_call(database: Database) -> None:
    ask(database, Kind.ONE_LIVE_CALL, "on", Layer.PERSON)
    first, _ = authorized_call(database)
    assert decide(database).reason is Reason.ANOTHER_CALL
    assert decide(database, person=OTHER_PERSON).reason is None
    assert end(database, first, Ending(CALLER, MORNING))
    assert decide(database).reason is None


def test_refusals_of_called_parties(database: Database) -> None:
    ask(database, Kind.REFUSALS, "2 in 60")
    for _ in range(2):
        call_id = answered_call(database)
        outcomes.note_outcome(database, call_id, Cause.DECLINED)
        assert end(database, call_id, Ending(CALLER, MORNING))
    assert decide(database, LATER).reason is Reason.TOO_MANY_ATTEMPTS
    assert decide(database, MORNING + timedelta(minutes=61)).reason is None


def test_a_number_that_is_called_too_often_is_blocked_for_a_while(database: Database) -> None:
    ask(database, Kind.ATTEMPTS, "2 in 60", Layer.PERSON)
    for _ in range(2):
        assert end(database, authorized_call(database)[0], Ending(CALLER, MORNING))
    assert decide(database, LATER).reason is Reason.BLOCKED_VELOCITY
    assert decide(database, LATER, OTHER_PERSON).reason is None
    with database.begin() as connection:
        row = connection.execute(select(blocked_numbers)).one()
    assert (row.number, row.person_id, row.cause) == (NUMBER, PERSON, "velocity")
    assert row.expires_at == LATER + timedelta(minutes=60)
    assert "2 calls in 60 minutes" in row.note
    assert decide(database, LATER + seconds(1)).trail[-1] == ("blocked", "refused: velocity")
    assert decide(database, row.expires_at).reason is None


def test_who_lifts_such_a_block_has_lifted_it(database: Database) -> None:
    ask(database, Kind.ATTEMPTS, "1 in 60", Layer.PERSON)
    authorized_call(database)
    assert decide(database, LATER).reason is Reason.BLOCKED_VELOCITY
    with database.begin() as connection:
        lists.unblock(connection, NUMBER, BlockCause.VELOCITY, "kim", person_id=PERSON)
    assert decide(database, LATER + seconds(1)).reason is None
    assert decide(database, LATER + seconds(2)).reason is Reason.BLOCKED_VELOCITY


def test_the_strictest_layer_decides_the_longest_talk(database: Database) -> None:
    for layer, length in zip(Layer, (800, 700, 500, 600, 550), strict=True):
        ask(database, Kind.LONGEST_CALL_SECONDS, length, layer)
    decision = decide(database)
    assert decision.limit_seconds == 500
    assert ("time", "500 s, by phone.longest_call_seconds") in decision.trail


@pytest.mark.parametrize("layer", Layer)
def test_any_layer_forbids_the_recording(database: Database, layer: Layer) -> None:
    for one in Layer:
        ask(database, Kind.RECORD, "off" if one is layer else "on", one)
    assert decide(database).recorded is False


def test_lights_out_ends_the_talk(database: Database) -> None:
    ask(database, Kind.HOURS, MORNING_HOURS, Layer.UNIT)
    call_id = answered_call(database)
    assert call_row(database, call_id).limit_seconds == 300
    joined = accept(database, call_id, MORNING + seconds(60))
    assert joined is not None
    assert joined.limit_seconds == 240, "by the clock, however long it rang"


def test_who_accepts_after_lights_out_hears_that_the_time_is_over(database: Database) -> None:
    ask(database, Kind.HOURS, MORNING_HOURS, Layer.UNIT)
    call_id = answered_call(database)
    joined = accept(database, call_id, MORNING + seconds(301))
    assert joined is not None
    assert joined.limit_seconds == 1


def test_privileged_calls_are_counted_by_nothing_but_the_hours(database: Database) -> None:
    with database.begin() as connection:
        mark_privileged(connection, NUMBER, "bar", facility_id=FACILITY)
    limits = (Kind.CALLS_PER_DAY, Kind.MINUTES_PER_DAY, Kind.PAUSE_SECONDS)
    for kind, written in {
        **dict.fromkeys(limits, 1),
        Kind.ATTEMPTS: "1 in 60",
        Kind.ONE_LIVE_CALL: "on",
        Kind.PAN: "allow_list 1",
    }.items():
        ask(database, kind, written)
    accepted_call(database)
    decision = decide(database)
    assert (decision.reason, decision.limit_seconds) == (None, LONGEST_SECONDS)
    ask(database, Kind.HOURS, MORNING_HOURS)
    assert decide(database, LATER).reason is Reason.OUTSIDE_HOURS


def test_what_is_on_the_list_may_be_called(database: Database) -> None:
    ask(database, Kind.PAN, "self_learning 1")
    open_debit(database)
    talked(database, 60)
    with database.begin() as connection:
        found = pan.standing(connection, PERSON, FACILITY, NUMBER, MORNING)
    assert (found.allowed, found.entries) == (True, 1)
    assert decide(database).reason is None
    assert decide(database, dialled=NO_ACCOUNT_NUMBER).reason is Reason.LIST_FULL
    ask(database, Kind.PAN, "allow_list 1", Layer.UNIT)
    assert decide(database).reason is None
    assert decide(database, dialled=NO_ACCOUNT_NUMBER).reason is Reason.LIST_FULL


def test_a_call_that_nobody_took_teaches_nothing(database: Database) -> None:
    ask(database, Kind.PAN, "self_learning 1")
    assert end(database, answered_call(database), Ending(CALLER, MORNING))
    with database.begin() as connection:
        assert pan.standing(connection, PERSON, FACILITY, NUMBER, MORNING).entries == 0


def test_a_control_expires(database: Database) -> None:
    ask(database, Kind.CALLS, "off", expires_at=LATER)
    assert decide(database, LATER - seconds(1)).reason is Reason.CALLS_OFF
    assert decide(database, LATER).reason is None


@pytest.mark.parametrize(
    ("kind", "written", "most"),
    [
        (Kind.CALLS_PER_DAY, 3, 3),
        (Kind.CALLS_PER_MONTH, 3, 3),
        (Kind.ONE_LIVE_CALL, "on", 1),
        (Kind.PAUSE_SECONDS, 60, 1),
        (Kind.ATTEMPTS, "2 in 60", 2),
        (Kind.MINUTES_PER_DAY, 20, 2),
    ],
)
def test_no_race_exceeds_a_counter(
    database: Database, kind: Kind, written: object, most: int
) -> None:
    """Each call that may be is accepted at once: 15 minutes at most, of 20 in a day."""
    ask(database, kind, written, Layer.PERSON)
    call_ids = [identified_call(database) for _ in range(8)]

    def place(number: int) -> Decision:
        decision = authorize(database, call_ids[number], DIALLED, MORNING)
        if decision.reason is None:
            answering.answered(database, call_ids[number], f"leg-{number}", MORNING, MORNING)
            accept(database, call_ids[number], MORNING)
        return decision

    decided = at_once(8, place)
    assert [one.reason for one in decided].count(None) == most
    if kind is Kind.MINUTES_PER_DAY:
        assert sum(one.limit_seconds for one in decided) == 20 * 60


def test_calls_that_end_make_room_for_others_and_never_for_too_many(database: Database) -> None:
    ask(database, Kind.CALLS_PER_DAY, 2, Layer.PERSON)

    def try_often(number: int) -> None:
        for _ in range(4):
            call_id = identified_call(database)
            decision = authorize(database, call_id, DIALLED, MORNING)
            if decision.reason is None and number % 2:
                answering.answered(database, call_id, f"leg-{number}", MORNING, MORNING)
                accept(database, call_id, MORNING)
            end(database, call_id, Ending(CALLER, MORNING + seconds(5), joined_at=MORNING))

    at_once(4, try_often)
    with database.begin() as connection:
        rows = connection.execute(select(calls).where(calls.c.accepted_at.is_not(None))).all()
    assert len(rows) <= 2


def test_no_race_exceeds_a_counter_while_redis_dies(
    database: Database, redis_server: RedisServer
) -> None:
    """Alive, killed, started anew: nothing that counts is asked of it."""
    ask(database, Kind.CALLS_PER_DAY, 3, Layer.PERSON)
    call_ids = [identified_call(database) for _ in range(12)]

    def place(number: int) -> Decision | None:
        if number == 12:
            redis_server.stop()
            RedisServer.start(redis_server.directory)
            return None
        return authorize(database, call_ids[number], DIALLED, MORNING)

    decided = [one for one in at_once(13, place) if one]
    assert [one.reason for one in decided].count(None) == 3
    assert {one.reason for one in decided} == {None, Reason.TOO_MANY_CALLS}


@pytest.mark.parametrize("by", PaidBy)
def test_whoever_pays(database: Database, by: PaidBy) -> None:
    open_debit(database)
    ask(database, Kind.CALLS_PER_DAY, 0)
    call_id = identified_call(database)
    assert authorize(database, call_id, DIALLED, MORNING, by).reason is Reason.TOO_MANY_CALLS
