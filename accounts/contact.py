"""How an account's holder is reached, and in which language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from accounts.ledger import LedgerError
from accounts.opening import LANGUAGES, Status
from accounts.orders import Order, locked, record
from store.tables import accounts

PARTS = ("email", "address", "language")


def change(
    connection: Connection,
    account_id: str,
    parts: Mapping[str, str | None],
    actor: str,
    at: datetime,
) -> bool:
    """Set some of :data:`PARTS`; False when they were so already.

    What they were and are isn't kept with the order, so that it can be erased. Raises
    :class:`LedgerError` for another part or language, and when the account is closed.
    """
    row = locked(connection, account_id)
    if row.status == Status.CLOSED:
        raise LedgerError(f"account {account_id} is closed")
    if unknown := sorted(parts.keys() - set(PARTS)):
        raise LedgerError(f"no part {unknown[0]} of a contact, only {', '.join(PARTS)}")
    if parts.get("language", LANGUAGES[0]) not in LANGUAGES:
        raise LedgerError(f"no language {parts['language']!r}, only {', '.join(LANGUAGES)}")
    changed = {name: value for name, value in parts.items() if getattr(row, name) != value}
    if not changed:
        return False
    connection.execute(accounts.update().where(accounts.c.id == account_id).values(**changed))
    told = Order(account_id, "contact", "requested", actor, at, ", ".join(sorted(changed)))
    record(connection, told)
    return True
