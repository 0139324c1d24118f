"""What the clearing house answers: taken whole or not at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.billability import by_table
from accounts.chart import ADJUSTMENTS, CARRIERS, CASH, WRITE_OFFS
from accounts.file_faults import FileRefused
from store.database import Database
from store.tables import emi_records
from tests.billing.carriers.talks import (
    NUMBERS,
    account,
    answer,
    available,
    balance,
    pack_of,
    submitted,
    take,
    talk,
    town,
)
from tests.billing.carriers.test_packs import sound

HOUSE = (CARRIERS, CASH, ADJUSTMENTS, WRITE_OFFS)


@pytest.fixture
def billed(database: Database) -> Database:
    """Three calls that the carriers were given: 150 and 30 of one number, 70 of another."""
    town(database)
    talk(database, "one", NUMBERS[0], 150)
    talk(database, "two", NUMBERS[1], 70)
    talk(database, "three", NUMBERS[0], 30)
    submitted(database)
    return database


def serials(database: Database) -> dict[str, int]:
    """The serial number by the call."""
    with database.begin() as connection:
        return {row.call_id: row.serial for row in connection.execute(emi_records.select())}


def test_everything_that_may_come_of_a_record(billed: Database) -> None:
    its = serials(billed)
    before = available(billed, account(NUMBERS[1]))
    taken = take(
        billed,
        pack_of(
            1,
            answer("paid", its["one"], 100),
            answer("adjusted", its["one"], 20),
            answer("written off", its["one"], 25),
            answer("returned", its["two"], 70, NUMBERS[1]),
        ),
    )
    assert (taken.pack.number, taken.pack.records, taken.pack.cents) == (1, 4, 215)
    assert [balance(billed, one) for one in HOUSE] == [-35, -100, -20, -25]
    assert balance(billed, account(NUMBERS[1])) == -70
    assert available(billed, account(NUMBERS[1])) == before
    with billed.begin() as connection:
        assert by_table(connection, NUMBERS[1]) is None
        assert by_table(connection, NUMBERS[0]) is not None
    sound(billed)
    # What was returned isn't billed a second time; the rest is paid later.
    assert submitted(billed) == (None, b"")
    take(billed, pack_of(2, answer("paid", its["one"], 5), answer("paid", its["three"], 30)))
    assert balance(billed, CARRIERS) == 0
    sound(billed)


def test_what_is_returned_is_owed_whatever_the_limit(billed: Database) -> None:
    # Meanwhile the account has spent all that it may.
    talk(billed, "four", NUMBERS[1], available(billed, account(NUMBERS[1])))
    take(billed, pack_of(1, answer("returned", serials(billed)["two"], 70, NUMBERS[1])))
    assert available(billed, account(NUMBERS[1])) == 0
    assert balance(billed, account(NUMBERS[1])) == -10_000
    sound(billed)


Bad = Callable[[dict[str, int]], bytes]


def _one(its: dict[str, int], cents: int = 10) -> bytes:
    return answer("paid", its["one"], cents)


BAD: dict[str, tuple[Bad, list[int], str]] = {
    "empty": (lambda its: b"", [1], "cut off"),
    "no trailer": (lambda its: pack_of(1, _one(its))[:422], [3], "cut off"),
    "half a line": (lambda its: pack_of(1, _one(its))[:300], [2, 3], "cut off"),
    "last line without its end": (lambda its: pack_of(1, _one(its))[:-1], [3, 4], "has no end"),
    "no header": (lambda its: pack_of(1, _one(its))[211:], [1], "no header"),
    "two files in one": (lambda its: pack_of(1, _one(its)) * 2, [4, 5, 6], "second header"),
    "a line twice": (lambda its: pack_of(1, _one(its), _one(its)), [3], "twice"),
    "too few": (lambda its: pack_of(1, _one(its), records=2), [3], "says 2 records, but 1"),
    "other amount": (lambda its: pack_of(1, _one(its), cents=7), [3], "says 17 cents, but 10"),
    "unknown serial": (
        lambda its: pack_of(1, answer("paid", 999_999, 5), _one(its), answer("paid", 77_777, 5)),
        [2, 4],
        "never sent",
    ),
    "more than billed": (lambda its: pack_of(1, _one(its, 151)), [2], "of which 150 are open"),
    "more in parts": (
        lambda its: pack_of(1, _one(its, 100), answer("adjusted", its["one"], 51)),
        [3],
        "of which 50 are open",
    ),
    "another's number": (
        lambda its: pack_of(1, answer("paid", its["two"], 5, NUMBERS[0])),
        [2],
        "isn't of this billing number",
    ),
    "no cents": (lambda its: pack_of(1, _one(its, 0)), [2], "no whole cents"),
    "fraction": (
        lambda its: pack_of(1, _one(its)[:45] + b"7" + _one(its)[46:]),
        [2],
        "no whole cents",
    ),
    "later pack": (lambda its: pack_of(2, _one(its)), [1], "pack 1 comes first"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_line_by_line(billed: Database, name: str) -> None:
    make, lines, told = BAD[name]
    with pytest.raises(FileRefused) as refused:
        take(billed, make(serials(billed)))
    assert [line for line, _ in refused.value.faults] == lines
    assert told in str(refused.value)
    assert [balance(billed, one) for one in HOUSE] == [-250, 0, 0, 0]
    sound(billed)
    # The number isn't used up: the pack is sent again.
    take(billed, pack_of(1, _one(serials(billed))))


def test_a_file_is_taken_once(billed: Database) -> None:
    file = pack_of(1, _one(serials(billed)))
    take(billed, file)
    with pytest.raises(FileRefused, match="pack 1 was taken before"):
        take(billed, file)
    assert balance(billed, CASH) == -10


@settings(max_examples=30)
@given(st.integers(0, 600), st.binary(min_size=1, max_size=3))
def test_whatever_is_changed_in_a_file_is_noticed(
    sqlite_database: Database, place: int, noise: bytes
) -> None:
    if not serials(sqlite_database):
        town(sqlite_database)
        talk(sqlite_database, "one", NUMBERS[0], 150)
        submitted(sqlite_database)
    file = pack_of(1, _one(serials(sqlite_database)))
    spoilt = file[:place] + noise + file[place + len(noise) :]
    # The day and the reason are all that may be otherwise.
    free = (*range(6, 12), *range(211 + 6, 211 + 12), *range(211 + 176, 211 + 178))
    if spoilt == file or all(file[n] == spoilt[n] for n in range(len(file)) if n not in free):
        return
    with pytest.raises(FileRefused):
        take(sqlite_database, spoilt)
