"""Accounts: shown, and what their owners change."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from accounts import contact, life
from accounts.life import Account, Status, SuspendedFor
from accounts.policy import Act
from accounts.products import Party, ProductId
from api.context import Asked
from api.guard import OnAccount, on_account
from api.tokens import Scope
from api.words import Body, Line, Number
from blocklists.lists import dialable

router = APIRouter(prefix="/accounts", tags=["accounts"])

Seen = Annotated[OnAccount, Depends(on_account(Scope.ACCOUNTS_READ, Act.SEE_BALANCE))]
Told = Annotated[OnAccount, Depends(on_account(Scope.ACCOUNTS_READ, Act.SEE_ACTIVITY))]
Changed = Annotated[OnAccount, Depends(on_account(Scope.ACCOUNTS_WRITE, Act.CHANGE))]


class AccountOut(BaseModel):
    """An account as it stands; its money is asked for by itself."""

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
    numbers: list[str]


class OrderOut(BaseModel):
    """What was done about an account. ``actor`` and ``note`` are for staff."""

    kind: str
    cause: str
    at: datetime
    actor: str | None
    note: str | None


class Contact(Body):
    """How the holder is reached: what isn't sent stays, what is null is forgotten."""

    email: Line | None = None
    address: Line | None = None
    language: Annotated[str, Field(pattern="^(en|es)$")] = "en"


class Adding(Body):
    """A number whose calls the account is to pay for."""

    number: Number


@router.get("/{account_id}")
def show_account(on: Seen) -> AccountOut:
    """The account as it stands."""
    return _out(on.account)


@router.get("/{account_id}/orders")
def list_orders(asked: Asked, on: Told) -> list[OrderOut]:
    """Everything that was done about it, oldest first."""
    staff = on.caller.token.role is Party.STAFF
    with asked.database.begin() as connection:
        every = life.orders(connection, on.account.id)
    return [
        OrderOut(
            kind=one.kind,
            cause=one.cause,
            at=one.at,
            actor=one.actor if staff else None,
            note=one.note if staff else None,
        )
        for one in every
    ]


@router.patch("/{account_id}")
def change_contact(asked: Asked, on: Changed, new: Contact) -> AccountOut:
    """Change how the holder is reached, and in which language."""
    parts = new.model_dump(exclude_unset=True)
    with asked.database.begin() as connection:
        contact.change(connection, on.account.id, parts, on.caller.actor, asked.clock())
        return shown(connection, on.account.id)


@router.post("/{account_id}/numbers")
def add_number(asked: Asked, on: Changed, new: Adding) -> AccountOut:
    """Let the account pay for calls to a number."""
    number = dialable(new.number)
    with asked.database.begin() as connection:
        life.add_number(connection, on.account.id, number, on.caller.actor, asked.clock())
        return shown(connection, on.account.id)


@router.delete("/{account_id}/numbers/{number}")
def remove_number(
    asked: Asked, on: Changed, number: Annotated[str, Path(pattern=r"^\+[1-9][0-9]{6,14}$")]
) -> AccountOut:
    """Let the account pay for calls to a number (E.164) no longer."""
    with asked.database.begin() as connection:
        life.remove_number(connection, on.account.id, number, on.caller.actor, asked.clock())
        return shown(connection, on.account.id)


def shown(connection: Connection, account_id: str) -> AccountOut:
    """The account as it stands after a change."""
    account = life.find(connection, account_id)
    assert account is not None
    return _out(account)


def _out(account: Account) -> AccountOut:
    return AccountOut.model_validate(account, from_attributes=True)
