"""The life of an account: opened, verified, suspended, closed; each with cause and actor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique

from sqlalchemy import Connection

from accounts import numbers as its_numbers
from accounts import refunds
from accounts.interest import interest
from accounts.ledger import LedgerError
from accounts.numbers import add_number, remove_number
from accounts.opening import NewAccount, Status, open_account
from accounts.orders import Order, locked, orders, record
from accounts.products import ProductId
from store.tables import accounts, balances

__all__ = [
    "Account",
    "NewAccount",
    "Order",
    "Status",
    "SuspendedFor",
    "add_number",
    "close",
    "find",
    "interest",
    "lift",
    "open_account",
    "orders",
    "release",
    "remove_number",
    "suspend",
    "verify",
]


@unique
class SuspendedFor(StrEnum):
    """Why an account pays for no call, the weightiest first."""

    MANDATE = "mandate"
    STAFF = "staff"
    CHARGEBACK = "chargeback"
    OVERDUE = "overdue"


@unique
class ClosedFor(StrEnum):
    """Why an account was closed: its owner asked, was released, used it no more; or staff."""

    REQUESTED = "requested"
    RELEASE = "release"
    INACTIVITY = "inactivity"
    STAFF = "staff"


@dataclass(frozen=True)
class Account:
    """An account as it stands. Its money is another matter (:func:`accounts.prepaid.find`)."""

    id: str
    product: ProductId
    holder: str
    status: Status
    suspended_for: SuspendedFor | None
    person_id: str | None
    language: str
    email: str | None
    address: str | None
    opened_at: datetime
    verified_at: datetime | None
    inactivity: str
    numbers: tuple[str, ...]


def find(connection: Connection, account_id: str) -> Account | None:
    """The customer's account, or None when there is none such."""
    row = connection.execute(accounts.select().where(accounts.c.id == account_id)).one_or_none()
    if row is None or row.product not in set(ProductId):
        return None
    return Account(
        id=row.id,
        product=ProductId(row.product),
        holder=row.holder,
        status=Status(row.status),
        suspended_for=SuspendedFor(row.suspended_for) if row.suspended_for else None,
        person_id=row.person_id,
        language=row.language,
        email=row.email,
        address=row.address,
        opened_at=row.opened_at,
        verified_at=row.verified_at,
        inactivity=row.inactivity,
        numbers=its_numbers.of(connection, account_id),
    )


def verify(
    connection: Connection, account_id: str, actor: str, at: datetime, note: str = ""
) -> bool:
    """Somebody made sure who the holder is; False when that was done before."""
    row = locked(connection, account_id)
    if row.verified_at is not None:
        return False
    _set(connection, account_id, verified_at=at)
    record(connection, Order(account_id, "verify", "identity", actor, at, note))
    return True


def suspend(
    connection: Connection, account_id: str, cause: str, actor: str, at: datetime, note: str = ""
) -> bool:
    """Let it pay for no new call; False when it is suspended for this already.

    An account may be suspended for several causes at once; it shows the weightiest. A mandate
    (of a court or an authority) holds its money too. Raises :class:`LedgerError` when the
    account is closed or provisional, or the cause is none.
    """
    row, why = locked(connection, account_id), _cause(cause)
    if row.status not in {Status.OPEN, Status.SUSPENDED}:
        raise LedgerError(f"account {account_id} is {row.status}: it can't be suspended")
    if why in (in_force := _in_force(connection, account_id)):
        return False
    record(connection, Order(account_id, "suspend", why, actor, at, note))
    if why is SuspendedFor.MANDATE:
        _set(connection, account_id, inactivity="mandate_hold", inactivity_at=at)
    _show(connection, account_id, in_force | {why})
    return True


def lift(
    connection: Connection, account_id: str, cause: str, actor: str, at: datetime, note: str = ""
) -> bool:
    """End its suspension for this cause; False when it isn't suspended for it.

    For other causes it stays suspended.
    """
    locked(connection, account_id)
    why = _cause(cause)
    if why not in (in_force := _in_force(connection, account_id)):
        return False
    record(connection, Order(account_id, "lift", why, actor, at, note))
    if why is SuspendedFor.MANDATE:
        _set(connection, account_id, inactivity="active", inactivity_at=None)
    _show(connection, account_id, in_force - {why})
    return True


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
    _set(connection, account_id, status=Status.CLOSED.value, suspended_for=None)
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
    own = accounts.select().where(accounts.c.person_id == person_id)
    row = connection.execute(own).one_or_none()
    if row is None or not close(connection, row.id, ClosedFor.RELEASE, actor, at, note):
        return None
    return str(row.id)


def _refuse_unsettled(connection: Connection, account_id: str, balance: int, held: int) -> None:
    if held:
        raise LedgerError(f"account {account_id}: a call holds {held} cents; close it afterwards")
    if balance < 0:
        raise LedgerError(f"account {account_id} owes {-balance} cents: pay or write off first")
    if SuspendedFor.MANDATE in _in_force(connection, account_id):
        raise LedgerError(f"account {account_id} is held by a mandate: lift that first")


def _cause(cause: str) -> SuspendedFor:
    if cause not in set(SuspendedFor):
        raise LedgerError(f"no cause {cause!r} of suspension, only {', '.join(SuspendedFor)}")
    return SuspendedFor(cause)


def _in_force(connection: Connection, account_id: str) -> set[SuspendedFor]:
    """Every cause that was ordered and not lifted since."""
    last = {
        order.cause: order.kind
        for order in orders(connection, account_id)
        if order.kind in {"suspend", "lift"}
    }
    return {SuspendedFor(cause) for cause, kind in last.items() if kind == "suspend"}


def _show(connection: Connection, account_id: str, in_force: set[SuspendedFor]) -> None:
    weightiest = next((cause.value for cause in SuspendedFor if cause in in_force), None)
    status = Status.SUSPENDED if weightiest else Status.OPEN
    _set(connection, account_id, status=status.value, suspended_for=weightiest)


def _set(connection: Connection, account_id: str, **columns: object) -> None:
    connection.execute(accounts.update().where(accounts.c.id == account_id).values(columns))
