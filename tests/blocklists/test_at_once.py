"""The same order given several times at the same moment stands once, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from blocklists import allowing, blocking, bulk_orders
from blocklists.bulk_files import Compiled
from blocklists.force import in_force
from blocklists.lists import BlockCause
from blocklists.orders import Order, Scope
from blocklists.pan import approved
from blocklists.policy import controls
from blocklists.policy.kinds import Kind
from blocklists.policy.rules import Layer
from blocklists.privilege import registry
from blocklists.privilege.registry import Entry
from store import tables
from store.database import Database
from tests.builders import FACILITY, MORNING, NUMBER, PERSON, build_jail

TOMORROW = MORNING + timedelta(days=1)
COURT = Order(BlockCause.COURT, "clerk", "order 17", TOMORROW, Scope(None, PERSON))
SECURITY = Order(BlockCause.SECURITY, "desk", "case 4")
LIST = Compiled(Path("numbers"), 1, "00", 0)
Give = Callable[[Connection], object]

ORDERS: dict[str, Give] = {
    "blocked_numbers": lambda asked: blocking.order_block(asked, NUMBER, COURT, MORNING),
    "allowed_numbers": lambda asked: allowing.allow(asked, NUMBER, "desk", MORNING, FACILITY),
    "bulk_lists": lambda asked: bulk_orders.register(asked, "scam", LIST, SECURITY, MORNING),
    "privileged_numbers": lambda asked: registry.register(
        asked, Entry(NUMBER, "letter"), "desk", MORNING
    ),
    "controls": lambda asked: controls.set_control(
        asked, Layer.FACILITY, FACILITY, Kind.LONGEST_CALL_SECONDS, 600, "desk", "why", MORNING
    ),
}


@pytest.mark.parametrize("table", ORDERS)
def test_what_is_ordered_twice_at_once_stands_once(database: Database, table: str) -> None:
    build_jail(database)

    def order() -> object:
        with database.begin() as connection:
            return ORDERS[table](connection)

    with ThreadPoolExecutor(1) as beside:
        with database.begin() as connection:
            first = ORDERS[table](connection)
            second = beside.submit(order)
            assert not wait([second], timeout=0.3).done, "it doesn't wait for the first"
        there = second.result()
    assert table == "controls" or there == first
    assert standing(database, table) == 1


def standing(database: Database, name: str) -> int:
    """How many rows of the table are in force."""
    table = getattr(tables, name)
    binds = [approved(MORNING)] if table is tables.allowed_numbers else in_force(table.c, MORNING)
    with database.begin() as connection:
        return connection.execute(
            select(func.count()).select_from(table).where(*binds)
        ).scalar_one()
