"""The end of a call: its cause, its charge, its one CDR."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from accounts import invariants as money
from calls import answering, decision, invariants, outcomes
from calls.ending import CALLED, CALLER, SWEEPER, Ending, end
from calls.reasons import Reason
from calls.states import Cause
from rating.terms import Quote
from store.database import Database
from store.version import CODE_VERSION
from tests.builders import (
    ACCOUNT,
    LONGEST_SECONDS,
    MORNING,
    accept,
    accepted_call,
    answered_call,
    at_once,
    authorized_call,
    balance,
    build_jail,
    call_row,
    cdr_of,
    identified_call,
    pay_in,
    seconds,
    talked,
)


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database)


def ended(database: Database, call_id: str, ending: Ending) -> Cause:
    assert end(database, call_id, ending)
    return Cause(cdr_of(database, call_id).cause)


def test_a_call_that_was_talked_is_charged_by_its_quote(database: Database) -> None:
    call_id = talked(database, 61.9)
    cdr = cdr_of(database, call_id)
    terms = Quote.from_json(cdr.quote)
    assert (cdr.talk_ms, cdr.billed_seconds) == (61_900, 61)
    assert cdr.charged_cents == terms.base_e4 * 61 // 6000 > 0
    assert cdr.lines == [["base", cdr.charged_cents], ["additive", 0]]
    assert (cdr.account_id, cdr.product, cdr.recorded) == (ACCOUNT, "prepaid_collect", True)
    assert (cdr.caps_version, cdr.code_version) == (terms.caps, CODE_VERSION)
    left = balance(database)
    assert (left.balance_cents, left.held_cents) == (2000 - cdr.charged_cents, 0)


@pytest.mark.parametrize(
    ("leg", "by", "cause"),
    [
        (CALLER, "self", Cause.CALLER_HUNG_UP),
        (CALLER, "other", Cause.CALLED_HUNG_UP),
        (CALLED, "self", Cause.CALLED_HUNG_UP),
        (CALLED, "other", Cause.CALLER_HUNG_UP),
    ],
)
def test_who_hung_up(database: Database, leg: str, by: str, cause: Cause) -> None:
    at = MORNING + seconds(20)
    ending = Ending(leg, at, joined_at=MORNING, hung_up_by=by)
    assert ended(database, accepted_call(database), ending) is cause


@pytest.mark.parametrize("short_ms", [0, 400])
def test_the_limit_is_a_cause(database: Database, short_ms: int) -> None:
    at = MORNING + seconds(LONGEST_SECONDS) - timedelta(milliseconds=short_ms)
    call_id = accepted_call(database)
    assert ended(database, call_id, Ending(CALLER, at, joined_at=MORNING)) is Cause.LIMIT


NOTED: dict[Callable[[Database], str], list[Cause]] = {
    identified_call: [Cause.NOT_IDENTIFIED, Cause.NO_NUMBER],
    lambda database: authorized_call(database)[0]: [
        *(Cause.BUSY, Cause.NO_ANSWER, Cause.UNREACHABLE, Cause.INVALID_NUMBER),
        *(Cause.CONGESTION, Cause.CARRIER_ANNOUNCEMENT),
    ],
    answered_call: [Cause.DECLINED, Cause.NO_ACCEPTANCE, Cause.FAX, Cause.VOICEMAIL],
}


@pytest.mark.parametrize(
    ("build", "cause"), [(build, cause) for build, some in NOTED.items() for cause in some]
)
def test_what_a_script_noted_is_the_cause(
    database: Database, build: Callable[[Database], str], cause: Cause
) -> None:
    call_id = build(database)
    outcomes.note_outcome(database, call_id, cause)
    outcomes.note_outcome(database, call_id, Cause.DECLINED)
    assert outcomes.cause(database, call_id) is None
    assert ended(database, call_id, Ending(CALLER, MORNING)) is cause
    assert outcomes.cause(database, call_id) is cause


@pytest.mark.parametrize("talk", [45, 0])
def test_a_call_whose_media_stayed_away(database: Database, talk: int) -> None:
    ending = Ending(CALLED, MORNING + seconds(talk), MORNING, hangup_cause=44)
    assert ended(database, accepted_call(database), ending) is Cause.MEDIA_LOST


def test_a_refusal_is_a_cause_with_its_code(database: Database) -> None:
    call_id = identified_call(database)
    decision.authorize(database, call_id, "911", MORNING)
    assert ended(database, call_id, Ending(CALLER, MORNING)) is Cause.REFUSED
    cdr = cdr_of(database, call_id)
    assert (cdr.refusal_code, cdr.number, cdr.quote) == (Reason.EMERGENCY.code, None, None)


@pytest.mark.parametrize("leg", [CALLER, SWEEPER])
def test_the_platforms_own_failure_is_a_cause(database: Database, leg: str) -> None:
    call_id = answered_call(database)
    ending = Ending(leg, MORNING, failed=leg == CALLER)
    assert ended(database, call_id, ending) is Cause.SYSTEM_FAILURE


def test_every_cause_was_shown() -> None:
    shown = {cause for some in NOTED.values() for cause in some}
    shown |= {Cause.LIMIT, Cause.MEDIA_LOST, Cause.NETWORK_LOST, Cause.REFUSED}
    shown |= {Cause.SYSTEM_FAILURE}
    shown |= {Cause.CALLER_HUNG_UP, Cause.CALLED_HUNG_UP}
    assert shown | {Cause.BLOCKED_BY_CALLED, Cause.CUT_OFF} == set(Cause), (
        "shown by their own tests"
    )


@pytest.mark.parametrize("build", [identified_call, answered_call, accepted_call])
@pytest.mark.parametrize("joined", [True, False])
def test_no_charge_without_acceptance_and_join(
    database: Database, build: Callable[[Database], str], joined: bool
) -> None:
    at = MORNING + seconds(600)
    call_id = build(database)
    assert end(database, call_id, Ending(CALLER, at, joined_at=MORNING if joined else None))
    charged = build is accepted_call and joined
    assert (cdr_of(database, call_id).charged_cents > 0) is charged
    assert (balance(database).balance_cents < 2000) is charged
    assert balance(database).held_cents == 0


def test_an_unknown_call_has_no_end(database: Database) -> None:
    assert not end(database, "no such", Ending(CALLER, MORNING))


def test_the_first_report_decides(database: Database) -> None:
    call_id = talked(database, 30)
    before = cdr_of(database, call_id)
    later = Ending(CALLED, MORNING + seconds(60), joined_at=MORNING, failed=True)
    assert not end(database, call_id, later)
    assert cdr_of(database, call_id) == before


def test_eight_reports_at_once_write_one_cdr(database: Database) -> None:
    call_id = accepted_call(database)
    at = MORNING + seconds(60)
    won = at_once(8, lambda _: end(database, call_id, Ending(CALLER, at, joined_at=MORNING)))
    assert won.count(True) == 1
    assert balance(database).balance_cents == 2000 - cdr_of(database, call_id).charged_cents


def test_an_acceptance_and_the_end_at_once_agree(database: Database) -> None:
    for _ in range(5):
        call_id = answered_call(database)

        def act(number: int, call: str = call_id) -> bool:
            if number:
                return accept(database, call, MORNING) is not None
            return end(database, call, Ending(CALLER, MORNING + seconds(9)))

        _, accepted = at_once(2, act)
        assert (call_row(database, call_id).accepted_at is not None) is accepted
        assert ("accepted" in cdr_of(database, call_id).states) is accepted


def test_a_hang_up_before_the_acceptance_is_no_talk(database: Database) -> None:
    call_id = talked(database, -5)
    assert (cdr_of(database, call_id).talk_ms, cdr_of(database, call_id).charged_cents) == (0, 0)


def test_any_length_is_charged_below_talk_limit_and_cap(database: Database) -> None:
    pay_in(database, 100_000)

    @settings(max_examples=20)
    @given(st.integers(-1000, 2_000_000), st.integers(1, 300))
    def law(talk_ms: int, cents: int) -> None:
        with database.begin() as connection:
            connection.execute(
                text("UPDATE balances SET credit_limit_cents = :cents - balance_cents"),
                {"cents": cents},
            )
        call_id, decided = authorized_call(database)
        answering.answered(database, call_id, "called", MORNING, MORNING)
        accept(database, call_id, MORNING)
        at = MORNING + timedelta(milliseconds=talk_ms)
        end(database, call_id, Ending(CALLER, at, joined_at=MORNING))
        cdr = cdr_of(database, call_id)
        assert cdr.billed_seconds * 1000 <= cdr.talk_ms == max(0, talk_ms)
        assert cdr.billed_seconds <= decided.limit_seconds
        assert cdr.charged_cents <= min(cents, decided.held_cents)
        assert decided.terms is not None
        assert decided.terms.cap_e4 is not None
        assert cdr.charged_cents * 6000 <= decided.terms.cap_e4 * cdr.billed_seconds

    law()
    with database.begin() as connection:
        for check in (
            *(money.unbalanced_entries, money.cached_balances),
            *(invariants.one_cdr_a_call, invariants.no_charge_without_acceptance),
            invariants.charge_as_quoted,
        ):
            assert [*check(connection)] == []
