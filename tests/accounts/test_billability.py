"""Who bills collect calls to a number, and lists that are taken whole or not at all."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from accounts.billability import (
    COLUMNS,
    Billing,
    by_table,
    clear_mark,
    find,
    import_csv,
    mark_unbillable,
)
from accounts.file_faults import FileRefused
from accounts.ledger import LedgerError
from store.database import Database
from store.tables import billable_numbers

AT = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
HEAD = ",".join(COLUMNS) + "\n"
GOOD = "+1217555,landline,Prairie Bell,0042,yes,\n"
NUMBER = "+12175550123"


def _import(database: Database, text: str | bytes) -> int:
    data = text if isinstance(text, bytes) else text.encode()
    with database.begin() as connection:
        return import_csv(connection, data, "clerk", AT)


def test_the_longest_prefix_decides(database: Database) -> None:
    assert _import(database, HEAD + GOOD + "+12175550,voip,Cloud Talk,123A,no,\n") == 2
    with database.begin() as connection:
        assert by_table(connection, "+12175551234") == Billing("Prairie Bell", "0042")
        assert by_table(connection, NUMBER) is None
        assert by_table(connection, "+13125550123") is None


def test_one_number_is_marked_and_cleared(database: Database) -> None:
    _import(database, HEAD + GOOD)
    with database.begin() as connection:
        mark_unbillable(connection, NUMBER, "ortiz", AT, "returned by its carrier")
        assert by_table(connection, NUMBER) is None
        assert by_table(connection, "+12175550124") is not None
        marked = find(connection, NUMBER)
        assert marked is not None
        assert (marked.actor, marked.note) == ("ortiz", "returned by its carrier")
        clear_mark(connection, NUMBER)
        assert by_table(connection, NUMBER) is not None
        with pytest.raises(LedgerError, match="isn't marked"):
            clear_mark(connection, NUMBER)
        with pytest.raises(LedgerError, match="no number"):
            mark_unbillable(connection, "+1217555", "ortiz", AT, "why")
        with pytest.raises(LedgerError, match="say why"):
            mark_unbillable(connection, NUMBER, "ortiz", AT, " ")


def test_a_mobile_is_never_cleared(database: Database) -> None:
    _import(database, HEAD + f"{NUMBER},mobile,Air,0007,no,\n")
    with database.begin() as connection, pytest.raises(LedgerError, match="never bill"):
        clear_mark(connection, NUMBER)


def test_a_newer_list_replaces_what_it_names(database: Database) -> None:
    _import(database, HEAD + GOOD + "+1312555,landline,Lake Bell,0043,yes,\n")
    _import(database, HEAD + "+1217555,landline,Prairie Bell,0042,no,agreement ended\n")
    with database.begin() as connection:
        assert by_table(connection, NUMBER) is None
        assert by_table(connection, "+13125550123") == Billing("Lake Bell", "0043")


def test_every_bad_line_is_told_and_nothing_taken(database: Database) -> None:
    bad = (
        GOOD + "217555,landline,Bell,0042,yes,\n"
        "+1312555,mobile,Air,0007,yes,\n"
        "+1312556,fax,Air,0007,no,\n"
        "+1312557,landline,Bell,0042,maybe,\n"
        "+1312558,landline,,0042,yes,\n"
        "+1312559,landline,Bell,42,yes,\n"
        "+1312560,landline\n" + GOOD
    )
    with pytest.raises(FileRefused) as refused:
        _import(database, HEAD + bad)
    assert [line for line, _ in refused.value.faults] == [3, 4, 5, 6, 7, 8, 9, 10]
    assert "\n" not in str(refused.value)
    with database.begin() as connection:
        assert connection.scalar(select(func.count()).select_from(billable_numbers)) == 0


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", 1),
        (HEAD.encode(), 1),
        (b"prefix,carrier\n+1217555,Bell\n", 1),
        ((HEAD + GOOD).encode() + b"\xff\xfe", 3),
        ((HEAD + '"+1217555').encode(), 2),
    ],
)
def test_a_file_that_is_no_list(database: Database, data: bytes, line: int) -> None:
    with pytest.raises(FileRefused) as refused:
        _import(database, data)
    assert refused.value.faults[0][0] == line


@given(st.binary(max_size=60))
def test_whatever_comes_is_refused_in_one_way(sqlite_database: Database, noise: bytes) -> None:
    with pytest.raises(FileRefused):
        _import(sqlite_database, HEAD.encode() + b"," + noise)
