"""The terms of accounts: shown to everybody, accepted by an account's owner."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from accounts import terms
from accounts.policy import Act
from api.context import Asked
from api.guard import OnAccount, on_account, public
from api.tokens import Scope
from api.words import PRINTED, Body

router = APIRouter(tags=["terms"])


class TermsOut(BaseModel):
    """The terms in force, as Markdown."""

    version: str
    language: str
    text: str


class AcceptanceOut(BaseModel):
    """That a version was accepted, how and when."""

    version: str
    how: str
    at: datetime


class AcceptancesOut(BaseModel):
    """What was accepted, and the version that still is to be (null: none)."""

    accepted: list[AcceptanceOut]
    to_accept: str | None


class Accepting(Body):
    """The version that was shown and accepted, and by which way."""

    version: Annotated[str, Field(pattern=PRINTED, max_length=20)]
    how: Annotated[str, Field(pattern="^(web|telephone|paper)$")] = "web"


@router.get("/terms", dependencies=[Depends(public)])
def show_terms(language: Annotated[str, Query(pattern="^(en|es)$")] = "en") -> TermsOut:
    """The terms in force."""
    version = terms.current()
    return TermsOut(version=version, language=language, text=terms.text(version, language))


@router.get("/accounts/{account_id}/terms")
def list_acceptances(
    asked: Asked,
    on: Annotated[OnAccount, Depends(on_account(Scope.ACCOUNTS_READ, Act.SEE_BALANCE))],
) -> AcceptancesOut:
    """Which terms the account's owner has accepted."""
    return _acceptances(asked, on)


@router.post("/accounts/{account_id}/terms")
def accept_terms(
    asked: Asked,
    on: Annotated[OnAccount, Depends(on_account(Scope.ACCOUNTS_WRITE, Act.CHANGE))],
    new: Accepting,
) -> AcceptancesOut:
    """Note that the account's owner accepts a version."""
    done = (new.version, new.how, on.caller.actor, asked.clock())
    with asked.database.begin() as connection:
        terms.accept(connection, on.account.id, *done)
    return _acceptances(asked, on)


def _acceptances(asked: Asked, on: OnAccount) -> AcceptancesOut:
    with asked.database.begin() as connection:
        every = terms.accepted(connection, on.account.id)
        missing = terms.to_accept(connection, on.account.id)
    done = [AcceptanceOut.model_validate(one, from_attributes=True) for one in every]
    return AcceptancesOut(accepted=done, to_accept=missing)
