"""Inmate debit: a person's own account, which pays for the person's calls to any number."""

from __future__ import annotations

from typing import Final

from accounts import opening
from accounts.opening import NewAccount
from accounts.products import ProductId
from store.database import Database
from store.types import now

INMATE_DEBIT: Final = "inmate_debit"


def open_account(database: Database, account_id: str, person_id: str, holder: str) -> None:
    """Open a person's own account; anyone may pay in.

    Raises :class:`accounts.ledger.LedgerError` when the account exists, the person has one, or
    there is no such person.
    """
    new = NewAccount(account_id, ProductId.INMATE_DEBIT, holder, person_id=person_id)
    with database.begin() as connection:
        opening.open_account(connection, new, "command line", now())
