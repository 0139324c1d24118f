"""The month's statement of an account, and the invoices of direct bill."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel

from accounts.policy import Act
from accounts.products import ProductId
from api.context import Asked
from api.guard import OnAccount, on_account
from api.pages import RESPONSES, AsFormat, Format, Language, page
from api.problems import Kind, Problem
from api.tokens import Scope
from api.words import MONTH
from billing import invoices
from billing.invoices import Invoice
from billing.statement_lines import CallLine, Movement, TaxPart
from billing.statements import of_month

router = APIRouter(prefix="/accounts/{account_id}", tags=["statements"])
On = Annotated[OnAccount, Depends(on_account(Scope.STATEMENTS_READ, Act.SEE_ACTIVITY))]
Month = Annotated[
    str, Path(pattern=MONTH, description="Such as 2026-10: a month of the books, UTC.")
]


class StatementOut(BaseModel):
    """An account's month in whole cents. ``final``: its books are closed."""

    account_id: str
    product: ProductId
    holder: str
    month: str
    final: bool
    opening_cents: int
    charged_cents: int
    moved_cents: int
    closing_cents: int
    base_cents: int
    additive_cents: int
    taxes: tuple[TaxPart, ...]
    calls: tuple[CallLine, ...]
    movements: tuple[Movement, ...]


class InvoiceOut(BaseModel):
    """What was asked for, in whole cents; ``open_cents`` isn't paid of it now."""

    id: str
    month: str
    issued_at: datetime
    due_at: datetime
    opening_cents: int
    charged_cents: int
    credited_cents: int
    due_cents: int
    open_cents: int


@router.get("/statements/{month}", response_model=StatementOut, responses=RESPONSES)
def show_statement(
    asked: Asked, on: On, month: Month, kind: AsFormat = Format.JSON, language: Language = None
) -> StatementOut | Response:
    """The account's month: every call with its parts, every other movement, what is left."""
    with asked.database.begin() as connection:
        found = list(of_month(connection, month, on.account.id))
    if not found:
        raise Problem(Kind.NOT_FOUND, f"the account has no statement of {month}")
    if kind is not Format.JSON:
        return page(kind, found[0], language or on.account.language, asked.sender)
    return StatementOut.model_validate(found[0], from_attributes=True)


@router.get("/invoices")
def list_invoices(asked: Asked, on: On) -> list[InvoiceOut]:
    """The account's invoices, oldest first."""
    with asked.database.begin() as connection:
        found = invoices.listed(connection, on.account.id)
    return [_out(one) for one in found]


@router.get("/invoices/{month}", response_model=InvoiceOut, responses=RESPONSES)
def show_invoice(
    asked: Asked, on: On, month: Month, kind: AsFormat = Format.JSON, language: Language = None
) -> InvoiceOut | Response:
    """The month's invoice, with every call of it where a page is asked for."""
    with asked.database.begin() as connection:
        found = invoices.listed(connection, on.account.id, month)
        if not found:
            raise Problem(Kind.NOT_FOUND, f"the account has no invoice of {month}")
        if kind is Format.JSON:
            return _out(found[0])
        statement = invoices.statement_of(connection, found[0])
    return page(kind, statement, language or on.account.language, asked.sender, found[0])


def _out(invoice: Invoice) -> InvoiceOut:
    return InvoiceOut.model_validate(invoice, from_attributes=True)
