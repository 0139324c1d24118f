"""Inmate debit: a person's own account, which pays for the person's calls to any number."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from accounts.ledger import LedgerError
from accounts.prepaid import AVAILABLE_CENTS, open_empty
from store.database import Database
from store.tables import accounts, balances

INMATE_DEBIT: Final = "inmate_debit"


def open_account(database: Database, account_id: str, person_id: str, holder: str) -> None:
    """Open a person's own account; anyone may pay in.

    Raises :class:`LedgerError` when the account exists, the person has one, or there is no such
    person.
    """
    try:
        with database.begin() as connection:
            open_empty(connection, account_id, INMATE_DEBIT, holder, person_id)
    except IntegrityError:
        raise LedgerError(
            f"account {account_id} exists already, or person {person_id} has one or isn't known"
        ) from None


PAYING = (
    select(
        accounts.c.person_id,
        accounts.c.id.label("account_id"),
        balances.c.held_cents,
        AVAILABLE_CENTS,
    )
    .join(balances, balances.c.account_id == accounts.c.id)
    .where(accounts.c.product == INMATE_DEBIT)
    .subquery("paying")
)
"""For a query: which account pays for a person's own calls, and what it has available."""
