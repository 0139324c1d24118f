"""Files of payments: whole or not at all, and once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accounts import life, prepaid
from accounts.chart import CASH
from accounts.file_faults import FileRefused
from accounts.invariants import cached_balances, unbalanced_entries
from accounts.ledger import LedgerError
from accounts.opening import NewAccount
from accounts.payments import imports, records
from accounts.payments.imports import Imported
from accounts.products import ProductId
from store.database import Database
from store.tables import entries, payment_imports, payments, postings
from tests.accounts.payments.test_import_file import GOOD
from tests.builders import DEBIT, PERSON, at_once, build_jail, open_debit

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


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
    assert found["lockbox/LB-3"].payer == "Rivera, Alex"
    assert found["lockbox/LB-2"].import_id == taken.id
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


@pytest.mark.parametrize("account", ["nobody", "house.cash"])
def test_an_unknown_account_is_told_and_nothing_is_posted(database: Database, account: str) -> None:
    wrong = GOOD.replace("okafor", account)
    assert refused(database, wrong) == [(3, f"no account {account}")]


def test_every_bad_line_is_told(database: Database) -> None:
    wrong = GOOD.replace("rivera,2500", "rivera,-1").replace("okafor,1000", "okafor,x")
    assert [line for line, _ in refused(database, wrong)] == [2, 3]
    nobody = GOOD.replace("rivera", "nobody")
    assert [line for line, _ in refused(database, nobody)] == [2, 4]


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
