"""Direct bill: opened after a credit check, with a limit that rises while all is paid in time."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from accounts.credit_check import Application, HolderKind, Provider, Refusal, by_table, terms
from accounts.ledger import LedgerError
from accounts.life import NewAccount, Status, open_account
from accounts.orders import Order, locked, record
from accounts.overdue import overdue_cents
from accounts.products import ProductId
from store.tables import account_orders, accounts, balances
from store.types import AnyRow

CREDIT: Final = "credit"


class CreditRefused(LedgerError):
    """No credit. ``refusal`` says why, in words for the one who asked."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(f"no direct bill account: {refusal.value}")


def apply(
    connection: Connection,
    account_id: str,
    application: Application,
    actor: str,
    at: datetime,
    check: Provider = by_table,
    *,
    email: str | None = None,
    address: str | None = None,
    language: str = "en",
) -> int:
    """Open a direct bill account; its credit limit in cents.

    Raises :class:`CreditRefused` with the reason, :class:`LedgerError` when it can't be opened.
    """
    verdict = check(connection, application, at)
    if verdict.refusal is not None:
        raise CreditRefused(verdict.refusal)
    if not application.numbers:
        raise LedgerError("a direct bill account needs a number whose calls it pays for")
    new = NewAccount(
        account_id,
        ProductId.DIRECT_BILL,
        application.holder,
        application.numbers,
        credit_limit_cents=verdict.limit_cents,
        language=language,
        email=email,
        address=address,
    )
    open_account(connection, new, actor, at)
    _note(connection, account_id, application.kind, verdict.limit_cents, actor, at)
    return verdict.limit_cents


def raise_limits(connection: Connection, actor: str, at: datetime) -> dict[str, int]:
    """Raise the limit of every account that went well for long enough; the new limits in cents."""
    raised: dict[str, int] = {}
    for account_id, cause, since in connection.execute(_LAST_CREDIT).all():
        good = terms()[HolderKind(cause)]
        if at - since < good.good_for or _went_badly(connection, account_id, at - good.good_for):
            continue
        row = locked(connection, account_id)
        more = good.raised(row.credit_limit_cents)
        if more > row.credit_limit_cents and not overdue_cents(connection, account_id, at):
            _set_limit(connection, row, more)
            _note(connection, account_id, HolderKind(cause), more, actor, at)
            raised[account_id] = more
    return raised


def _went_badly(connection: Connection, account_id: str, since: datetime) -> bool:
    ordered = select(func.count()).where(
        account_orders.c.account_id == account_id,
        account_orders.c.kind.in_(("suspend", "lift")),
        account_orders.c.at > since,
    )
    return bool(connection.execute(ordered).scalar_one())


def _set_limit(connection: Connection, row: AnyRow, cents: int) -> None:
    its = balances.c.account_id == row.id
    connection.execute(balances.update().where(its).values(credit_limit_cents=cents))


def _note(
    connection: Connection,
    account_id: str,
    kind: HolderKind,
    cents: int,
    actor: str,
    at: datetime,
) -> None:
    told = f"limit {cents // 100}.{cents % 100:02}"
    record(connection, Order(account_id, CREDIT, kind.value, actor, at, told))


_NEWEST = (
    select(func.max(account_orders.c.id))
    .where(account_orders.c.kind == CREDIT)
    .group_by(account_orders.c.account_id)
)
_LAST_CREDIT = (
    select(account_orders.c.account_id, account_orders.c.cause, account_orders.c.at)
    .join(accounts, accounts.c.id == account_orders.c.account_id)
    .where(account_orders.c.id.in_(_NEWEST), accounts.c.status == Status.OPEN)
    .order_by(account_orders.c.account_id)
)
