"""Blocks as staff order them: their note and end, once, and their way out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from blocklists.blocking import Page, history, in_force_at, lift, order_block
from blocklists.faults import CantBe, NotThere
from blocklists.lists import BlockCause, NumberError, block
from blocklists.orders import Order, Scope
from store.database import Database
from tests.builders import FACILITY, MORNING, NO_ACCOUNT_NUMBER, NUMBER, PERSON, build_jail

TOMORROW = MORNING + timedelta(days=1)
COURT = Order(BlockCause.COURT, "clerk", "order 17", TOMORROW, Scope(None, PERSON))


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database)


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (replace(COURT, note=" "), "needs a note"),
        (replace(COURT, cause=BlockCause.SECURITY, note=""), "needs a note"),
        (replace(COURT, note="order\n17"), "on one line"),
        (replace(COURT, note="x" * 501), "at most 500"),
        (replace(COURT, actor=" "), "say who decided"),
        (replace(COURT, expires_at=None), "the day it ends"),
        (replace(COURT, expires_at=MORNING), "ended already"),
        (replace(COURT, cause=BlockCause.VELOCITY), "no cause by which staff"),
        (replace(COURT, scope=Scope("nowhere")), "no facility 'nowhere'"),
        (replace(COURT, scope=Scope(None, "777")), "no person '777'"),
    ],
)
def test_an_order_that_cannot_be(database: Database, order: Order, said: str) -> None:
    with database.begin() as connection, pytest.raises(NumberError, match=said):
        order_block(connection, NUMBER, order, MORNING)


def test_what_is_ordered_twice_is_there_once(database: Database) -> None:
    with database.begin() as connection:
        first = order_block(connection, "(212) 555-0101", COURT, MORNING)
        assert order_block(connection, NUMBER, COURT, MORNING) == first
        longer = replace(COURT, expires_at=TOMORROW + timedelta(days=1))
        assert order_block(connection, NUMBER, longer, MORNING) != first
        lift(connection, first, "judge", MORNING)
        assert order_block(connection, NUMBER, COURT, MORNING) != first


def test_a_number_has_its_history(database: Database) -> None:
    with database.begin() as connection:
        first = order_block(connection, "+1212555*", COURT, MORNING)
        order_block(connection, NO_ACCOUNT_NUMBER, COURT, MORNING)
        assert lift(connection, first, "judge", TOMORROW).lifted_at is None
        assert lift(connection, first, "another", TOMORROW).lifted_by == "judge"
        last = order_block(connection, NUMBER, COURT, MORNING)
        rows = history(connection, NUMBER, FACILITY)
        assert [(row.id, row.lifted_by) for row in rows] == [(first, "judge"), (last, None)]
        assert [row.id for row in history(connection, "+1212555????")] == [first]


@pytest.mark.parametrize(
    ("cause", "scope", "may"),
    [
        (BlockCause.SECURITY, Scope(FACILITY), None),
        (BlockCause.VELOCITY, Scope(None, PERSON), None),
        (BlockCause.PROVIDER, Scope(FACILITY), CantBe),
        (BlockCause.CALLED_PARTY, Scope(FACILITY), CantBe),
        (BlockCause.SECURITY, Scope(), NotThere),
    ],
)
def test_a_facility_lifts_what_is_its_own(
    database: Database, cause: BlockCause, scope: Scope, may: type[Exception] | None
) -> None:
    with database.begin() as connection:
        block(
            connection,
            NUMBER,
            cause,
            "x",
            facility_id=scope.facility_id,
            person_id=scope.person_id,
            at=MORNING,
        )
        (row,) = in_force_at(connection, MORNING, FACILITY, NUMBER)
        if may is None:
            lift(connection, row.id, "warden", MORNING, FACILITY)
            assert in_force_at(connection, MORNING, FACILITY) == []
        else:
            with pytest.raises(may):
                lift(connection, row.id, "warden", MORNING, FACILITY)


def test_blocks_are_read_in_pages(database: Database) -> None:
    with database.begin() as connection:
        for number in (NUMBER, NO_ACCOUNT_NUMBER):
            block(connection, number, BlockCause.FACILITY, "x", at=MORNING)
        (first,) = in_force_at(connection, MORNING, None, page=Page(most=1))
        (second,) = in_force_at(connection, MORNING, None, page=Page(first.id))
    assert (first.number, second.number) == (NUMBER, NO_ACCOUNT_NUMBER)
