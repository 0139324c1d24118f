"""Files of payments: whole or not at all, and once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts import life, prepaid
from accounts.chart import CASH
from accounts.file_faults import FileRefused
from accounts.invariants import cached_balances, unbalanced_entries
from accounts.ledger import LedgerError
from accounts.opening import NewAccount
from accounts.payments import import_file, imports, records
from accounts.payments.imports import Imported
from accounts.products import ProductId
from store.database import Database
from store.tables import entries, payment_imports, payments, postings
from tests.builders import DEBIT, PERSON, at_once, build_jail, open_debit

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
GOOD = """payments,1,lockbox,2026-11-20-A
item,LB-1,rivera,2500,Sam Rivera
item,LB-2,okafor,1000,
item,LB-3,rivera,50,"Rivera, Alex"
total,3,3550
"""


@pytest.fixture(autouse=True)
def customers(database: Database) -> None:
    build_jail(database, cents=0)
    prepaid.open_account(database, "okafor", "Kim Okafor", ["+13125550102"])


def take(database: Database, text: str) -> Imported:
    with database.begin() as connection:
        return imports.take(connection, text.encode(), "ortiz", AT)


def refused(database: Database, text: str | bytes) -> list[tuple[int, str]]:
    """What is told about a file that isn't taken; nothing of it is kept."""
    data = text if isinstance(text, bytes) else text.encode()
    before = kept(database)
    with pytest.raises(FileRefused) as told, database.begin() as connection:
        imports.take(connection, data, "ortiz", AT)
    assert kept(database) == before
    assert "\n" not in str(told.value)
    return list(told.value.faults)


def kept(database: Database) -> list[int]:
    tables = (payments, payment_imports, entries, postings)
    with database.begin() as connection:
        return [len(connection.execute(table.select()).all()) for table in tables]


def balance(database: Database, account: str) -> int:
    with database.begin() as connection:
        found = prepaid.find(connection, account)
    assert found is not None
    return found.balance_cents


def test_a_file_is_taken_whole(database: Database) -> None:
    taken = take(database, GOOD)
    assert (taken.items, taken.cents) == (3, 3550)
    assert taken.account_ids == {"rivera", "okafor"}
    assert (balance(database, "rivera"), balance(database, "okafor")) == (2550, 1000)
    with database.begin() as connection:
        found = {one.key: one for one in records.listed(connection)}
        cash = connection.execute(postings.select().where(postings.c.account_id == CASH)).all()
        assert list(unbalanced_entries(connection)) == list(cached_balances(connection)) == []
    assert found["lockbox:LB-3"].payer == "Rivera, Alex"
    assert found["lockbox:LB-2"].import_id == taken.id
    assert sum(row.cents for row in cash) == -3550


def test_line_ends_and_marks_of_other_systems_are_read(database: Database) -> None:
    with database.begin() as connection:
        data = b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()
        assert imports.take(connection, data, "ortiz", AT).items == 3


def test_the_same_file_twice_posts_nothing_twice(database: Database) -> None:
    first = take(database, GOOD)
    before = kept(database)
    with pytest.raises(LedgerError, match=f"taken before, as import {first.id}"):
        take(database, GOOD)
    assert kept(database) == before


def test_a_reference_twice_is_refused_even_in_another_file(database: Database) -> None:
    first = take(database, GOOD)
    other = "payments,1,lockbox,B\nitem,LB-9,rivera,100,\nitem,LB-2,okafor,1000,\ntotal,2,1100\n"
    assert refused(database, other) == [(3, f"LB-2 was paid in before, by import {first.id}")]
    # Another sender's references are its own.
    take(database, other.replace("lockbox", "cash"))
    assert balance(database, "okafor") == 2000


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("item,LB-2,okafor,-1000,", "isn't between"),
        ("item,LB-2,okafor,0,", "isn't between"),
        ("item,LB-2,okafor,10.00,", "isn't between"),
        ("item,LB-2,okafor,1000001,", "isn't between"),
        ("item,LB-2,okafor,99999999999999999999,", "isn't between"),
        ("item,LB-2,okafor,\u0661,", "isn't between"),
        ("item,LB-2,nobody,1000,", "no account nobody"),
        ("item,LB-2,house.cash,1000,", "no account house.cash"),
        ("item,LB-2,,1000,", "no account is named"),
        ("item,LB-1,okafor,1000,", "LB-1 stands on line 2 already"),
        ("item,,okafor,1000,", "no reference"),
        ("item,L B,okafor,1000,", "no reference"),
        ("item,LB-2,okafor,1000", "an item is"),
        ("item,LB-2,okafor,1000,a,b", "an item is"),
        ("credit,LB-2,okafor,1000,", "an item is"),
        ("", "an item is"),
        ('item,LB-2,okafor,1000,"Okafor', "no CSV"),
        ("item,LB-2,okafor,1000,\x00", "plain text"),
    ],
)
def test_a_bad_line_is_told_and_nothing_is_posted(database: Database, line: str, why: str) -> None:
    (fault,) = refused(database, GOOD.replace("item,LB-2,okafor,1000,", line))
    assert fault[0] == 3
    assert why in fault[1]


def test_every_bad_line_is_told(database: Database) -> None:
    wrong = GOOD.replace("rivera,2500", "rivera,-1").replace("okafor,1000", "okafor,x")
    assert [line for line, _ in refused(database, wrong)] == [2, 3]
    nobody = GOOD.replace("rivera", "nobody")
    assert [line for line, _ in refused(database, nobody)] == [2, 4]


@pytest.mark.parametrize(
    ("trailer", "why"),
    [
        ("total,4,3550", "4 items over 3550 cents, but there are 3 items over 3550 cents"),
        ("total,3,3551", "but there are"),
        ("total,3", "trailer"),
        ("total,three,3550", "trailer"),
        ("total,3,-3550", "trailer"),
    ],
)
def test_totals_must_be_right(database: Database, trailer: str, why: str) -> None:
    (fault,) = refused(database, GOOD.replace("total,3,3550", trailer))
    assert fault[0] == 5
    assert why in fault[1]


@pytest.mark.parametrize(
    "header",
    ["payments,2,lockbox,A", "payments,1,wire,A", "payments,1,lockbox,", "payments,1,lockbox"],
)
def test_a_header_says_what_it_is(database: Database, header: str) -> None:
    ((line, why),) = refused(database, GOOD.replace("payments,1,lockbox,2026-11-20-A", header))
    assert line == 1
    assert "header" in why


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"\xff\xfe", GOOD.encode() + b"\xff", b"x" * 17_000_000]
)
def test_what_is_no_such_file(database: Database, data: bytes) -> None:
    assert len(refused(database, data)) == 1


def test_a_file_appended_to_itself_is_refused(database: Database) -> None:
    assert refused(database, GOOD + GOOD)


def test_closed_accounts_and_phone_bills_are_not_paid_into(database: Database) -> None:
    phone = NewAccount("TC-1", ProductId.TRADITIONAL_COLLECT, "Lee", ("+13125550103",))
    with database.begin() as connection:
        life.open_account(connection, phone, "test", AT)
        life.close(connection, "okafor", "requested", "test", AT)
        life.suspend(connection, "rivera", "staff", "test", AT)
    wrong = GOOD.replace('rivera,50,"Rivera, Alex"', "TC-1,50,")
    assert [line for line, _ in refused(database, wrong)] == [3, 4]


def test_a_trust_file_pays_into_persons_own_accounts(database: Database) -> None:
    open_debit(database, 0)
    text = f"payments,1,trust,T-1\nitem,T1,{PERSON},500,\ntotal,1,500\n"
    assert take(database, text).account_ids == {DEBIT}
    assert balance(database, DEBIT) == 500
    ((line, why),) = refused(database, text.replace(PERSON, "rivera").replace("T1", "T2"))
    assert (line, why) == (2, "no person with an own account rivera")


def test_two_files_at_once_pay_one_reference_once(database: Database) -> None:
    def one(number: int) -> bool:
        try:
            take(database, GOOD.replace("2026-11-20-A", f"file {number}"))
        except FileRefused:
            return False
        return True

    assert at_once(3, one).count(True) == 1
    assert balance(database, "okafor") == 1000


@pytest.mark.parametrize("end", range(0, len(GOOD) - 1, 9))
def test_a_file_cut_off_anywhere_is_refused(end: int) -> None:
    with pytest.raises(FileRefused):
        import_file.read(GOOD[:end].encode())


@hypothesis_settings(max_examples=200)
@given(st.binary(max_size=60), st.integers(0, len(GOOD)), st.integers(0, 20))
def test_whatever_is_in_a_file_is_read_or_refused(junk: bytes, at: int, gone: int) -> None:
    data = GOOD.encode()[:at] + junk + GOOD.encode()[at + gone :]
    try:
        file = import_file.read(data)
    except FileRefused:
        return
    assert all(line.cents > 0 for line in file.items)
