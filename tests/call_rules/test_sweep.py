"""Calls that nobody ended, and the checks that would find what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Connection, text

from calls import invariants, talking
from calls.states import Cause
from calls.sweep import YOUNG, sweep
from store.database import Database
from store.tables import APPEND_ONLY
from tests.builders import (
    MORNING,
    accepted_call,
    answered_call,
    at_once,
    authorized_call,
    balance,
    build_jail,
    call_row,
    cdr_of,
    identified_call,
    seconds,
    talked,
)

LATER = MORNING + timedelta(hours=1)


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database)


def nothing(_: str) -> int:
    return 0


def test_what_a_channel_carries_lives_on(database: Database) -> None:
    caller, called = answered_call(database), answered_call(database)
    live = {call_row(database, caller).caller_channel, call_row(database, called).called_channel}
    assert sweep(database, live, nothing, LATER) == []
    assert sorted(sweep(database, set(), nothing, LATER)) == sorted([caller, called])


def test_a_young_call_is_left_alone(database: Database) -> None:
    call_id = identified_call(database)
    assert sweep(database, set(), nothing, MORNING + YOUNG) == []
    assert sweep(database, set(), nothing, MORNING + YOUNG + seconds(1)) == [call_id]


@pytest.mark.parametrize("build", [identified_call, answered_call, accepted_call])
def test_without_proof_of_talk_nothing_is_charged(
    database: Database, build: Callable[[Database], str]
) -> None:
    call_id = build(database)
    sweep(database, set(), nothing, LATER)
    cdr = cdr_of(database, call_id)
    assert (cdr.cause, cdr.talk_ms, cdr.charged_cents) == (Cause.SYSTEM_FAILURE, 0, 0)
    assert balance(database).held_cents == 0
    assert call_row(database, call_id).ended_at == MORNING


def test_no_more_is_charged_than_the_recording_proves(database: Database) -> None:
    call_id = accepted_call(database)
    sweep(database, set(), {call_id: 61_500}.__getitem__, LATER)
    cdr = cdr_of(database, call_id)
    assert (cdr.talk_ms, cdr.billed_seconds, cdr.recorded) == (61_500, 61, True)
    # All but the first second, whose price is rounded down to nothing.
    assert cdr.credited_cents == cdr.charged_cents > 0
    assert balance(database).balance_cents == 2000


def test_what_the_monitor_has_seen_is_proven(database: Database) -> None:
    call_id = accepted_call(database)
    talking.seen(database, [call_id], MORNING + seconds(75))
    sweep(database, set(), nothing, LATER)
    cdr = cdr_of(database, call_id)
    assert (cdr.talk_ms, cdr.billed_seconds, cdr.cause) == (75_000, 75, Cause.SYSTEM_FAILURE)
    paid = cdr.charged_cents - cdr.credited_cents
    assert balance(database).balance_cents == 2000 - paid < 2000


def test_a_recording_proves_no_talk_that_nobody_accepted(database: Database) -> None:
    call_id = answered_call(database)
    sweep(database, set(), lambda _: 60_000, LATER)
    assert (cdr_of(database, call_id).talk_ms, balance(database).balance_cents) == (0, 2000)


def test_sweepers_at_once_end_each_call_once(database: Database) -> None:
    open_calls = {authorized_call(database)[0] for _ in range(3)}
    swept = at_once(4, lambda _: sweep(database, set(), nothing, LATER))
    assert sorted(one for some in swept for one in some) == sorted(open_calls)
    assert sweep(database, set(), nothing, LATER) == []


def test_a_call_that_can_not_be_ended_keeps_no_other_open(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = accepted_call(database), accepted_call(database)
    assert sweep(database, set(), {sound: 1000}.__getitem__, LATER) == [sound]
    assert broken in caplog.text


def _unprotect(connection: Connection) -> None:
    for table in (one.name for one in APPEND_ONLY):
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"DROP TRIGGER {table}_append_only ON {table}"))
        else:
            connection.execute(text(f"DROP TRIGGER {table}_no_update"))
            connection.execute(text(f"DROP TRIGGER {table}_no_delete"))


PLANTED = [
    ("one_cdr_a_call", "DELETE FROM cdrs", "ended without a CDR"),
    ("one_cdr_a_call", "UPDATE calls SET ended_at = NULL", "lives with a CDR"),
    ("one_cdr_a_call", "UPDATE holds SET closed_at = NULL", "still holds money"),
    ("no_charge_without_acceptance", "UPDATE calls SET accepted_at = NULL", "nobody accepted"),
    ("no_charge_without_acceptance", "UPDATE entries SET call_id = 'no such'", "nobody accepted"),
    ("no_charge_without_acceptance", "UPDATE postings SET cents = cents * 2", "posted are"),
    (
        "states_in_order",
        """UPDATE cdrs SET states = '{"offhook": "a", "talking": "b"}'""",
        "from offhook to talking",
    ),
    ("ended_as_its_state_may", "UPDATE cdrs SET cause = 'busy'", "was talking"),
    ("one_off_hook_one_person", "UPDATE calls SET follows = id, ended_at = NULL", "can't follow"),
    ("credits_as_granted", "UPDATE entries SET kind = 'credit'", "due are 0, credited -"),
    (
        "debit_pays_for_its_owner",
        "UPDATE cdrs SET product = 'inmate_debit'",
        "of somebody else was paid",
    ),
    ("charge_as_quoted", "UPDATE cdrs SET charged_cents = 1", "not what was quoted"),
    ("charge_as_quoted", "UPDATE cdrs SET talk_ms = 59000", "s billed of"),
    ("charge_as_quoted", "UPDATE cdrs SET lines = '[[\"base\", 99]]'", "above the cap"),
]


@pytest.mark.parametrize(("check", "fault", "finding"), PLANTED)
def test_each_check_finds_its_fault(
    database: Database, check: str, fault: str, finding: str
) -> None:
    talked(database, 60)
    with database.begin() as connection:
        assert [*getattr(invariants, check)(connection)] == []
        _unprotect(connection)
        connection.execute(text(fault))
        assert any(finding in found for found in getattr(invariants, check)(connection))
        connection.rollback()
