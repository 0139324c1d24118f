"""The decision: each reason with its trail, and what is written on the call."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import Engine, event

from blocklists.lists import BlockCause, block
from blocklists.privilege.registry import mark_privileged
from calls import answering
from calls.decision import authorize
from calls.reasons import Reason
from rating.engine import charge
from rating.terms import Quote
from store.database import Database
from tests.builders import (
    ACCOUNT,
    DIALLED,
    FACILITY,
    LONGEST_SECONDS,
    MORNING,
    NO_ACCOUNT_NUMBER,
    NUMBER,
    PERSON,
    authorized_call,
    balance,
    build_jail,
    call_row,
    identified_call,
    set_facility,
)
from tests.call_rules.deciding import change, decide


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database)


def test_a_call_that_may_be(database: Database) -> None:
    call_id, decision = authorized_call(database)
    assert decision.terms is not None
    assert (decision.number, decision.account_id, decision.reason) == (NUMBER, ACCOUNT, None)
    assert (decision.recorded, decision.privileged) == (True, False)
    assert decision.limit_seconds == LONGEST_SECONDS
    assert decision.held_cents == charge(decision.terms, LONGEST_SECONDS).total_cents
    assert balance(database).held_cents == decision.held_cents
    call = call_row(database, call_id)
    assert (call.number, call.dialled, call.authorized_at) == (NUMBER, DIALLED, MORNING)
    assert Quote.from_json(call.decision["terms"]) == decision.terms
    asked = ["never_dialled", "number", "privileged", "phone", "person", "facility", "blocked"]
    terms = ["facility.record", "facility.longest_call_seconds", "time", "rate"]
    assert [rule for rule, _ in decision.trail] == [*asked, *terms, "account", "money", "hold"]


REFUSALS = {
    "phone": (Reason.PHONE_OFF, "UPDATE phones SET active = false"),
    "person": (Reason.PERSON_NOT_ALLOWED, "UPDATE persons SET status = 'released'"),
    "account": (Reason.NO_ACCOUNT, "DELETE FROM account_numbers"),
    "money": (Reason.NOT_ENOUGH_MONEY, "UPDATE balances SET balance_cents = 0"),
    "facility": (
        Reason.PERSON_NOT_ALLOWED,
        "INSERT INTO facilities SELECT 'elm', name, facility_type, adp, state, timezone, "
        "longest_call_seconds, records, exchange, records_name, overlay_seconds, daily_minutes, "
        "holds_whole_call, caller_id, ends_live_calls FROM facilities; "
        "UPDATE persons SET facility_id = 'elm'",
    ),
}


@pytest.mark.parametrize("rule", REFUSALS)
def test_a_refusal_names_its_rule(database: Database, rule: str) -> None:
    reason, fault = REFUSALS[rule]
    for statement in fault.split("; "):
        change(database, statement)
    call_id = identified_call(database)
    decision = authorize(database, call_id, DIALLED, MORNING)
    assert decision.reason is reason
    assert decision.trail[-1] == (rule, "refused")
    assert decision.limit_seconds == decision.held_cents == balance(database).held_cents == 0
    call = call_row(database, call_id)
    assert (call.refused_at, call.authorized_at, call.account_id) == (MORNING, None, None)
    assert call.decision["reason"] == reason.name


def test_a_blocked_number_is_refused(database: Database) -> None:
    with database.begin() as connection:
        block(connection, NUMBER, BlockCause.COURT, "clerk", facility_id=FACILITY)
    decision = decide(database)
    assert (decision.reason, decision.trail[-1]) == (
        Reason.BLOCKED_COURT,
        ("blocked", "refused: court"),
    )


def test_a_block_that_has_expired_binds_nobody(database: Database) -> None:
    with database.begin() as connection:
        block(connection, NUMBER, BlockCause.COURT, "clerk", expires_at=MORNING)
    assert decide(database).reason is None


@pytest.mark.parametrize(
    ("dialled", "reason"),
    [
        ("911", Reason.EMERGENCY),
        ("411", Reason.SHORT_CODE),
        ("0", Reason.OPERATOR),
        ("1010321", Reason.CARRIER_ACCESS),
        ("8005550100", Reason.TOLL_FREE),
        ("9005550100", Reason.PREMIUM),
        ("2125551212", Reason.DIRECTORY),
        ("01144", Reason.INTERNATIONAL),
        ("7" * 10_000, Reason.INVALID),
    ],
)
def test_never_dialled_numbers_are_refused(
    database: Database, dialled: str, reason: Reason
) -> None:
    call_id = identified_call(database)
    decision = authorize(database, call_id, dialled, MORNING)
    assert (decision.reason, decision.number) == (reason, None)
    assert decision.trail == [("never_dialled", reason.name.lower())]
    assert call_row(database, call_id).dialled == dialled[:40]


def test_codes_are_staffs_to_look_up() -> None:
    codes = [reason.code for reason in Reason]
    assert len(set(codes)) == len(codes)
    assert all(100 <= code <= 999 for code in codes)


@pytest.mark.parametrize("scope", [{}, {"facility_id": FACILITY}, {"person_id": PERSON}])
def test_a_privileged_call_is_not_recorded(database: Database, scope: dict[str, str]) -> None:
    with database.begin() as connection:
        mark_privileged(connection, NUMBER, "bar", **scope)
    call_id, decision = authorized_call(database)
    assert (decision.privileged, decision.recorded) == (True, False)
    assert ("privileged", "yes: never recorded") in decision.trail
    call = call_row(database, call_id)
    assert (call.privileged, call.recorded) == (True, False)


def test_a_facility_that_does_not_record(database: Database) -> None:
    change(database, "UPDATE facilities SET records = false")
    assert decide(database).recorded is False


@pytest.mark.parametrize(("privileged", "every"), [(False, 120), (True, 0)])
def test_an_overlay_never_sounds_on_a_privileged_call(
    database: Database, privileged: bool, every: int
) -> None:
    set_facility(database, overlay_seconds=120)
    if privileged:
        with database.begin() as connection:
            mark_privileged(connection, NUMBER, "bar")
    call_id, decision = authorized_call(database)
    assert decision.overlay_seconds == every
    told = answering.answered(database, call_id, "called", MORNING, MORNING)
    assert told is not None
    assert told.overlay_seconds == every


@pytest.mark.parametrize("limit", [None, 60])
def test_the_facts_are_one_query(database: Database, limit: int | None) -> None:
    set_facility(database, daily_minutes=limit)
    call_id = identified_call(database)
    statements: list[str] = []

    def note(*facts: Any) -> None:
        statements.append(facts[2])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        authorize(database, call_id, DIALLED, MORNING)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    asked = [one for one in statements if one.startswith("SELECT")]
    # What counts is asked under the lock that the first has taken.
    assert len(asked) == 1 + (0 if limit is None else 1)


def test_a_decision_can_be_stored(database: Database) -> None:
    for dialled in (DIALLED, "911", NO_ACCOUNT_NUMBER):
        json.dumps(decide(database, dialled).as_json())
