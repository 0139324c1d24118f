"""Calls from off-hook to the CDR: the straight one, and every way that ends without a fault."""

from __future__ import annotations

import pytest
from sqlalchemy import Table

from agi.scripts.refusals import REFUSALS
from blocklists.lists import BlockCause, block
from blocklists.privilege.registry import mark_privileged
from calls.reasons import Reason
from calls.states import Cause
from store.tables import facilities, persons, phones
from tests.builders import NO_ACCOUNT_NUMBER, NUMBER, OTHER_PERSON, balance, open_account
from tests.replay.happening import Happening, Outcome
from tests.replay.person import answering, typing
from tests.replay.stage import MENU, STRAIGHT, Stage

SILENT = typing("")
REFUSED_NUMBERS = {
    "911": Reason.EMERGENCY,
    "411": Reason.SHORT_CODE,
    "988": Reason.SHORT_CODE,
    "*67": Reason.SHORT_CODE,
    "0": Reason.OPERATOR,
    "00": Reason.OPERATOR,
    "1010288": Reason.CARRIER_ACCESS,
    "8005550100": Reason.TOLL_FREE,
    "9005550100": Reason.PREMIUM,
    "2129765555": Reason.PREMIUM,
    "2125551212": Reason.DIRECTORY,
    "01133123456": Reason.INTERNATIONAL,
    "4165550100": Reason.INTERNATIONAL,
    "1": Reason.INVALID,
    "*82": Reason.SHORT_CODE,
    "2*1": Reason.INVALID,
    "21255501": Reason.INVALID,
    "9999999999999999999": Reason.INVALID,
    NO_ACCOUNT_NUMBER.removeprefix("+1"): Reason.NO_ACCOUNT,
}


def test_the_straight_call(any_stage: Stage) -> None:
    call = any_stage.replay()
    cdr = any_stage.ends_well(call)
    assert (cdr.cause, cdr.talk_ms, cdr.billed_seconds) == (Cause.CALLED_HUNG_UP, 61_500, 61)
    assert (cdr.charged_cents, balance(any_stage.database).balance_cents) == (11, 1989)
    assert cdr.recorded
    identified, asked = ["enter-id", "enter-pin"], ["enter-number", "confirm-number-1"]
    told = ["called-hung-up", "next-call", "goodbye"]
    assert call.caller.person.heard == [*identified, "calls-are-recorded", *asked, *told]
    assert call.called.person.heard[0] == "called-intro-1"
    assert all(call.finished.values())
    assert list(any_stage.settings.asterisk_dir.glob("spool/*/*")) == []
    assert any_stage.sweep() == []
    assert any_stage.findings() == []


@pytest.mark.parametrize("over_first", [True, False])
@pytest.mark.parametrize(
    ("ended_by", "talk_ms", "cause", "caller_hears", "called_hears"),
    [
        ("caller", 30_000, Cause.CALLER_HUNG_UP, None, "caller-left"),
        ("called", 30_000, Cause.CALLED_HUNG_UP, "called-hung-up", None),
        ("called", 3_000_000, Cause.LIMIT, "time-is-over", "time-is-over"),
        ("called", 1, Cause.CALLED_HUNG_UP, "called-hung-up", None),
        ("lost called", 90_000, Cause.MEDIA_LOST, "media-lost", None),
        ("lost caller", 90_000, Cause.MEDIA_LOST, None, "caller-left"),
    ],
)
def test_the_first_report_of_a_talk_is_right(
    stage: Stage,
    ended_by: str,
    talk_ms: int,
    cause: Cause,
    caller_hears: str | None,
    called_hears: str | None,
    over_first: bool,
) -> None:
    call = stage.replay(
        happening=Happening(talk_ms=talk_ms, ended_by=ended_by, over_first=over_first)
    )
    cdr = stage.ends_well(call)
    if (ended_by, over_first) == ("lost caller", True):
        # The called party's leg tells first, and knows only that the caller is gone.
        assert (cdr.cause, cdr.talk_ms) == (Cause.CALLER_HUNG_UP, talk_ms)
        return
    silent_ms = 35_000 if "lost" in ended_by else 0
    assert (cdr.cause, cdr.talk_ms) == (cause, min(talk_ms, 900_000) - silent_ms)
    assert caller_hears is None or caller_hears in call.caller.person.heard
    assert called_hears is None or call.called.person.heard[-1] == called_hears
    assert stage.findings() == []


@pytest.mark.parametrize(("number", "reason"), REFUSED_NUMBERS.items())
def test_each_number_that_is_refused(stage: Stage, number: str, reason: Reason) -> None:
    call = stage.replay(answering({**STRAIGHT, "enter-number": f"{number}#"}))
    refused(stage, call, reason)


def refused(stage: Stage, call: Outcome, reason: Reason) -> None:
    """Not dialled; the reason, its code and a goodbye were heard."""
    cdr = stage.ends_well(call)
    assert (cdr.cause, cdr.refusal_code) == (Cause.REFUSED, reason.code)
    heard = call.caller.person.heard
    told = heard.index(REFUSALS[reason].id)
    code = [f"number-{digit}" for digit in str(reason.code)]
    assert heard[told + 1 :] == ["reference-code-1", *code, "pause", "next-call-other", "goodbye"]
    assert not call.was_called
    assert stage.findings() == []


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (BlockCause.COURT, Reason.BLOCKED_COURT),
        (BlockCause.SECURITY, Reason.BLOCKED_SECURITY),
        (BlockCause.FACILITY, Reason.BLOCKED_FACILITY),
        (BlockCause.PROVIDER, Reason.BLOCKED_PROVIDER),
        (BlockCause.CALLED_PARTY, Reason.BLOCKED_CALLED_PARTY),
    ],
)
def test_a_blocked_number(any_stage: Stage, cause: BlockCause, reason: Reason) -> None:
    with any_stage.database.begin() as connection:
        block(connection, NUMBER, cause, "test")
    refused(any_stage, any_stage.replay(), reason)


def test_an_account_without_money(any_stage: Stage) -> None:
    open_account(any_stage.database, "empty", "+12125550102", cents=0)
    call = any_stage.replay(answering({**STRAIGHT, "enter-number": "2125550102#"}))
    refused(any_stage, call, Reason.NOT_ENOUGH_MONEY)


@pytest.mark.parametrize(
    ("table", "values", "reason"),
    [
        (phones, {"active": False}, Reason.PHONE_OFF),
        (persons, {"status": "released"}, Reason.PERSON_NOT_ALLOWED),
    ],
)
def test_what_is_turned_off(
    stage: Stage, table: Table, values: dict[str, object], reason: Reason
) -> None:
    with stage.database.begin() as connection:
        connection.execute(table.update().values(values))
    refused(stage, stage.replay(), reason)


def test_less_than_a_minute_is_told_before_the_dial(stage: Stage) -> None:
    open_account(stage.database, "small", "+12125550102", cents=5)
    call = stage.replay(
        answering({**STRAIGHT, "enter-number": "2125550102#"}),
        answering({"under-a-minute-1": "5"}),
        Happening(talk_ms=99_999),
    )
    cdr = stage.ends_well(call)
    assert (cdr.cause, cdr.charged_cents) == (Cause.LIMIT, 5)
    assert "under-a-minute-1" in call.caller.person.heard
    assert "under-a-minute-1" in call.called.person.heard
    assert stage.findings() == []


def test_a_privileged_call_leaves_no_audio(any_stage: Stage) -> None:
    with any_stage.database.begin() as connection:
        mark_privileged(connection, NUMBER, "test")
    call = any_stage.replay()
    cdr = any_stage.ends_well(call)
    assert (cdr.privileged, cdr.recorded) == (True, False)
    assert "caller-not-recorded" in call.caller.person.heard
    assert "called-not-recorded" in call.called.person.heard
    assert "called-recorded" not in call.called.person.heard
    assert any_stage.findings() == []


def test_a_facility_that_records_nothing_says_nothing_else(stage: Stage) -> None:
    with stage.database.begin() as connection:
        connection.execute(facilities.update().values(records=False))
    call = stage.replay()
    assert not stage.ends_well(call).recorded
    assert "calls-are-recorded" not in call.caller.person.heard


# Who isn't known, who enters nothing.


@pytest.mark.parametrize(
    ("answers", "cause"),
    [
        ({}, Cause.NOT_IDENTIFIED),
        ({"enter-id": "999#"}, Cause.NOT_IDENTIFIED),
        ({"enter-id": "***********#", "enter-pin": "*#"}, Cause.NOT_IDENTIFIED),
        ({"enter-id": STRAIGHT["enter-id"], "enter-pin": "1111#"}, Cause.NOT_IDENTIFIED),
        ({"enter-id": STRAIGHT["enter-id"]}, Cause.NOT_IDENTIFIED),
        ({**STRAIGHT, "enter-number": ""}, Cause.NO_NUMBER),
        ({**STRAIGHT, "enter-number": "#"}, Cause.NO_NUMBER),
        ({**STRAIGHT, "confirm-number-1": "2"}, Cause.NO_NUMBER),
        ({**STRAIGHT, "confirm-number-1": "8"}, Cause.NO_NUMBER),
        ({**STRAIGHT, "confirm-number-1": ""}, Cause.NO_NUMBER),
    ],
)
def test_after_three_tries_the_call_is_over(
    stage: Stage, answers: dict[str, str], cause: Cause
) -> None:
    call = stage.replay(answering(answers))
    assert stage.ends_well(call).cause == cause
    assert call.caller.person.heard[-2:] == ["too-many-tries", "goodbye"]
    assert stage.findings() == []


def test_a_locked_pin_is_told_and_opens_again(any_stage: Stage) -> None:
    wrong = {**STRAIGHT, "enter-pin": "1111#"}
    assert "pin-locked-1" not in any_stage.replay(answering(wrong)).caller.person.heard
    for answers in (wrong, STRAIGHT):
        call = any_stage.replay(answering(answers))
        assert any_stage.ends_well(call).cause == Cause.NOT_IDENTIFIED
        assert {"pin-locked-1", "pin-locked-2"} < set(call.caller.person.heard)
    other = answering({**STRAIGHT, "enter-id": f"{OTHER_PERSON}#"})
    assert any_stage.replay(other).was_called
    any_stage.clock.pass_ms(30 * 60_000)
    assert any_stage.replay().was_called
    assert any_stage.findings() == []


def test_second_thoughts_and_slips_are_forgiven(stage: Stage) -> None:
    slips = {
        "enter-id": "w 100001#",
        "enter-pin": "1# 2468#",
        "enter-number": "w 2125550102# 2125550101w",
        "confirm-number-1": "2 8 w 1",
    }
    cdr = stage.ends_well(stage.replay(answering(slips)))
    assert (cdr.cause, cdr.dialled) == (Cause.CALLED_HUNG_UP, "2125550101")


def test_whoever_types_ahead_hears_only_beginnings(stage: Stage) -> None:
    call = stage.replay(typing("100001#2468#2125550101#1"), typing("5"))
    assert stage.ends_well(call).cause == Cause.CALLED_HUNG_UP
    assert call.called.person.heard == ["called-intro-1"]


# What became of the dial.


@pytest.mark.parametrize(
    ("status", "number", "early_ms", "cause"),
    [
        ("BUSY", "17", "", Cause.BUSY),
        ("BUSY", "17", "900", Cause.BUSY),
        ("BUSY", "", "", Cause.BUSY),
        ("NOANSWER", "", "", Cause.NO_ANSWER),
        ("NOANSWER", "0", "20000", Cause.NO_ANSWER),
        ("CHANUNAVAIL", "1", "", Cause.INVALID_NUMBER),
        ("CHANUNAVAIL", "1", "3000", Cause.INVALID_NUMBER),
        ("CHANUNAVAIL", "28", "", Cause.INVALID_NUMBER),
        ("CONGESTION", "34", "", Cause.CONGESTION),
        ("CONGESTION", "38", "3000", Cause.CARRIER_ANNOUNCEMENT),
        ("CHANUNAVAIL", "20", "3000", Cause.CARRIER_ANNOUNCEMENT),
        ("CHANUNAVAIL", "20", "", Cause.UNREACHABLE),
        ("CHANUNAVAIL", "21", "", Cause.DECLINED),
        ("INVALIDARGS", "", "", Cause.UNREACHABLE),
        ("", "", "", Cause.UNREACHABLE),
    ],
)
def test_a_number_that_does_not_answer(
    stage: Stage, status: str, number: str, early_ms: str, cause: Cause
) -> None:
    how = Happening(dial=status, cause=number, early_ms=early_ms)
    call = stage.replay(happening=how)
    cdr = stage.ends_well(call)
    assert (cdr.cause, cdr.charged_cents) == (cause, 0)
    assert cdr.hangup_cause == (int(number) if number else None)
    offer = "next-call-other" if cause is Cause.INVALID_NUMBER else "next-call"
    told = f"outcome-{cause.value.replace('_', '-')}"
    assert call.caller.person.heard[-3:] == [told, offer, "goodbye"]
    assert stage.findings() == []


def test_the_caller_hangs_up_while_it_rings(any_stage: Stage) -> None:
    cdr = any_stage.ends_well(any_stage.replay(happening=Happening(dial="CANCEL")))
    assert cdr.cause == Cause.CALLER_HUNG_UP
    assert "answered" not in cdr.states
    assert any_stage.findings() == []


# The called party's menu.


@pytest.mark.parametrize("over_first", [True, False])
@pytest.mark.parametrize(
    ("keys", "cause", "told", "outcome"),
    [
        ("3", Cause.DECLINED, "called-refused", "outcome-declined"),
        ("", Cause.NO_ACCEPTANCE, "called-no-key", "outcome-no-acceptance"),
        ("4", Cause.NO_ACCEPTANCE, "called-no-key", "outcome-no-acceptance"),
        ("2", Cause.NO_ACCEPTANCE, "called-no-key", "outcome-no-acceptance"),
        ("0", Cause.NO_ACCEPTANCE, "called-no-key", "outcome-no-acceptance"),
        ("#", Cause.NO_ACCEPTANCE, "called-no-key", "outcome-no-acceptance"),
        ("!", Cause.CALLED_HUNG_UP, MENU, "outcome-declined"),
    ],
)
def test_a_call_that_is_not_accepted(
    stage: Stage, keys: str, cause: Cause, told: str, outcome: str, over_first: bool
) -> None:
    began = stage.clock.ms
    how = Happening(over_first=over_first)
    call = stage.replay(called=answering({MENU: keys}), happening=how)
    assert stage.ends_well(call).cause == cause
    assert call.called.person.heard[-1] == told
    assert call.caller.person.heard[-3:] == [outcome, "next-call", "goodbye"]
    assert stage.clock.ms - began < 4 * 60_000
    assert stage.findings() == []


def test_price_and_repeat_come_before_the_choice(stage: Stage) -> None:
    call = stage.replay(called=answering({MENU: "2 0 8 w 5"}))
    assert stage.ends_well(call).cause == Cause.CALLED_HUNG_UP
    heard = call.called.person.heard
    assert heard.count("called-price-1") == 1
    assert heard.count("called-intro-1") == 2
    assert heard.count("not-understood") == 1
    assert heard.count(MENU) == 5


def test_a_bridge_that_fails_is_our_fault_and_free(any_stage: Stage) -> None:
    call = any_stage.replay(happening=Happening(bridges=False))
    cdr = any_stage.ends_well(call)
    assert (cdr.cause, cdr.charged_cents, cdr.talk_ms) == (Cause.SYSTEM_FAILURE, 0, 0)
    assert call.caller.person.heard[-1] == call.called.person.heard[-1] == "sorry"
    assert any_stage.findings() == []
