"""Who would pay for a call, and whether that account may now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from accounts import billability, collect
from accounts.life import SuspendedFor
from calls.reasons import PaidBy, Reason
from rating.taxes import AccountType
from store.settings import CallSettings
from store.types import AnyRow


@dataclass(frozen=True)
class Payer:
    """An account as it stands. ``calls_left``: None where calls aren't counted."""

    account_id: str
    product: AccountType
    status: str
    suspended_for: str | None
    available_cents: int
    held_cents: int
    calls_left: int | None = None

    def refusal(self) -> Reason | None:
        """Why it doesn't pay now, if it doesn't."""
        if self.status == "closed":
            # Whoever closed the number's own collect account wants no more of its calls billed.
            return Reason.NO_ACCOUNT
        if self.status == "suspended":
            return self._suspended()
        if self.calls_left is not None and self.calls_left <= 0:
            return Reason.TOO_MANY_COLLECT_CALLS
        return USED_UP[self.product] if self.available_cents <= 0 else None

    def _suspended(self) -> Reason:
        if self.product == "inmate_debit":
            return Reason.DEBIT_SUSPENDED
        overdue = self.suspended_for == SuspendedFor.OVERDUE
        return Reason.BILL_OVERDUE if overdue else Reason.ACCOUNT_SUSPENDED


NOBODY: Mapping[PaidBy, Reason] = {
    PaidBy.CALLED: Reason.NO_ACCOUNT,
    PaidBy.CALLER: Reason.NO_DEBIT_ACCOUNT,
}
"""The refusal where there is no account at all."""
USED_UP: Mapping[AccountType, Reason] = {
    "prepaid_collect": Reason.NOT_ENOUGH_MONEY,
    "direct_bill": Reason.CREDIT_LIMIT,
    "traditional_collect": Reason.COLLECT_LIMIT,
    "inmate_debit": Reason.DEBIT_EMPTY,
}


def product_of(
    connection: Connection, facts: AnyRow, number: str, by: PaidBy
) -> AccountType | None:
    """By which product the call would be paid; None where nobody can pay.

    A number without an account can call collect where its carrier bills for us.
    """
    if facts.account_id is not None:
        product: AccountType = facts.product
        return product
    if by is PaidBy.CALLED and billability.by_table(connection, number):
        return "traditional_collect"
    return None


def payer(
    connection: Connection,
    facts: AnyRow,
    number: str,
    product: AccountType,
    settings: CallSettings,
    at: datetime,
) -> Payer:
    """The account that pays by this product, as it stands at this moment."""
    if product == "traditional_collect":
        room = collect.room(connection, number, settings, at)
        stands = (room.status, room.suspended_for, room.available_cents, room.held_cents)
        return Payer(room.account_id, product, *stands, room.calls_left)
    stands = (facts.account_status, facts.suspended_for, facts.available_cents, facts.held_cents)
    return Payer(facts.account_id, product, *stands)
