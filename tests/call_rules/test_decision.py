"""The decision: each reason with its trail, the money it holds, and when there is none to make."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from accounts.debit import INMATE_DEBIT
from accounts.prepaid import PREPAID_COLLECT
from blocklists.lists import BlockCause, block
from blocklists.privilege.registry import mark_privileged
from calls import answering
from calls.decision import CallOver, Decision, authorize
from calls.ending import CALLER, Ending, end
from calls.reasons import PaidBy, Reason
from rating import deckstore, exchangestore
from rating.engine import affordable_seconds, charge
from rating.terms import FacilityTerms, Quote
from store.database import Database
from tests.builders import (
    ACCOUNT,
    DEBIT,
    DIALLED,
    FACILITY,
    LONGEST_SECONDS,
    MORNING,
    NO_ACCOUNT_NUMBER,
    NUMBER,
    OTHER_PERSON,
    PERSON,
    at_once,
    authorized_call,
    balance,
    build_jail,
    call_row,
    identified_call,
    open_account,
    open_debit,
    pay_in,
    set_facility,
    talked,
)

CONTRACT = """
name = "county"
[[rate]]
medium = "audio"
jurisdiction = "all"
effective_from = 2026-04-06
base = "0.08"
additive = "0.015"
citation = "Contract 1"
"""
FREE = f"""
[[free]]
number = "{NO_ACCOUNT_NUMBER}"
reason = "public defender"
"""


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database)


def decide(database: Database, dialled: str = DIALLED) -> Decision:
    return authorize(database, identified_call(database), dialled, MORNING)


def change(database: Database, statement: str) -> None:
    with database.begin() as connection:
        connection.execute(text(statement))


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
    asked = ["never_dialled", "number", "phone", "person", "facility", "blocked"]
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
    assert (decision.reason, decision.trail[-1]) == (Reason.BLOCKED_COURT, ("blocked", "refused"))


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
    call = call_row(database, call_id)
    assert (call.privileged, call.recorded) == (True, False)


def test_a_facility_that_does_not_record(database: Database) -> None:
    change(database, "UPDATE facilities SET records = false")
    assert decide(database).recorded is False


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


def test_a_refused_caller_may_try_another_number(database: Database) -> None:
    call_id = identified_call(database)
    no_account = authorize(database, call_id, NO_ACCOUNT_NUMBER, MORNING)
    assert no_account.reason is Reason.NO_ACCOUNT
    assert authorize(database, call_id, DIALLED, MORNING).reason is None
    assert call_row(database, call_id).refused_at is None


def test_a_call_is_authorized_once(database: Database) -> None:
    call_id, decision = authorized_call(database)
    open_account(database, "other", NO_ACCOUNT_NUMBER)
    with pytest.raises(CallOver):
        authorize(database, call_id, NO_ACCOUNT_NUMBER, MORNING)
    assert call_row(database, call_id).number == decision.number
    assert balance(database).held_cents == decision.held_cents
    assert balance(database, "other").held_cents == 0


def test_a_caller_who_hung_up_holds_nothing(database: Database) -> None:
    call_id = identified_call(database)
    end(database, call_id, Ending(CALLER, MORNING))
    with pytest.raises(CallOver):
        authorize(database, call_id, DIALLED, MORNING)
    assert balance(database).held_cents == 0


def test_a_hang_up_during_the_decision_leaves_no_hold(database: Database) -> None:
    for _ in range(8):
        call_id = identified_call(database)
        acts = (_hang_up, _authorize)
        at_once(2, lambda n, call=call_id, acts=acts: acts[n](database, call))  # type: ignore[misc]
        assert balance(database).held_cents == 0


def _hang_up(database: Database, call_id: str) -> None:
    assert end(database, call_id, Ending(CALLER, MORNING))


def _authorize(database: Database, call_id: str) -> None:
    try:
        authorize(database, call_id, DIALLED, MORNING)
    except CallOver:
        return


def test_no_price_no_call(database: Database) -> None:
    call_id = identified_call(database)
    decided = authorize(database, call_id, DIALLED, MORNING - timedelta(days=9999))
    assert decided.reason is Reason.NO_RATE
    assert decided.trail[-1][0] == "rate"
    assert call_row(database, call_id).authorized_at is None
    assert balance(database).held_cents == 0


def load_deck(database: Database, rows: str) -> None:
    """A deck that is in force from now on."""
    adp = Decimal(212)
    jail = FacilityTerms(FACILITY, "jail", adp, "America/New_York", "OH")
    deckstore.load(database, "test.toml", rows, {FACILITY: jail}, "test", MORNING)


def test_the_deck_in_force_gives_the_price(database: Database) -> None:
    load_deck(database, CONTRACT)
    terms = decide(database).terms
    assert terms is not None
    assert (terms.base_e4, terms.additive_e4) == (800, 150)
    assert terms.deck.startswith("county")


def test_the_exchange_data_in_force_tells_how_far_the_call_goes(
    database: Database, tmp_path: Path
) -> None:
    blocks = tmp_path / "blocks.csv"
    blocks.write_text("NPA,NXX,X,State,LATA,RateCenter\n315,555,,NY,136,A\n212,555,0,NY,132,B\n")
    call_id = identified_call(database)
    change(database, "UPDATE facilities SET state = 'NY', exchange = '315555'")
    loaded = exchangestore.load(database, [blocks], "test", MORNING)
    terms = authorize(database, call_id, DIALLED, MORNING).terms
    assert terms is not None
    assert (terms.jurisdiction, terms.exchanges) == ("interlata", loaded.version)


def test_a_free_number_needs_no_account_and_holds_nothing(database: Database) -> None:
    load_deck(database, CONTRACT + FREE)
    decision = decide(database, NO_ACCOUNT_NUMBER)
    assert (decision.reason, decision.account_id, decision.held_cents) == (None, None, 0)
    assert decision.limit_seconds == LONGEST_SECONDS


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


@pytest.mark.parametrize("by", PaidBy)
def test_nobody_pays_for_a_free_number(database: Database, by: PaidBy) -> None:
    load_deck(database, CONTRACT + FREE)
    call_id = identified_call(database)
    decision = authorize(database, call_id, NO_ACCOUNT_NUMBER, MORNING, by)
    assert (decision.reason, decision.product, decision.account_id) == (None, None, None)


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
