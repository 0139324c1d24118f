"""An account's money: what stands on it, and what came and went."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from accounts import prepaid
from accounts.history import history
from accounts.ledger import Kind
from accounts.months import end_of, month_of, start_of
from accounts.policy import Act
from accounts.products import Party
from api.context import Asked
from api.guard import OnAccount, on_account
from api.tokens import Scope
from api.words import MONTH

router = APIRouter(prefix="/accounts/{account_id}", tags=["activity"])


class BalanceOut(BaseModel):
    """An account's money in whole cents. ``available_cents`` is what a new call may take."""

    balance_cents: int
    held_cents: int
    credit_limit_cents: int
    available_cents: int


class LineOut(BaseModel):
    """Money that came (above zero) or went, and the balance after it, in whole cents.

    ``actor`` and ``note`` are for staff.
    """

    at: datetime
    key: str
    kind: Kind
    cents: int
    balance_cents: int
    call_id: str | None
    actor: str | None
    note: str | None


@router.get("/balance")
def show_balance(
    asked: Asked,
    on: Annotated[OnAccount, Depends(on_account(Scope.ACCOUNTS_READ, Act.SEE_BALANCE))],
) -> BalanceOut:
    """What stands on the account now."""
    with asked.database.begin() as connection:
        found = prepaid.find(connection, on.account.id)
    return BalanceOut.model_validate(found, from_attributes=True)


@router.get("/activity")
def show_activity(
    asked: Asked,
    on: Annotated[OnAccount, Depends(on_account(Scope.ACCOUNTS_READ, Act.SEE_ACTIVITY))],
    month: Annotated[str | None, Query(pattern=MONTH, description="Such as 2026-10, UTC.")] = None,
) -> list[LineOut]:
    """Everything that was posted to the account in a month (this one), oldest first."""
    month = month or month_of(asked.clock())
    with asked.database.begin() as connection:
        lines = list(history(connection, on.account.id, start_of(month), end_of(month)))
    every = [LineOut.model_validate(line, from_attributes=True) for line in lines]
    if on.caller.token.role is not Party.STAFF:
        return [line.model_copy(update={"actor": None, "note": None}) for line in every]
    return every
