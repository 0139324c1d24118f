"""Refunds that go by check: issued, cashed, returned."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from accounts.chart import CASH
from accounts.ledger import LedgerError
from accounts.refunds.rows import Refund, change, locked
from accounts.refunds.settling import fail, pay_out, settled


def check_issued(connection: Connection, refund_id: str, number: str, at: datetime) -> bool:
    """A check was sent; False when this very check was noted before.

    Also for what the gateway couldn't give back. Raises :class:`LedgerError` when the refund is
    on another way, or given back.
    """
    one = locked(connection, refund_id)
    if one.status == "sent" and one.check_number == number:
        return False
    by_check = one.status == "requested" and one.payment_id is None
    if not by_check and one.status != "failed":
        raise LedgerError(f"refund {one.id} is {one.status}: no check is to be issued for it")
    if not 0 < len(number.strip()) <= 20:
        raise LedgerError("a check has a number of 1 to 20 characters")
    change(connection, one.id, status="sent", sent_at=at, check_number=number, failure=None)
    return True


def check_cashed(connection: Connection, refund_id: str, actor: str, at: datetime) -> bool:
    """The check was cashed; False when that was known. Raises :class:`LedgerError`."""
    one = locked(connection, refund_id)
    if one.status == "done":
        return False
    _refuse_unsent(one)
    pay_out(connection, one, CASH, actor, at)
    change(connection, one.id, status="done", settled_at=at)
    settled(connection, one.account_id, at)
    return True


def check_returned(connection: Connection, refund_id: str, failure: str, at: datetime) -> None:
    """The check came back, or was never cashed and is void. Raises :class:`LedgerError`."""
    one = locked(connection, refund_id)
    _refuse_unsent(one)
    fail(connection, one, f"check {one.check_number}: {failure}", at)


def _refuse_unsent(one: Refund) -> None:
    if one.status != "sent" or not one.check_number:
        raise LedgerError(f"refund {one.id} is {one.status}, and no check of it is on its way")
