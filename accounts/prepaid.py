"""Money paid in before it is spent; and prepaid collect, which pays for calls to its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, select

from accounts import opening
from accounts.chart import CASH
from accounts.interest import interest
from accounts.ledger import Entry, Kind, LedgerError, Posting, post
from accounts.opening import NewAccount
from accounts.overdue import lift_if_paid
from accounts.products import PRODUCTS, ProductId
from store.database import Database
from store.tables import accounts, balances
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
    new = NewAccount(account_id, ProductId.PREPAID_COLLECT, holder, tuple(numbers))
    with database.begin() as connection:
        opening.open_account(connection, new, "command line", now())


def deposit(
    connection: Connection,
    account_id: str,
    cents: int,
    key: str,
    actor: str,
    at: datetime | None = None,
    source: str = CASH,
) -> bool:
    """Pay in; False when this key was paid in before. Raises :class:`LedgerError`.

    The one way money comes in. ``source`` is the house's account that it came to. No fee is taken
    and no minimum asked (47 CFR 64.6020, 64.6100). A suspended account takes money: that is how an
    overdue bill is paid, and the suspension is lifted in the same transaction.
    """
    if not 0 < cents <= LARGEST_DEPOSIT_CENTS:
        raise LedgerError(f"a deposit is between $0.01 and ${LARGEST_DEPOSIT_CENTS // 100}")
    if find(connection, account_id) is None:
        raise LedgerError(f"no account {account_id}")
    at = at or now()
    lines = [Posting(source, -cents), Posting(account_id, cents)]
    new = post(connection, Entry(f"deposit:{key}", Kind.DEPOSIT, actor, at, lines))
    if new:
        # After the posting, which has locked the balance: a closing at the same time is seen.
        refuse_unless_funded(connection, account_id)
        lift_if_paid(connection, account_id, at)
        interest(connection, account_id, at)
    return new


def refuse_unless_funded(connection: Connection, account_id: str) -> None:
    """Raise :class:`LedgerError` when no money may be paid into the account."""
    row = connection.execute(_FUNDED, {"account": account_id}).one_or_none()
    if row is None:
        raise LedgerError(f"no account {account_id}")
    if row.status == "closed":
        raise LedgerError(f"account {account_id} is closed: nothing can be paid in")
    if not PRODUCTS[ProductId(row.product)].funded_by:
        raise LedgerError(f"account {account_id} is paid on the phone bill, not here")


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


_FUNDED = (
    select(accounts.c.product, accounts.c.status)
    .join(balances, balances.c.account_id == accounts.c.id)
    .where(accounts.c.id == bindparam("account"))
)
