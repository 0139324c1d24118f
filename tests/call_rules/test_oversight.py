"""What is ordered about a call that lives: who is cut off, whose recording stops, who isn't."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from blocklists.lists import BlockCause, block
from blocklists.privilege.registry import mark_privileged
from calls import answering, invariants, orders, outcomes, oversight
from calls.ending import CALLED, Ending, end
from calls.orders import Order, OrderError, OrderKind
from calls.states import Cause
from store.database import Database
from tests.builders import (
    FACILITY,
    MORNING,
    NUMBER,
    OTHER_PERSON,
    PERSON,
    accept,
    accepted_call,
    answered_call,
    authorized_call,
    balance,
    build_jail,
    call_row,
    cdr_of,
    identified_call,
    seconds,
    talked,
)

LATER = MORNING + seconds(30)
Change = Callable[[Database], None]


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database)


def run(statement: str) -> Change:
    def change(database: Database) -> None:
        with database.begin() as connection:
            connection.execute(text(statement))

    return change


def blocked(cause: BlockCause, person: str | None = None) -> Change:
    def change(database: Database) -> None:
        with database.begin() as connection:
            block(connection, NUMBER, cause, "clerk", person_id=person)

    return change


def privileged(database: Database) -> None:
    with database.begin() as connection:
        mark_privileged(connection, NUMBER, "bar", facility_id=FACILITY)


def several(*changes: Change) -> Change:
    def change(database: Database) -> None:
        for one in changes:
            one(database)

    return change


ENDS = run("UPDATE facilities SET ends_live_calls = true")
RELEASED = run("UPDATE persons SET status = 'released'")
CUTS: dict[str, Change] = {
    "court": blocked(BlockCause.COURT),
    "security": blocked(BlockCause.SECURITY),
    "facility": blocked(BlockCause.FACILITY, PERSON),
    "phone": run("UPDATE phones SET active = false"),
    "released": several(ENDS, RELEASED),
}
LEAVES: dict[str, Change] = {
    "nothing": lambda database: None,
    "provider": blocked(BlockCause.PROVIDER),
    "called party": blocked(BlockCause.CALLED_PARTY),
    "somebody else": blocked(BlockCause.COURT, OTHER_PERSON),
    "released, where talks go on": RELEASED,
}


@pytest.mark.parametrize("why", CUTS)
def test_a_talk_is_cut_off(database: Database, why: str) -> None:
    call_id = accepted_call(database)
    assert oversight.look(database, MORNING) == []
    CUTS[why](database)
    (order,) = oversight.look(database, LATER)
    assert (order.call_id, order.kind) == (call_id, OrderKind.CUT_OFF)
    assert order.called_channel == call_row(database, call_id).called_channel
    assert oversight.look(database, LATER) == [order], "it is to be done until it is done"
    orders.done(database, order.id, LATER)
    assert oversight.look(database, LATER + seconds(1)) == []
    assert oversight.look(database, LATER + timedelta(minutes=1)) == [order], "the call lives on"
    assert end(database, call_id, Ending(CALLED, LATER, joined_at=MORNING, hung_up_by=""))
    assert oversight.look(database, LATER + timedelta(minutes=2)) == []
    record = cdr_of(database, call_id)
    assert (record.cause, record.talk_ms, record.credited_cents) == ("cut_off", 30_000, 0)
    assert record.charged_cents > 0
    assert balance(database).held_cents == 0
    with database.begin() as connection:
        assert [*invariants.ended_as_its_state_may(connection)] == []
        (row,) = orders.orders(connection, call_id)
    assert row.cause == order.cause


@pytest.mark.parametrize("why", LEAVES)
def test_a_talk_goes_on(database: Database, why: str) -> None:
    call_id = accepted_call(database)
    LEAVES[why](database)
    assert oversight.look(database, LATER) == []
    assert call_row(database, call_id).outcome is None


@pytest.mark.parametrize("why", CUTS)
def test_an_order_while_it_rings_stops_the_call(database: Database, why: str) -> None:
    call_id, _ = authorized_call(database)
    CUTS[why](database)
    (order,) = oversight.look(database, LATER)
    assert order.called_channel is None
    assert order.caller_channel == call_row(database, call_id).caller_channel
    assert answering.answered(database, call_id, "called-x", LATER, LATER) is None
    assert outcomes.outcome(database, call_id) is Cause.CUT_OFF


@pytest.mark.parametrize("why", CUTS)
def test_the_acceptance_asks_again(database: Database, why: str) -> None:
    call_id = answered_call(database)
    CUTS[why](database)
    assert accept(database, call_id, LATER) is None
    assert outcomes.outcome(database, call_id) is Cause.CUT_OFF
    row = call_row(database, call_id)
    assert row.accepted_at is None
    end(database, call_id, Ending(CALLED, LATER))
    assert cdr_of(database, call_id).charged_cents == 0


def test_who_is_in_the_menu_still_is_no_business_of_orders(database: Database) -> None:
    call_id = identified_call(database)
    several(*CUTS.values())(database)
    assert oversight.look(database, LATER) == []
    assert call_row(database, call_id).outcome is None


def test_a_number_that_becomes_privileged_is_recorded_no_longer(database: Database) -> None:
    call_id = accepted_call(database)
    assert call_row(database, call_id).recorded
    privileged(database)
    (order,) = oversight.look(database, LATER)
    assert order.kind is OrderKind.STOP_RECORDING
    row = call_row(database, call_id)
    assert (row.privileged, row.recorded, row.outcome) == (True, False, None)
    orders.done(database, order.id, LATER)
    assert oversight.look(database, LATER + timedelta(minutes=5)) == [], "it can't begin again"
    end(database, call_id, Ending(CALLED, LATER, joined_at=MORNING))
    record = cdr_of(database, call_id)
    assert (record.privileged, record.recorded) == (True, False)
    assert record.cause == "called_hung_up"


def test_a_number_that_becomes_privileged_in_a_ring_is_never_recorded(database: Database) -> None:
    call_id = answered_call(database)
    privileged(database)
    assert accept(database, call_id, LATER) is None, "the called party was told otherwise"
    row = call_row(database, call_id)
    assert (row.privileged, row.recorded, row.outcome, row.accepted_at) == (True, False, None, None)
    told = answering.answered(database, call_id, "called", LATER, LATER)
    assert told is not None
    assert (told.recorded, told.privileged, told.caller_was_told_otherwise) == (False, True, True)
    joining = accept(database, call_id, LATER)
    assert joining is not None
    assert joining.recorded is False
    assert call_row(database, call_id).privileged
    assert oversight.look(database, LATER) == [], "nothing has begun"


def test_the_answer_asks_again_whether_the_number_is_privileged(database: Database) -> None:
    call_id, decision = authorized_call(database)
    assert decision.recorded
    privileged(database)
    told = answering.answered(database, call_id, "called-x", LATER, LATER)
    assert told is not None
    assert (told.recorded, told.privileged, told.caller_was_told_otherwise) == (False, True, True)
    assert oversight.look(database, LATER) == [], "nobody has begun to listen"


def test_who_listens_for_a_machine_is_ordered_to_stop(database: Database) -> None:
    call_id = answered_call(database)
    privileged(database)
    (order,) = oversight.look(database, LATER)
    assert (order.call_id, order.kind) == (call_id, OrderKind.STOP_LISTENING)
    assert order.called_channel == call_row(database, call_id).called_channel
    orders.done(database, order.id, LATER)
    assert oversight.look(database, LATER + timedelta(minutes=5)) == []


def test_a_number_that_becomes_privileged_in_the_last_moment(database: Database) -> None:
    call_id = accepted_call(database)
    privileged(database)
    end(database, call_id, Ending(CALLED, LATER, joined_at=MORNING))
    record = cdr_of(database, call_id)
    assert (record.privileged, record.recorded) == (True, False)


def test_a_privileged_call_stays_so_when_its_entry_is_lifted(database: Database) -> None:
    privileged(database)
    call_id = accepted_call(database)
    run("UPDATE privileged_numbers SET lifted_at = at")(database)
    assert oversight.look(database, LATER) == []
    assert call_row(database, call_id).recorded is False


def test_both_at_once(database: Database) -> None:
    accepted_call(database)
    several(privileged, CUTS["court"])(database)
    kinds = {order.kind for order in oversight.look(database, LATER)}
    assert kinds == {OrderKind.CUT_OFF, OrderKind.STOP_RECORDING}


def test_staff_cut_a_call_off(database: Database) -> None:
    live, over = accepted_call(database), talked(database, 3)
    with database.begin() as connection:
        orders.cut_off(connection, live, "threats", "lee", LATER)
        orders.cut_off(connection, live, "threats", "lee", LATER)
        with pytest.raises(OrderError, match="no call"):
            orders.cut_off(connection, over, "threats", "lee", LATER)
    given: list[Order] = oversight.look(database, LATER)
    assert [(one.call_id, one.cause) for one in given] == [(live, "threats")]
    assert outcomes.outcome(database, live) is Cause.CUT_OFF
