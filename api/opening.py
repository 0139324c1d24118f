"""Opening accounts, by staff: prepaid collect, and direct bill after a credit check."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from accounts import direct_bill, life
from accounts.credit_check import Application, HolderKind
from accounts.life import NewAccount
from accounts.products import ProductId
from api.accounts import AccountOut, shown
from api.context import Asked
from api.guard import Caller, in_scope
from api.tokens import Scope
from api.words import AccountId, Body, Line, Number
from blocklists.lists import dialable

router = APIRouter(prefix="/accounts", tags=["accounts"])
Manager = Annotated[Caller, Depends(in_scope(Scope.ACCOUNTS_MANAGE))]


class New(Body):
    """An account that is to be opened, without money."""

    id: AccountId
    holder: Line
    numbers: Annotated[list[Number], Field(min_length=1, max_length=20)]
    language: Annotated[str, Field(pattern="^(en|es)$")] = "en"
    email: Line | None = None
    address: Line | None = None

    def e164(self) -> tuple[str, ...]:
        """The numbers, each once. Raises :class:`NumberError`."""
        return tuple(dict.fromkeys(dialable(number) for number in self.numbers))


class Opening(New):
    """A prepaid collect account that is to be opened."""

    note: Line = "by the API"


class Applying(New):
    """Somebody who wants to talk first and pay later."""

    kind: HolderKind


@router.post("", status_code=201)
def open_account(asked: Asked, who: Manager, new: Opening) -> AccountOut:
    """Open a prepaid collect account. Staff only."""
    given = new.model_dump(exclude={"numbers"})
    opened = NewAccount(product=ProductId.PREPAID_COLLECT, numbers=new.e164(), **given)
    with asked.database.begin() as connection:
        life.open_account(connection, opened, who.actor, asked.clock())
        return shown(connection, new.id)


@router.post("/direct-bill", status_code=201)
def open_direct_bill(asked: Asked, who: Manager, new: Applying) -> AccountOut:
    """Open a direct bill account after a credit check; 409 says why there is no credit."""
    reached = new.model_dump(include={"email", "address", "language"})
    application = Application(new.kind, new.holder, new.e164())
    with asked.database.begin() as connection:
        direct_bill.apply(connection, new.id, application, who.actor, asked.clock(), **reached)
        return shown(connection, new.id)
