"""Closing an account: unused money goes back first."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum, unique

from sqlalchemy import Connection

from accounts import numbers as its_numbers
from accounts import refunds
from accounts.ledger import LedgerError
from accounts.opening import Status
from accounts.orders import Order, locked, orders, record
from accounts.standing import SuspendedFor, change
from accounts.suspension import causes_in_force
from store.tables import accounts, balances


@unique
class ClosedFor(StrEnum):
    """Why an account was closed: its owner asked, was released, used it no more; or staff."""

    REQUESTED = "requested"
    RELEASE = "release"
    INACTIVITY = "inactivity"
    STAFF = "staff"


def close(
    connection: Connection, account_id: str, cause: str, actor: str, at: datetime, note: str = ""
) -> bool:
    """Close it; its unused money goes to refunds first, its numbers are free again.

    False when it was closed before. Raises :class:`LedgerError` while a call holds money, while
    something is owed, and while a mandate holds the account.
    """
    row = locked(connection, account_id)
    if cause not in set(ClosedFor):
        raise LedgerError(f"no cause {cause!r} of closing, only {', '.join(ClosedFor)}")
    if row.status == Status.CLOSED:
        return False
    _refuse_unsettled(connection, account_id, row.balance_cents, row.held_cents)
    if row.balance_cents > 0:
        why = "release" if cause == ClosedFor.RELEASE else "closing"
        key = f"close:{account_id}:{len(orders(connection, account_id))}"
        refunds.request(connection, account_id, None, key, why, actor, at, note)
    freed = its_numbers.release_all(connection, account_id)
    change(connection, account_id, status=Status.CLOSED.value, suspended_for=None)
    money = balances.update().where(balances.c.account_id == account_id)
    connection.execute(money.values(credit_limit_cents=0))
    told = "; ".join(filter(None, (note, ", ".join(freed))))
    record(connection, Order(account_id, "close", cause, actor, at, told))
    return True


def release(
    connection: Connection, person_id: str, actor: str, at: datetime, note: str = ""
) -> str | None:
    """A person left custody: the own account is paid out and closed.

    The account's id, or None when the person has none that is open. Raises as :func:`close`.
    """
    living = accounts.c.status != Status.CLOSED
    own = accounts.select().where(accounts.c.person_id == person_id, living)
    row = connection.execute(own).one_or_none()
    if row is None or not close(connection, row.id, ClosedFor.RELEASE, actor, at, note):
        return None
    return str(row.id)


def _refuse_unsettled(connection: Connection, account_id: str, balance: int, held: int) -> None:
    if held:
        raise LedgerError(f"account {account_id}: a call holds {held} cents; close it afterwards")
    if balance < 0:
        raise LedgerError(f"account {account_id} owes {-balance} cents: pay or write off first")
    if SuspendedFor.MANDATE in causes_in_force(connection, account_id):
        raise LedgerError(f"account {account_id} is held by a mandate: lift that first")
