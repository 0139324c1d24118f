"""Money paid in before it is spent; and prepaid collect, which pays for calls to its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from accounts.chart import CASH
from accounts.ledger import Entry, Kind, LedgerError, Posting, post
from store.database import Database
from store.tables import account_numbers, accounts, balances
from store.types import now

PREPAID_COLLECT: Final = "prepaid_collect"
# An amount above this is a slip of the keyboard, not a deposit to a family's phone account.
LARGEST_DEPOSIT_CENTS = 10_000_00


@dataclass(frozen=True)
class Balance:
    """An account's money in cents. ``available`` is what a new call may take."""

    account_id: str
    holder: str
    balance_cents: int
    held_cents: int
    credit_limit_cents: int

    @property
    def available_cents(self) -> int:
        """Balance and credit, less what live calls hold."""
        return self.balance_cents + self.credit_limit_cents - self.held_cents


def open_account(database: Database, account_id: str, holder: str, numbers: list[str]) -> None:
    """Open an account that pays for calls to ``numbers`` (E.164).

    Raises :class:`LedgerError` when the account exists or a number has its account already.
    """
    try:
        with database.begin() as connection:
            open_empty(connection, account_id, PREPAID_COLLECT, holder)
            for number in numbers:
                pays = {"number": number, "account_id": account_id}
                connection.execute(account_numbers.insert(), pays)
    except IntegrityError:
        raise LedgerError(
            f"account {account_id} exists already, or one of {', '.join(numbers)} has an account"
        ) from None


def open_empty(
    connection: Connection, account_id: str, product: str, holder: str, person_id: str | None = None
) -> None:
    """A customer's account without money. The database refuses what can't be."""
    row = {"id": account_id, "product": product, "holder": holder, "opened_at": now()}
    nothing = {"balance_cents": 0, "held_cents": 0, "credit_limit_cents": 0}
    connection.execute(accounts.insert(), {**row, "person_id": person_id})
    connection.execute(balances.insert(), {"account_id": account_id, **nothing})


def deposit(connection: Connection, account_id: str, cents: int, key: str, actor: str) -> bool:
    """Pay in; False when this key was paid in before. Raises :class:`LedgerError`.

    No fee is taken and no minimum asked (47 CFR 64.6020, 64.6100).
    """
    if not 0 < cents <= LARGEST_DEPOSIT_CENTS:
        raise LedgerError(f"a deposit is between $0.01 and ${LARGEST_DEPOSIT_CENTS // 100}")
    if find(connection, account_id) is None:
        raise LedgerError(f"no account {account_id}")
    lines = [Posting(CASH, -cents), Posting(account_id, cents)]
    return post(connection, Entry(f"deposit:{key}", Kind.DEPOSIT, actor, now(), lines))


def find(connection: Connection, account_id: str) -> Balance | None:
    """The account's money, or None when there is no such account."""
    row = connection.execute(
        select(
            accounts.c.id,
            accounts.c.holder,
            balances.c.balance_cents,
            balances.c.held_cents,
            balances.c.credit_limit_cents,
        )
        .join(balances, balances.c.account_id == accounts.c.id)
        .where(accounts.c.id == account_id)
    ).one_or_none()
    return Balance(*row) if row else None


AVAILABLE_CENTS = (
    balances.c.balance_cents + balances.c.credit_limit_cents - balances.c.held_cents
).label("available_cents")
PAYING = (
    select(
        account_numbers.c.number,
        account_numbers.c.account_id,
        balances.c.held_cents,
        AVAILABLE_CENTS,
    )
    .join(balances, balances.c.account_id == account_numbers.c.account_id)
    .subquery("paying")
)
"""For a query: which account pays for calls to a number, and what it has available."""
