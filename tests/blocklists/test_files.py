"""List files are taken whole or not at all, and every bad line is told by its number."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from blocklists import files, pan_orders
from blocklists.faults import ListRefused
from blocklists.files import Taken
from blocklists.lists import BlockCause, NumberError, block, blocks
from blocklists.orders import Order, Scope
from blocklists.pan import DEFAULT_MAXIMUM
from store.database import Database
from store.tables import allowed_numbers, blocked_numbers
from tests.builders import FACILITY, MORNING, NUMBER, OTHER_PERSON, PERSON, build_jail

ORDER = Order(BlockCause.SECURITY, "M. Okafor", "case 17", scope=Scope(FACILITY))
GOOD = ["2125550101", "(212) 555-0102", "+1 212 555 0103", "1-212-555-0104", "+1212556*", "# x", ""]
BAD = ["abc", "911", "+44 20 7946 0000", "212555", "2125550101;", "8005550100", "2125550101,mother"]


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database)


def count(database: Database) -> int:
    with database.begin() as connection:
        query = select(func.count()).select_from(blocked_numbers)
        return connection.execute(query).scalar_one()


def taken(database: Database, content: bytes, order: Order = ORDER) -> Taken:
    with database.begin() as connection:
        return files.block_all(connection, content, order, MORNING)


def test_a_file_is_taken_once(database: Database) -> None:
    content = "\r\n".join([*GOOD, "212.555.0101"]).encode("utf-8-sig")
    assert taken(database, content) == Taken(numbers=5, new=5, doubled=1)
    assert taken(database, content) == Taken(numbers=5, new=0, doubled=1)
    assert count(database) == 5
    with database.begin() as connection:
        assert len(blocks(connection, "2125560199", MORNING)) == 1, "by its pattern"


def test_every_bad_line_is_told_and_nothing_is_taken(database: Database) -> None:
    @settings(max_examples=15)
    @given(st.lists(st.sampled_from([*GOOD, *BAD]), min_size=1, max_size=90))
    def told(lines: list[str]) -> None:
        bad = tuple(n for n, line in enumerate(lines, 1) if line in BAD)
        content = "\n".join([*lines, GOOD[0]]).encode()
        if not bad:
            taken(database, content)
            return
        before = count(database)
        with pytest.raises(ListRefused) as refused:
            taken(database, content)
        assert refused.value.lines == bad
        assert named(str(refused.value)) == set(bad)
        assert count(database) == before

    told()


def named(message: str) -> set[int]:
    """The numbers of the lines that a message names."""
    lines = {int(one) for one in re.findall(r"line (\d+):", message)}
    _, _, rest = message.partition("also bad are the lines ")
    for one in filter(None, rest.split(", ")):
        first, _, last = one.partition("-")
        lines |= set(range(int(first), int(last or first) + 1))
    return lines


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no number in it"),
        (b"# nobody\n\n", "no number in it"),
        (b"2125550101\n\xff\xfe\n", "line 2: not UTF-8"),
        (b"2125550101\n\x00\n", "line 2: a control character"),
        (b"2" * 5000, "line 1: longer than"),
    ],
)
def test_what_is_no_list_is_refused(database: Database, content: bytes, said: str) -> None:
    with pytest.raises(NumberError, match=said):
        taken(database, content)


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_rubbish_is_never_more_than_refused(content: bytes) -> None:
    try:
        patterns, _ = files.patterns_of(content)
    except NumberError:
        return
    assert patterns


def test_an_allowed_file_is_taken_once(database: Database) -> None:
    with database.begin() as connection:
        for new in (2, 0):
            done = files.allow_all(connection, b"2125550101\n+1303*\n", "x", MORNING, FACILITY)
            assert done == Taken(2, new, 0)


def test_people_lists_are_taken_whole(database: Database) -> None:
    lines = [
        f"{PERSON},2125550101,mother",
        f'{PERSON}, "(212) 555-0102"',
        f"{OTHER_PERSON},2125550101",
    ]
    content = "\n".join([*lines, f"{PERSON},+12125550101"]).encode()
    with database.begin() as connection:
        pan_orders.request(connection, PERSON, NUMBER, "x", MORNING)
        for new in (3, 0):
            done = files.add_to_pans(connection, content, "x", MORNING)
            assert done == Taken(numbers=3, new=new, doubled=1)
        rows = pan_orders.entries(connection, PERSON)
    assert [(row.number, row.state) for row in rows] == [
        (NUMBER, "approved"),
        ("+12125550102", "approved"),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("777,2125550101", "line 2: there is no person '777'"),
        (f"{PERSON}", "line 2: a line is person,number"),
        (f"{PERSON},2125550101,a,b", "line 2: a line is person,number"),
        (f"{PERSON},911", "line 2: '911' is no number"),
    ],
)
def test_a_bad_line_keeps_everybodys_list(database: Database, line: str, said: str) -> None:
    content = f"{PERSON},2125550101\n{line}\n".encode()
    with pytest.raises(ListRefused, match=said), database.begin() as connection:
        files.add_to_pans(connection, content, "x", MORNING)
    with database.begin() as connection:
        assert connection.execute(select(allowed_numbers)).all() == []


def test_a_file_never_overfills_a_list(database: Database) -> None:
    lines = [f"{PERSON},2125550{100 + n}" for n in range(DEFAULT_MAXIMUM + 1)]
    content = "\n".join(lines).encode()
    refused = pytest.raises(ListRefused, match="has 20 places for 21 more")
    with refused, database.begin() as connection:
        files.add_to_pans(connection, content, "x", MORNING)


def test_a_file_of_another_facility_is_refused(database: Database) -> None:
    content = f"{PERSON},2125550101".encode()
    with database.begin() as connection, pytest.raises(ListRefused, match="no person"):
        files.add_to_pans(connection, content, "x", MORNING, "elsewhere")


def test_an_order_that_cannot_be_takes_no_file(database: Database) -> None:
    with pytest.raises(NumberError, match="the day it ends"):
        taken(database, b"2125550101", Order(BlockCause.COURT, "x", "order 17"))
    with database.begin() as connection:
        block(connection, NUMBER, BlockCause.VELOCITY, "the platform")
    with pytest.raises(NumberError, match="no cause by which staff"):
        taken(database, b"2125550101", Order(BlockCause.VELOCITY, "x"))
