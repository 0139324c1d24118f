"""A person's own account: one each, paid in by anyone."""

from __future__ import annotations

import pytest

from accounts import debit, prepaid
from accounts.ledger import LedgerError
from store.database import Database
from tests.builders import (
    ACCOUNT,
    DEBIT,
    OTHER_PERSON,
    PERSON,
    at_once,
    balance,
    build_jail,
    open_debit,
)


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database)


def test_anyone_pays_in(database: Database) -> None:
    open_debit(database, 0)
    for payer in ("mother", "employer"):
        with database.begin() as connection:
            assert prepaid.deposit(connection, DEBIT, 250, payer, payer)
    assert balance(database, DEBIT).balance_cents == 500


@pytest.mark.parametrize(
    ("account", "person"), [(DEBIT, OTHER_PERSON), ("second", PERSON), ("x", "404")]
)
def test_a_person_has_one_account_and_an_account_one_person(
    database: Database, account: str, person: str
) -> None:
    open_debit(database, 100)
    with pytest.raises(LedgerError, match=r"exists already|isn't known"):
        debit.open_account(database, account, person, "Alex")
    assert balance(database, DEBIT).balance_cents == 100


def test_it_takes_no_other_accounts_name(database: Database) -> None:
    with pytest.raises(LedgerError, match="exists already"):
        debit.open_account(database, ACCOUNT, PERSON, "Alex")
    assert balance(database).balance_cents == 2000


def test_openings_at_once_open_one(database: Database) -> None:
    def opened(number: int) -> bool:
        try:
            debit.open_account(database, f"own-{number}", PERSON, "Alex")
        except LedgerError:
            return False
        return True

    assert at_once(4, opened).count(True) == 1
