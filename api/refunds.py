"""Unused money back to its owner."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from accounts import refunds
from accounts.policy import Act
from accounts.refunds import Refund
from api.context import Asked
from api.guard import OnAccount, on_account
from api.tokens import Scope
from api.words import Body, Cents, IdempotencyKey, Line

router = APIRouter(prefix="/accounts/{account_id}/refunds", tags=["refunds"])


class Refunding(Body):
    """How much is to go back, in whole cents; null: all that is the account's own."""

    cents: Cents | None = None
    note: Line = "asked for by the API"


class RefundOut(BaseModel):
    """One way that money goes back: to the card of a payment, or by a check (null)."""

    id: str
    cents: int
    cause: str
    payment_id: str | None
    status: str
    requested_at: datetime
    due_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None
    failure: str | None


@router.post("", status_code=201)
def request_refund(
    asked: Asked,
    on: Annotated[OnAccount, Depends(on_account(Scope.REFUNDS_WRITE, Act.ASK_REFUND))],
    key: IdempotencyKey,
    new: Refunding,
) -> list[RefundOut]:
    """Take money off the account at once, to be given back within 30 days without a fee."""
    named = f"{on.account.id}:{key}"
    asking = (new.cents, named, "requested", on.caller.actor, asked.clock(), new.note)
    with asked.database.begin() as connection:
        return _out(refunds.request(connection, on.account.id, *asking))


@router.get("")
def list_refunds(
    asked: Asked,
    on: Annotated[OnAccount, Depends(on_account(Scope.ACCOUNTS_READ, Act.SEE_ACTIVITY))],
) -> list[RefundOut]:
    """Every refund of the account, oldest first."""
    with asked.database.begin() as connection:
        return _out(refunds.of_account(connection, on.account.id))


def _out(found: Iterable[Refund]) -> list[RefundOut]:
    return [RefundOut.model_validate(one, from_attributes=True) for one in found]
