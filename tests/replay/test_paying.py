"""Who pays: the called party or the caller's own account; balances, time, credit."""

from __future__ import annotations

import pytest

from accounts import debit
from calls.reasons import Reason
from calls.states import Cause
from store.tables import credit_requests, facilities
from tests.builders import DIALLED, NO_ACCOUNT_NUMBER, PERSON, balance, pay_in
from tests.replay.happening import Happening
from tests.replay.person import answering
from tests.replay.stage import MENU, STRAIGHT, Stage

OWN = "own"
PAYS = {**STRAIGHT, "how-to-pay-1": "2"}


@pytest.fixture
def rich(any_stage: Stage) -> Stage:
    """A person with ten dollars."""
    debit.open_account(any_stage.database, OWN, PERSON, "Alex Rivera")
    pay_in(any_stage.database, 1000, OWN)
    return any_stage


def test_the_callers_own_account_pays(rich: Stage) -> None:
    call = rich.replay(answering(PAYS), answering({MENU: "2 1"}))
    cdr = rich.ends_well(call)
    assert (cdr.product, cdr.account_id, cdr.charged_cents) == ("inmate_debit", OWN, 11)
    assert balance(rich.database, OWN).balance_cents == 989
    assert balance(rich.database).balance_cents == 2000
    assert "called-price-caller-pays-1" in call.called.person.heard
    assert rich.findings() == []


def test_any_number_may_be_called_with_own_money(rich: Stage) -> None:
    number = NO_ACCOUNT_NUMBER.removeprefix("+1")
    call = rich.replay(answering({**PAYS, "enter-number": f"{number}#"}))
    assert rich.ends_well(call).charged_cents == 11


@pytest.mark.parametrize(("keys", "product"), [("1", "prepaid_collect"), ("", "prepaid_collect")])
def test_the_called_party_pays_unless_the_caller_says_otherwise(
    rich: Stage, keys: str, product: str
) -> None:
    call = rich.replay(answering({**STRAIGHT, "how-to-pay-1": keys}))
    assert rich.ends_well(call).product == product
    assert balance(rich.database, OWN).balance_cents == 1000


def test_an_empty_account_is_not_offered(any_stage: Stage) -> None:
    debit.open_account(any_stage.database, OWN, PERSON, "Alex Rivera")
    call = any_stage.replay(answering(PAYS))
    assert any_stage.ends_well(call).product == "prepaid_collect"
    assert "how-to-pay-1" not in call.caller.person.heard


def test_too_little_of_ones_own(stage: Stage) -> None:
    debit.open_account(stage.database, OWN, PERSON, "Alex Rivera")
    pay_in(stage.database, 5, OWN)
    call = stage.replay(
        answering(PAYS), answering({"under-a-minute-1": "1"}), Happening(talk_ms=99_000)
    )
    cdr = stage.ends_well(call)
    assert (cdr.cause, cdr.charged_cents) == (Cause.LIMIT, 5)
    assert balance(stage.database, OWN).balance_cents == 0


def test_the_balance_and_the_time_left_today(rich: Stage) -> None:
    with rich.database.begin() as connection:
        connection.execute(facilities.update().values(daily_minutes=20))
    rich.replay(happening=Happening(talk_ms=300_000))
    asks = {**PAYS, "enter-number": f"*# {DIALLED}#", "more-balance": "1 0"}
    call = rich.replay(answering(asks), happening=Happening(talk_ms=1_000_000))
    cdr = rich.ends_well(call)
    heard = call.caller.person.heard
    assert heard[heard.index("minutes-left-1") + 1 :][:2] == ["number-15", "unit-minute-many"]
    assert (cdr.cause, cdr.talk_ms) == (Cause.LIMIT, 900_000)
    refused = rich.replay()
    assert rich.ends_well(refused).refusal_code == Reason.NO_TIME_LEFT.code
    assert "refused-no-time-left" in refused.caller.person.heard
    rich.clock.pass_ms(24 * 3600_000)
    assert rich.ends_well(rich.replay()).charged_cents == 11
    assert rich.findings() == []


def test_who_has_neither_hears_so(stage: Stage) -> None:
    asks = {**STRAIGHT, "enter-number": f"*# {DIALLED}#", "more-balance": "1 0"}
    heard = stage.replay(answering(asks)).caller.person.heard
    assert heard.index("balance-none") < heard.index("minutes-free")


def test_credit_is_asked_once_from_the_same_phone(any_stage: Stage) -> None:
    asks = {**STRAIGHT, "enter-number": f"*# {DIALLED}#", "more-balance": "2 0"}
    asks["credit-offer-1"] = "1"
    none = any_stage.replay(answering(asks))
    assert "credit-none" in none.caller.person.heard
    dropped = none.call_id
    asked = any_stage.replay(answering(asks))
    assert "credit-asked" in asked.caller.person.heard
    with any_stage.database.begin() as connection:
        request = connection.execute(credit_requests.select()).one()
    assert request.call_id == dropped
    once = any_stage.replay(answering({**asks, "credit-offer-1": "0"}))
    assert "credit-asked" not in once.caller.person.heard
    assert any_stage.findings() == []
