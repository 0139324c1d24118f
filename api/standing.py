"""Whether an account pays for calls: verified, suspended, lifted, closed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from accounts import life
from accounts.life import SuspendedFor
from accounts.policy import Act
from accounts.products import Party
from api.accounts import AccountOut, shown
from api.context import Asked
from api.guard import OnAccount, on_account
from api.tokens import Scope
from api.words import Body, Line

router = APIRouter(prefix="/accounts", tags=["accounts"])
Managed = Annotated[OnAccount, Depends(on_account(Scope.ACCOUNTS_MANAGE, Act.CHANGE))]
Closed = Annotated[OnAccount, Depends(on_account(Scope.ACCOUNTS_WRITE, Act.CLOSE))]


class Suspending(Body):
    """Why no call may be paid from it: staff's own reason, or a court's or authority's order."""

    cause: Annotated[str, Field(pattern="^(staff|mandate)$")]
    note: Line


class Noting(Body):
    """Why: it is kept."""

    note: Line


@router.post("/{account_id}/verification")
def verify_account(asked: Asked, on: Managed, why: Noting) -> AccountOut:
    """Note that somebody made sure who the holder is. Staff only."""
    with asked.database.begin() as connection:
        life.verify(connection, on.account.id, on.caller.actor, asked.clock(), why.note)
        return shown(connection, on.account.id)


@router.post("/{account_id}/suspensions")
def suspend_account(asked: Asked, on: Managed, why: Suspending) -> AccountOut:
    """Let it pay for no new call. Staff only."""
    done = (on.caller.actor, asked.clock(), why.note)
    with asked.database.begin() as connection:
        life.suspend(connection, on.account.id, why.cause, *done)
        return shown(connection, on.account.id)


@router.delete("/{account_id}/suspensions/{cause}")
def lift_suspension(asked: Asked, on: Managed, cause: SuspendedFor) -> AccountOut:
    """End its suspension for this cause. Staff only; the reason is the header's."""
    done = (on.caller.actor, asked.clock(), on.caller.why)
    with asked.database.begin() as connection:
        life.lift(connection, on.account.id, cause, *done)
        return shown(connection, on.account.id)


@router.post("/{account_id}/closing")
def close_account(asked: Asked, on: Closed, why: Noting) -> AccountOut:
    """Close it; what is left on it is refunded first."""
    cause = "staff" if on.caller.token.role is Party.STAFF else "requested"
    done = (on.caller.actor, asked.clock(), why.note)
    with asked.database.begin() as connection:
        life.close(connection, on.account.id, cause, *done)
        return shown(connection, on.account.id)
