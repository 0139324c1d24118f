"""A person's own data: all of it on request, and as much erased as the law lets go.

What is erased is who the holder was: name, e-mail, postal address, who paid and on which card.
What stays: the ledger, refunds and call records. Entries are append-only so that nobody can change
what was charged; charges, refunds, reports to the FCC and toll records (47 CFR 42.6, 64.6060) have
to be shown for years; and call records are evidence for others, too. They name an account by its
id and a call by its numbers, not its holder. Notes of staff stay with their orders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, select

from accounts import refunds
from accounts.history import history
from accounts.ledger import LedgerError
from accounts.life import Account, find
from accounts.opening import Status
from accounts.orders import Order, locked, orders, record
from accounts.products import PRODUCTS, Party
from accounts.terms import accepted
from store.tables import accounts, cdrs, disputes, invoices, notices, payments

ERASED = "erased"
_FACTS = ("product", "holder", "status", "suspended_for", "person_id", "language", "email")
_MORE = ("address", "opened_at", "verified_at", "inactivity", "inactivity_at", "interest_at")
_CALL = ("call_id", "facility_id", "person_id", "number", "started_at", "cause", "talk_ms")
_PAID = ("billed_seconds", "product", "lines", "charged_cents", "credited_cents", "recorded")
_PAYMENT = ("id", "cents", "method", "payer", "status", "failure", "card_brand", "card_last4")
_PAYERS_OWN = ("payer", "card_brand", "card_last4")
_PAYMENT_TOO = ("created_at", "succeeded_at", "refunded_cents", "disputed_cents")


def export(connection: Connection, account_id: str) -> dict[str, Any]:
    """Everything that is kept about an account's holder, as one document of plain values.

    Who else has paid into a person's own account, and with which card, is that payer's own.
    Moments are ISO 8601 in UTC, money is in cents. Raises :class:`LedgerError` when there is no
    such account.
    """
    if (account := find(connection, account_id)) is None:
        raise LedgerError(f"no account {account_id}")
    row = connection.execute(accounts.select().where(accounts.c.id == account_id)).one()
    facts = {name: getattr(row, name) for name in _FACTS + _MORE}
    found = {
        "account": {"id": account_id, **facts, "numbers": list(account.numbers)},
        "orders": [vars(one) for one in orders(connection, account_id)],
        "terms": [asdict(one) for one in accepted(connection, account_id)],
        "payments": _payments(connection, account),
        "disputes": _rows(connection, _DISPUTES, account_id),
        "refunds": [asdict(one) for one in refunds.of_account(connection, account_id)],
        "invoices": _rows(connection, select(invoices), account_id),
        "notices": _rows(connection, select(notices), account_id),
        "postings": [asdict(line) for line in history(connection, account_id)],
        "calls": _rows(connection, _columns(cdrs, _CALL + _PAID), account_id),
    }
    return {name: _plain(value) for name, value in found.items()}


def _payments(connection: Connection, account: Account) -> list[dict[str, Any]]:
    rows = _rows(connection, _columns(payments, _PAYMENT + _PAYMENT_TOO), account.id)
    if PRODUCTS[account.product].owner is Party.PERSON:
        return [row | dict.fromkeys(_PAYERS_OWN) for row in rows]
    return rows


def erase(
    connection: Connection, account_id: str, actor: str, at: datetime, note: str = ""
) -> bool:
    """Forget who the holder of a closed and settled account was; False when that was done before.

    Raises :class:`LedgerError` when it isn't closed, has money or a debt, or when a refund, a
    dispute or an invoice is still open: then the holder has to be reached.
    """
    row = locked(connection, account_id)
    if row.holder == ERASED:
        return False
    if why := _why_not(connection, row.id, row.status, row.balance_cents):
        raise LedgerError(f"account {account_id} can't be erased: {why}")
    gone = {"holder": ERASED, "email": None, "address": None}
    connection.execute(accounts.update().where(accounts.c.id == account_id).values(gone))
    nobody = {"payer": ERASED, "card_brand": None, "card_last4": None}
    connection.execute(payments.update().where(payments.c.account_id == account_id).values(nobody))
    record(connection, Order(account_id, "erase", "requested", actor, at, note))
    return True


def _why_not(connection: Connection, account_id: str, status: str, balance: int) -> str:
    if status != Status.CLOSED:
        return f"it is {status}; close it first"
    if balance:
        return f"{balance} cents stand on it"
    if any(
        one.status in {"requested", "sent", "failed", "escheat"}
        for one in refunds.of_account(connection, account_id)
    ):
        return "a refund isn't paid out"
    if any(one["status"] == "open" for one in _rows(connection, _DISPUTES, account_id)):
        return "a charge-back is open"
    return ""


def _columns(table: Table, names: tuple[str, ...]) -> Select[Any]:
    return select(table.c.account_id, *(table.c[name] for name in names)).order_by(
        *table.primary_key.columns
    )


def _rows(connection: Connection, chosen: Select[Any], account_id: str) -> list[dict[str, Any]]:
    mine = chosen.where(chosen.selected_columns.account_id == account_id)
    return [dict(row._mapping) for row in connection.execute(mine)]


def _plain(value: Any) -> Any:
    """The value as JSON can bear it."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value


_DISPUTES = select(payments.c.account_id, disputes).join(
    payments, payments.c.id == disputes.c.payment_id
)
