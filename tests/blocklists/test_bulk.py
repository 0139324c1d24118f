"""Lists of millions: every number of the file and no other; a file that fails, fails the call."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from blocklists import bulk, bulk_files, bulk_orders
from blocklists.bulk_files import Compiled, compile_list
from blocklists.faults import ListRefused, NotThere
from blocklists.lists import BlockCause, NumberError
from blocklists.orders import Order, Scope
from store.database import Database
from tests.builders import FACILITY, MORNING, NO_ACCOUNT_NUMBER, NUMBER, PERSON, build_jail

PROVIDER = Order(BlockCause.PROVIDER, "clerk")
SPELLINGS = (
    "{0}{1}{2}",
    "({0}) {1}-{2}",
    "+1 {0} {1} {2}",
    "1-{0}-{1}-{2}",
    "1{0}{1}{2}\r",
    "{0}.{1}.{2}",
)
RUBBISH = (
    "abc",
    "123",
    "+2125550100",
    "22125550100",
    "2125550100x",
    "1125550100",
    "2121550100",
    "é",
    "+",
)
lines = st.one_of(
    st.tuples(st.sampled_from(SPELLINGS), st.integers(200, 209), st.integers(200, 203)).map(
        lambda one: one[0].format(one[1], one[2], "0100")
    ),
    st.sampled_from(["", "  ", "# a word", *RUBBISH]),
)


def compiled(folder: Path, *numbers: str) -> Compiled:
    source = folder / "list.txt"
    source.write_text("\n".join(numbers))
    return compile_list(source, folder / "lists")


def plain(line: str) -> int | None:
    """What a line means, read with patience; None: nothing. Raises ValueError for rubbish."""
    if not line.strip() or line.startswith("#"):
        return None
    keys = "".join(key for key in line if key not in " -.()/\t\r")
    keys = keys.removeprefix("+1") if keys.startswith("+") else keys.removeprefix("1")
    if len(keys) != 10 or not keys.isascii() or not keys.isdigit() or keys[0] <= "1":
        raise ValueError(line)
    if keys[3] in "01":
        raise ValueError(line)
    return int("1" + keys)


@settings(max_examples=80)
@given(st.lists(lines, max_size=30), st.booleans(), st.sampled_from([5, 40, 1 << 20]))
def test_a_file_is_read_as_a_plain_reader_does(
    written: list[str], ended: bool, piece_bytes: int
) -> None:
    wanted, bad = set(), []
    for number, line in enumerate(written, 1):
        try:
            wanted.add(plain(line))
        except ValueError:
            bad.append(number)
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk_files, "PIECE_BYTES", piece_bytes)
        source, folder = Path(name) / "list.txt", Path(name) / "lists"
        source.write_bytes(("\n".join(written) + "\n" * ended).encode())
        if bad:
            with pytest.raises(ListRefused) as refused:
                compile_list(source, folder)
            assert refused.value.lines == tuple(bad)
            assert list(folder.iterdir()) == []
        elif not wanted - {None}:
            with pytest.raises(NumberError, match="no number in it"):
                compile_list(source, folder)
        else:
            made = compile_list(source, folder)
            numbers = bulk.opened(str(made.file), made.sha256)
            assert numbers.tolist() == sorted(one for one in wanted if one)
            assert made.entries == numbers.size


@given(st.sets(st.integers(0, 60), min_size=1))
def test_what_is_in_it_is_found_and_nothing_else(values: set[int]) -> None:
    numbers = np.array(sorted(values), dtype=bulk.KIND)
    assert {one for one in range(62) if bulk.has(numbers, one)} == values


def blocked(
    connection: Connection, number: str, facility: str, at: datetime = MORNING
) -> BlockCause | None:
    """What the lists in force at a facility say of a number."""
    lists = connection.execute(select(bulk.of_call(facility, at))).scalar_one()
    return bulk.blocked(lists, number)


def test_a_list_blocks_until_it_is_lifted(database: Database, tmp_path: Path) -> None:
    build_jail(database)
    made = compiled(tmp_path, "(212) 555-0101")
    with database.begin() as connection:

        def cause(number: str = NUMBER, facility: str = FACILITY) -> BlockCause | None:
            return blocked(connection, number, facility)

        assert cause() is None
        order = replace(PROVIDER, scope=Scope(FACILITY))
        for _ in range(2):
            bulk_orders.register(connection, "watch", made, order, MORNING)
        assert len(bulk_orders.lists_in_force(connection, MORNING, FACILITY)) == 1
        assert (cause(), cause(NO_ACCOUNT_NUMBER), cause(facility="x")) == (
            BlockCause.PROVIDER,
            None,
            None,
        )
        stronger = Order(BlockCause.SECURITY, "x", "case 17", MORNING + timedelta(days=1))
        bulk_orders.register(connection, "other", made, stronger, MORNING)
        assert cause() is BlockCause.SECURITY
        assert blocked(connection, NUMBER, "x", MORNING + timedelta(days=1)) is None
        other = compiled(tmp_path, "(212) 555-0199")
        bulk_orders.register(connection, "watch", other, order, MORNING)
        bulk_orders.lift(connection, "other", "x", MORNING)
        assert (cause(), cause(NO_ACCOUNT_NUMBER)) == (None, BlockCause.PROVIDER)
        with pytest.raises(NotThere):
            bulk_orders.lift(connection, "watch", "x", MORNING)
        bulk_orders.lift(connection, "watch", "x", MORNING, FACILITY)
        assert cause(NO_ACCOUNT_NUMBER) is None


def test_a_list_binds_no_single_person(database: Database, tmp_path: Path) -> None:
    build_jail(database)
    order = replace(PROVIDER, scope=Scope(None, PERSON))
    with database.begin() as connection, pytest.raises(NumberError, match="not one person"):
        bulk_orders.register(connection, "x", compiled(tmp_path, NUMBER), order, MORNING)


@pytest.mark.parametrize("gone", [True, False])
def test_without_its_file_nothing_is_decided(
    database: Database, tmp_path: Path, gone: bool
) -> None:
    made = compiled(tmp_path, NUMBER)
    with database.begin() as connection:
        bulk_orders.register(connection, "watch", made, PROVIDER, MORNING)
        made.file.unlink()
        if not gone:
            made.file.write_bytes(bytes(16))
        with pytest.raises(bulk.BulkListError, match="load it again"):
            blocked(connection, NUMBER, FACILITY)
        bulk_orders.register(connection, "watch", compiled(tmp_path, NUMBER), PROVIDER, MORNING)
        assert blocked(connection, NUMBER, FACILITY) is BlockCause.PROVIDER


@pytest.mark.parametrize("content", [b"7" * 100, b"\x00\n" * 10])
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(ListRefused):
        compile_list(tmp_path / "x", tmp_path / "lists")
    with pytest.raises(NumberError, match="can't be read"):
        compile_list(tmp_path / "nothing", tmp_path / "lists")
