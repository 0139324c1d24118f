"""The money of a decision: who pays, what is held, how long a talk it buys."""

from __future__ import annotations

import pytest

from accounts.debit import INMATE_DEBIT
from accounts.prepaid import PREPAID_COLLECT
from calls.decision import authorize
from calls.ending import CALLER, Ending, end
from calls.reasons import PaidBy, Reason
from rating.engine import affordable_seconds, charge
from store.database import Database
from tests.builders import (
    ACCOUNT,
    DEBIT,
    DIALLED,
    LONGEST_SECONDS,
    MORNING,
    NO_ACCOUNT_NUMBER,
    OTHER_PERSON,
    PERSON,
    at_once,
    authorized_call,
    balance,
    build_jail,
    call_row,
    identified_call,
    open_debit,
    pay_in,
    set_facility,
    talked,
)
from tests.call_rules.deciding import change, decide


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database)


def test_little_money_buys_a_short_call(database: Database) -> None:
    change(database, "UPDATE balances SET balance_cents = 25")
    decision = decide(database)
    assert decision.terms is not None
    assert decision.limit_seconds == affordable_seconds(decision.terms, 25, LONGEST_SECONDS)
    assert 0 < decision.limit_seconds < LONGEST_SECONDS
    assert decision.held_cents <= 25


def test_what_another_call_holds_is_not_there(database: Database) -> None:
    change(database, "UPDATE balances SET balance_cents = 25")
    decide(database)
    assert decide(database).reason is Reason.NOT_ENOUGH_MONEY
    pay_in(database, 500)
    assert decide(database).reason is None


def test_a_race_for_the_last_money_has_one_winner(database: Database) -> None:
    change(database, "UPDATE balances SET balance_cents = 25")
    call_ids = [identified_call(database) for _ in range(8)]
    decided = at_once(8, lambda n: authorize(database, call_ids[n], DIALLED, MORNING))
    assert [d.reason for d in decided].count(None) == 1
    assert {d.reason for d in decided} == {None, Reason.NOT_ENOUGH_MONEY}
    money = balance(database)
    assert (money.held_cents, money.balance_cents) == (25, 25)


def test_the_own_account_pays_when_it_is_chosen(database: Database) -> None:
    open_debit(database)
    call_id, decision = authorized_call(database, by=PaidBy.CALLER)
    assert (decision.account_id, decision.product) == (DEBIT, INMATE_DEBIT)
    assert decision.terms is not None
    assert decision.held_cents == balance(database, DEBIT).held_cents > 0
    assert balance(database).held_cents == 0, "though the number has an account, too"
    assert call_row(database, call_id).decision["product"] == INMATE_DEBIT


def test_the_called_party_pays_when_that_is_chosen(database: Database) -> None:
    open_debit(database)
    _, decision = authorized_call(database)
    assert (decision.account_id, decision.product) == (ACCOUNT, PREPAID_COLLECT)
    assert balance(database, DEBIT).held_cents == 0


def test_an_own_account_calls_numbers_that_have_none(database: Database) -> None:
    open_debit(database)
    call_id = identified_call(database)
    decision = authorize(database, call_id, NO_ACCOUNT_NUMBER, MORNING, PaidBy.CALLER)
    assert (decision.reason, decision.account_id) == (None, DEBIT)


@pytest.mark.parametrize(
    ("owner", "cents", "reason", "rule"),
    [
        (OTHER_PERSON, 500, Reason.NO_DEBIT_ACCOUNT, "account"),
        (PERSON, 0, Reason.DEBIT_EMPTY, "money"),
    ],
)
def test_an_own_account_must_be_there_and_filled(
    database: Database, owner: str, cents: int, reason: Reason, rule: str
) -> None:
    open_debit(database, cents, owner)
    call_id = identified_call(database)
    decision = authorize(database, call_id, DIALLED, MORNING, PaidBy.CALLER)
    assert (decision.reason, decision.product) == (reason, None)
    assert decision.trail[-1] == (rule, "refused")


def test_a_race_for_the_last_own_money_has_one_winner(database: Database) -> None:
    open_debit(database, 25)
    call_ids = [identified_call(database) for _ in range(8)]
    decided = at_once(
        8, lambda n: authorize(database, call_ids[n], DIALLED, MORNING, PaidBy.CALLER)
    )
    assert [d.reason for d in decided].count(None) == 1
    assert {d.reason for d in decided} == {None, Reason.DEBIT_EMPTY}


def test_the_days_minutes_bound_the_call(database: Database) -> None:
    set_facility(database, daily_minutes=10)
    talked(database, 400)
    lives, decision = authorized_call(database)
    assert decision.limit_seconds == 200
    assert decision.terms is not None
    assert decision.held_cents == charge(decision.terms, 200).total_cents
    assert decide(database).reason is Reason.NO_TIME_LEFT, "the call that lives may use it up"
    assert end(database, lives, Ending(CALLER, MORNING))
    talked(database, 200)
    call_id = identified_call(database)
    refused = authorize(database, call_id, DIALLED, MORNING)
    said = ("facility.minutes_per_day", "0 s of 10 minutes left")
    assert (refused.reason, refused.trail[-1]) == (Reason.NO_TIME_LEFT, said)
    other = identified_call(database, person=OTHER_PERSON)
    assert authorize(database, other, DIALLED, MORNING).reason is None


def test_money_may_be_less_than_the_days_minutes(database: Database) -> None:
    set_facility(database, daily_minutes=10)
    change(database, "UPDATE balances SET balance_cents = 25")
    decision = decide(database)
    assert decision.terms is not None
    assert decision.limit_seconds == affordable_seconds(decision.terms, 25, 600) < 600
