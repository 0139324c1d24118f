"""The called party blocks the caller or the whole facility, and thinks again."""

from __future__ import annotations

import pytest

from calls.reasons import Reason
from calls.states import Cause
from store.tables import blocked_numbers, facilities
from tests.builders import NUMBER, OTHER_PERSON
from tests.replay.happening import Happening
from tests.replay.person import answering
from tests.replay.stage import MENU, STRAIGHT, Stage

OTHER = {**STRAIGHT, "enter-id": f"{OTHER_PERSON}#"}
CONFIRM = {"1": "called-block-person-confirm", "2": "called-block-facility-confirm"}


def blocks(scope: str, **more: str) -> dict[str, str]:
    """What a called party presses who blocks."""
    return {MENU: "7", "called-block": scope, CONFIRM[scope]: "1", **more}


@pytest.mark.parametrize(("scope", "others_too"), [("1", False), ("2", True)])
def test_who_is_blocked_calls_no_more(any_stage: Stage, scope: str, others_too: bool) -> None:
    call = any_stage.replay(called=answering(blocks(scope)))
    cdr = any_stage.ends_well(call)
    assert (cdr.cause, cdr.charged_cents) == (Cause.BLOCKED_BY_CALLED, 0)
    assert "called-blocked" in call.called.person.heard
    assert "called-block-help-facility" in call.called.person.heard
    assert "outcome-declined" in call.caller.person.heard
    again = any_stage.replay()
    assert any_stage.ends_well(again).refusal_code == Reason.BLOCKED_CALLED_PARTY.code
    assert "refused-blocked-called-party" in again.caller.person.heard
    other = any_stage.replay(answering(OTHER))
    assert (any_stage.ends_well(other).cause == Cause.REFUSED) is others_too
    assert any_stage.findings() == []


@pytest.mark.parametrize("scope", ["1", "2"])
def test_a_block_can_be_undone_at_once(any_stage: Stage, scope: str) -> None:
    call = any_stage.replay(called=answering(blocks(scope, **{"called-blocked": "1"})))
    any_stage.ends_well(call)
    assert "called-unblocked" in call.called.person.heard
    assert any_stage.ends_well(any_stage.replay()).charged_cents == 11


@pytest.mark.parametrize(
    "keys",
    [
        {MENU: "7 1", "called-block": "0"},
        {MENU: "7 1", "called-block": ""},
        {MENU: "7 1", "called-block": "5"},
        {MENU: "7 1", "called-block": "1", CONFIRM["1"]: "0"},
        {MENU: "7 1", "called-block": "2", CONFIRM["2"]: "w"},
    ],
)
def test_nothing_is_blocked_that_was_not_confirmed(stage: Stage, keys: dict[str, str]) -> None:
    call = stage.replay(called=answering(keys))
    assert stage.ends_well(call).charged_cents == 11
    with stage.database.begin() as connection:
        assert connection.execute(blocked_numbers.select()).all() == []


@pytest.mark.parametrize("sound", ["called-block", CONFIRM["1"], "called-blocked", "goodbye"])
def test_hanging_up_in_between_keeps_what_was_confirmed(stage: Stage, sound: str) -> None:
    call = stage.replay(called=answering({**blocks("1"), sound: "!"}))
    cdr = stage.ends_well(call)
    with stage.database.begin() as connection:
        blocked = connection.execute(blocked_numbers.select()).all()
    confirmed = sound in ("called-blocked", "goodbye")
    assert len(blocked) == confirmed
    assert cdr.cause == (Cause.BLOCKED_BY_CALLED if confirmed else Cause.CALLED_HUNG_UP)
    assert stage.findings() == []


def test_a_block_names_who_when_and_the_way_out(stage: Stage) -> None:
    call = stage.replay(called=answering(blocks("1")))
    with stage.database.begin() as connection:
        row = connection.execute(blocked_numbers.select()).one()
    assert (row.number, row.cause) == (NUMBER, "called_party")
    assert call.call_id in row.actor
    assert row.at is not None


# Calls that need no key, and machines.


def test_a_call_that_costs_nothing_and_is_not_recorded_needs_no_key(free_stage: Stage) -> None:
    call = free_stage.replay(called=answering({}))
    cdr = free_stage.ends_well(call)
    assert (cdr.cause, cdr.charged_cents, cdr.recorded) == (Cause.CALLED_HUNG_UP, 0, False)
    heard = call.called.person.heard
    assert "called-connected-now" in heard
    assert MENU not in heard


@pytest.mark.parametrize(
    ("keys", "cause"),
    [("3", Cause.DECLINED), ("!", Cause.CALLED_HUNG_UP), ("1", Cause.CALLED_HUNG_UP)],
)
def test_and_can_still_be_refused(free_stage: Stage, keys: str, cause: Cause) -> None:
    call = free_stage.replay(called=answering({"called-intro-1": keys}))
    assert free_stage.ends_well(call).cause == cause
    assert call.called.joined is (keys == "1")


def test_a_free_call_that_is_recorded_asks(free_stage: Stage) -> None:
    with free_stage.database.begin() as connection:
        connection.execute(facilities.update().values(records=True))
    call = free_stage.replay(called=answering({}))
    assert free_stage.ends_well(call).cause == Cause.NO_ACCEPTANCE


def test_voicemail_is_told_as_such_and_ends_sooner(stage: Stage) -> None:
    began = stage.clock.ms
    call = stage.replay(called=answering({}), happening=Happening(machine="MACHINE"))
    assert stage.ends_well(call).cause == Cause.VOICEMAIL
    assert "outcome-voicemail" in call.caller.person.heard
    human = stage.clock.ms
    stage.replay(called=answering({}), happening=Happening(machine="HUMAN"))
    assert stage.clock.ms - human > human - began


def test_a_machine_that_presses_a_key_is_none(stage: Stage) -> None:
    call = stage.replay(happening=Happening(machine="MACHINE"))
    assert stage.ends_well(call).charged_cents == 11


@pytest.mark.parametrize("place", [0, 1, 3])
def test_a_fax_is_told_as_such(stage: Stage, place: int) -> None:
    call = stage.replay(called=answering({}), happening=Happening(fax=place))
    assert stage.ends_well(call).cause == Cause.FAX
    assert "outcome-fax" in call.caller.person.heard
    assert stage.findings() == []
