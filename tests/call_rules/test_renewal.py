"""A talk's money: slice after slice, settled on totals, and given back where a call was cut."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from accounts import invariants as money
from accounts.chart import CASH
from accounts.ledger import Entry, Kind, Posting, post
from blocklists.privilege.registry import mark_privileged
from calls import invariants, outcomes, renewal, warnings
from calls.ending import CALLED, CALLER, Ending, end
from calls.renewal import Grant
from calls.states import Cause
from rating.engine import affordable_seconds, charge
from rating.terms import Quote
from store.database import Database
from store.settings import CallSettings
from store.tables import entries
from tests.builders import (
    LONGEST_SECONDS,
    MORNING,
    NUMBER,
    accepted_call,
    at_once,
    balance,
    build_jail,
    call_row,
    cdr_of,
    pay_in,
    seconds,
    set_facility,
)

SETTINGS = CallSettings()
MINUTE = seconds(60)


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database, whole=False)


def terms_of(database: Database, call_id: str) -> Quote:
    return Quote.from_json(call_row(database, call_id).decision["terms"])


def renew_until(database: Database, at: datetime) -> list[Grant]:
    """What a monitor does from the morning on that looks every second."""
    granted: list[Grant] = []
    now = MORNING
    while now <= at:
        granted += renewal.renew_due(database, SETTINGS, now)
        now += seconds(1)
    return granted


def leave(database: Database, cents: int) -> None:
    """An account with so much on it."""
    with database.begin() as connection:
        lines = [Posting("rivera", cents - 2000), Posting(CASH, 2000 - cents)]
        post(connection, Entry("spent", Kind.REFUND, "test", MORNING, lines))


def hang_up(database: Database, call_id: str, talk: float, cause: int = 16) -> Cause:
    at = MORNING + seconds(talk)
    assert end(database, call_id, Ending(CALLED, at, MORNING, hangup_cause=cause))
    ended = outcomes.cause(database, call_id)
    assert ended is not None
    return ended


def clean(database: Database) -> None:
    rules = (
        *(money.unbalanced_entries, money.cached_balances),
        *(invariants.one_cdr_a_call, invariants.states_in_order),
        *(invariants.ended_as_its_state_may, invariants.credits_as_granted),
        *(invariants.no_charge_without_acceptance, invariants.charge_as_quoted),
    )
    with database.begin() as connection:
        assert [one for rule in rules for one in rule(connection)] == []


def test_the_first_slice_is_a_minute_and_due_before_its_end(database: Database) -> None:
    call_id = accepted_call(database)
    call, terms = call_row(database, call_id), terms_of(database, call_id)
    assert balance(database).held_cents == charge(terms, 60).total_cents
    assert call.paid_seconds == affordable_seconds(terms, charge(terms, 60).total_cents, 900)
    assert call.limit_seconds == LONGEST_SECONDS
    assert call.renew_at == MORNING + seconds(call.paid_seconds - SETTINGS.renew_early_seconds)
    assert renewal.renew_due(database, SETTINGS, call.renew_at - seconds(1)) == []


def test_a_renewal_settles_the_talk_and_holds_the_next_slice(database: Database) -> None:
    call_id = accepted_call(database)
    before, terms = call_row(database, call_id), terms_of(database, call_id)
    (grant,) = renewal.renew_due(database, SETTINGS, before.renew_at)
    talked = (before.renew_at - MORNING) // seconds(1)
    used = charge(terms, talked).total_cents
    paid = before.paid_seconds + SETTINGS.slice_seconds
    money_now = balance(database)
    assert money_now.balance_cents == 2000 - used
    assert money_now.held_cents == charge(terms, paid).total_cents - used
    assert grant.live.paid_seconds >= paid
    assert not grant.final
    assert (grant.live.call_id, grant.live.called_channel) == (call_id, before.called_channel)
    assert renewal.renew_due(database, SETTINGS, before.renew_at) == [], "a replay changes nothing"
    clean(database)


def test_a_call_at_its_own_limit_costs_what_one_slice_would(database: Database) -> None:
    call_id = accepted_call(database)
    renew_until(database, MORNING + seconds(LONGEST_SECONDS))
    call, terms = call_row(database, call_id), terms_of(database, call_id)
    assert (call.paid_seconds, call.renew_at) == (LONGEST_SECONDS, None)
    assert hang_up(database, call_id, LONGEST_SECONDS + 0.2) is Cause.LIMIT
    cdr = cdr_of(database, call_id)
    assert cdr.charged_cents == charge(terms, LONGEST_SECONDS).total_cents
    assert balance(database).balance_cents == 2000 - cdr.charged_cents
    assert cdr.credited_cents == 0
    clean(database)


@pytest.mark.parametrize("talk", [0.4, 59, 61, 118.9, 333])
def test_however_long_the_charge_is_that_of_the_talk(database: Database, talk: float) -> None:
    call_id = accepted_call(database)
    renew_until(database, MORNING + seconds(talk))
    hang_up(database, call_id, talk)
    terms, left = terms_of(database, call_id), balance(database)
    assert left.balance_cents == 2000 - charge(terms, int(talk)).total_cents
    assert left.held_cents == 0
    clean(database)


def test_two_calls_share_what_is_there_and_neither_is_refused(database: Database) -> None:
    leave(database, 20)
    first, second = accepted_call(database), accepted_call(database)
    assert call_row(database, second).paid_seconds < 60
    grants = renew_until(database, MORNING + seconds(600))
    assert grants[-1].final
    talks = [call_row(database, one).paid_seconds for one in (first, second)]
    assert abs(talks[0] - talks[1]) <= SETTINGS.first_slice_seconds
    for call_id, talk in zip((first, second), talks, strict=True):
        assert hang_up(database, call_id, talk) is Cause.LIMIT
    assert 0 <= balance(database).balance_cents < 3
    clean(database)


def test_a_deposit_prolongs_a_talk_that_was_on_its_last_slice(database: Database) -> None:
    leave(database, 20)
    call_id = accepted_call(database)
    now = MORNING + seconds(100)
    grants = renew_until(database, now)
    assert grants[-1].final
    before = call_row(database, call_id).paid_seconds
    pay_in(database, 500)
    with database.begin() as connection:
        renewal.deposited(connection, "rivera", now)
    (grant,) = renewal.renew_due(database, SETTINGS, now)
    assert grant.live.paid_seconds == before + SETTINGS.slice_seconds
    assert not grant.final
    clean(database)


def test_whoever_renews_at_the_same_moment_renews_once(database: Database) -> None:
    call_id = accepted_call(database)
    due = call_row(database, call_id).renew_at
    granted = at_once(6, lambda _: renewal.renew_due(database, SETTINGS, due))
    assert len([one for some in granted for one in some]) == 1
    clean(database)


def test_a_renewal_that_comes_too_late_holds_nothing(database: Database) -> None:
    call_id = accepted_call(database)
    late = MORNING + seconds(call_row(database, call_id).paid_seconds + 1)
    held = balance(database).held_cents
    assert renewal.renew_due(database, SETTINGS, late) == []
    assert balance(database).held_cents == held
    assert call_row(database, call_id).renew_at is not None, "that nobody renewed it is remembered"


def test_a_facility_may_hold_the_whole_call(database: Database) -> None:
    set_facility(database, holds_whole_call=True)
    call_id = accepted_call(database)
    call, terms = call_row(database, call_id), terms_of(database, call_id)
    assert balance(database).held_cents == charge(terms, LONGEST_SECONDS).total_cents
    assert (call.paid_seconds, call.renew_at) == (LONGEST_SECONDS, None)


def test_a_privileged_call_holds_the_whole_and_is_never_warned_by_a_whisper(
    database: Database,
) -> None:
    with database.begin() as connection:
        mark_privileged(connection, NUMBER, "bar")
    leave(database, 20)
    call_id = accepted_call(database)
    call, terms = call_row(database, call_id), terms_of(database, call_id)
    affordable = affordable_seconds(terms, 20, LONGEST_SECONDS)
    assert (call.limit_seconds, call.paid_seconds, call.renew_at) == (affordable, affordable, None)
    assert warnings.due(database, SETTINGS, MORNING) == []


def test_a_talk_that_nobody_renewed_was_cut_by_us_and_its_last_minute_is_given_back(
    database: Database,
) -> None:
    call_id = accepted_call(database)
    paid = call_row(database, call_id).paid_seconds
    assert hang_up(database, call_id, paid + 0.2) is Cause.SYSTEM_FAILURE
    cdr, terms = cdr_of(database, call_id), terms_of(database, call_id)
    free = charge(terms, paid - 60).total_cents
    assert cdr.charged_cents - cdr.credited_cents == free
    assert balance(database).balance_cents == 2000 - free
    assert "system_failure" in cdr.note
    clean(database)


def test_a_talk_whose_end_was_not_moved_was_cut_by_us(database: Database) -> None:
    call_id = accepted_call(database)
    was_paid = call_row(database, call_id).paid_seconds
    renew_until(database, MORNING + seconds(was_paid - 1))
    ending = Ending(CALLED, MORNING + seconds(was_paid + 0.1), MORNING, hung_up_by="")
    assert end(database, call_id, ending)
    assert outcomes.cause(database, call_id) is Cause.SYSTEM_FAILURE
    assert cdr_of(database, call_id).credited_cents > 0
    clean(database)


@pytest.mark.parametrize("cause", [27, 38, 41])
def test_what_the_network_cut_is_credited_unasked(database: Database, cause: int) -> None:
    call_id = accepted_call(database)
    renew_until(database, MORNING + seconds(100))
    assert hang_up(database, call_id, 100, cause) is Cause.NETWORK_LOST
    cdr, terms = cdr_of(database, call_id), terms_of(database, call_id)
    assert cdr.charged_cents - cdr.credited_cents == charge(terms, 40).total_cents
    assert balance(database).balance_cents == 2000 - charge(terms, 40).total_cents
    clean(database)


def test_what_was_settled_beyond_the_talk_is_given_back(database: Database) -> None:
    call_id = accepted_call(database)
    renew_until(database, MORNING + seconds(120))
    silence = seconds(60)
    ending = Ending(CALLER, MORNING + seconds(125), MORNING, hangup_cause=44, silence=silence)
    assert end(database, call_id, ending)
    cdr, terms = cdr_of(database, call_id), terms_of(database, call_id)
    assert cdr.charged_cents == charge(terms, 65).total_cents
    assert balance(database).held_cents == 0
    clean(database)


def test_each_slice_is_an_entry_of_its_own(database: Database) -> None:
    call_id = accepted_call(database)
    renew_until(database, MORNING + seconds(100))
    hang_up(database, call_id, 100)
    with database.begin() as connection:
        keys = connection.execute(
            select(entries.c.key).where(entries.c.call_id == call_id).order_by(entries.c.id)
        ).scalars()
        assert list(keys) == [f"call:{call_id}:{seq}" for seq in range(3)]


class TestWarnings:
    """When both parties are told that the money ends."""

    def test_nobody_is_warned_while_the_account_pays_the_longest_talk(
        self, database: Database
    ) -> None:
        accepted_call(database)
        assert warnings.due(database, SETTINGS, MORNING) == []

    def test_a_minute_before_the_money_ends(self, database: Database) -> None:
        leave(database, 20)
        call_id = accepted_call(database)
        terms = terms_of(database, call_id)
        ends = MORNING + seconds(affordable_seconds(terms, 20, LONGEST_SECONDS))
        (told,) = warnings.due(database, SETTINGS, MORNING)
        assert (told.live.call_id, told.at) == (call_id, ends - MINUTE)
        renew_until(database, MORNING + seconds(60))
        (later,) = warnings.due(database, SETTINGS, MORNING)
        assert abs(later.at - told.at) < timedelta(seconds=6)

    def test_another_call_makes_it_earlier(self, database: Database) -> None:
        leave(database, 60)
        accepted_call(database)
        (alone,) = warnings.due(database, SETTINGS, MORNING)
        accepted_call(database)
        shared = warnings.due(database, SETTINGS, MORNING)
        assert len(shared) == 2
        assert all(one.at < alone.at - MINUTE for one in shared)

    def test_one_tells_and_a_deposit_makes_it_be_told_again(self, database: Database) -> None:
        leave(database, 20)
        call_id = accepted_call(database)
        (told,) = warnings.due(database, SETTINGS, MORNING)
        claimed = at_once(4, lambda _: warnings.claim(database, call_id, told.at))
        assert sorted(claimed) == [False, False, False, True]
        assert warnings.due(database, SETTINGS, told.at) == []
        pay_in(database, 30)
        (again,) = warnings.due(database, SETTINGS, told.at)
        assert again.at > told.at + MINUTE
        assert warnings.claim(database, call_id, again.at)

    def test_who_was_told_before_the_talk_is_not_told_again(self, database: Database) -> None:
        leave(database, 5)
        accepted_call(database)
        assert warnings.due(database, SETTINGS, MORNING) == []
