"""A call is decided about once, and not when its caller has gone."""

from __future__ import annotations

import pytest

from calls.decision import CallOver, authorize
from calls.ending import CALLER, Ending, end
from calls.reasons import Reason
from store.database import Database
from tests.builders import (
    DIALLED,
    MORNING,
    NO_ACCOUNT_NUMBER,
    at_once,
    authorized_call,
    balance,
    build_jail,
    call_row,
    identified_call,
    open_account,
)


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database)


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
