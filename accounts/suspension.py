"""Suspending an account, and the end of it; each cause by itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from accounts.ledger import LedgerError
from accounts.opening import Status
from accounts.orders import Order, locked, orders, record
from accounts.standing import SuspendedFor, change


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
    if why in (in_force := causes_in_force(connection, account_id)):
        return False
    record(connection, Order(account_id, "suspend", why, actor, at, note))
    if why is SuspendedFor.MANDATE:
        change(connection, account_id, inactivity="mandate_hold", inactivity_at=at)
    _show(connection, account_id, in_force | {why})
    return True


def lift(
    connection: Connection, account_id: str, cause: str, actor: str, at: datetime, note: str = ""
) -> bool:
    """End its suspension for this cause; False when it isn't suspended for it.

    For other causes it stays suspended; a closed account stays closed.
    """
    row, why = locked(connection, account_id), _cause(cause)
    in_force = causes_in_force(connection, account_id)
    if row.status == Status.CLOSED or why not in in_force:
        return False
    record(connection, Order(account_id, "lift", why, actor, at, note))
    if why is SuspendedFor.MANDATE:
        change(connection, account_id, inactivity="active", inactivity_at=None)
    _show(connection, account_id, in_force - {why})
    return True


def causes_in_force(connection: Connection, account_id: str) -> set[SuspendedFor]:
    """Every cause that was ordered and not lifted since."""
    last = {
        order.cause: order.kind
        for order in orders(connection, account_id)
        if order.kind in {"suspend", "lift"}
    }
    return {SuspendedFor(cause) for cause, kind in last.items() if kind == "suspend"}


def _cause(cause: str) -> SuspendedFor:
    if cause not in set(SuspendedFor):
        raise LedgerError(f"no cause {cause!r} of suspension, only {', '.join(SuspendedFor)}")
    return SuspendedFor(cause)


def _show(connection: Connection, account_id: str, in_force: set[SuspendedFor]) -> None:
    weightiest = next((cause.value for cause in SuspendedFor if cause in in_force), None)
    status = Status.SUSPENDED if weightiest else Status.OPEN
    change(connection, account_id, status=status.value, suspended_for=weightiest)
