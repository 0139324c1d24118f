"""Personal data: all of it on request, and erased where the law lets it go."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from accounts import personal
from accounts.policy import Act
from api.context import Asked
from api.guard import OnAccount, on_account
from api.standing import Managed, Noting
from api.tokens import Scope

router = APIRouter(prefix="/accounts/{account_id}", tags=["personal data"])


@router.get("/export")
def export_data(
    asked: Asked,
    on: Annotated[OnAccount, Depends(on_account(Scope.ACCOUNTS_READ, Act.EXPORT))],
) -> dict[str, Any]:
    """Everything that is kept about the account's holder."""
    with asked.database.begin() as connection:
        return personal.export(connection, on.account.id)


@router.post("/erasure", status_code=204)
def erase_data(asked: Asked, on: Managed, why: Noting) -> None:
    """Forget who the holder of a closed and settled account was. Staff only."""
    with asked.database.begin() as connection:
        personal.erase(connection, on.account.id, on.caller.actor, asked.clock(), why.note)
