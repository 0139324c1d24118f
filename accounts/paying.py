"""For queries of a call: which account pays, whether it may, and what it has available."""

from __future__ import annotations

from sqlalchemy import select

from accounts.products import ProductId
from store.tables import account_numbers, accounts, balances

AVAILABLE_CENTS = (
    balances.c.balance_cents + balances.c.credit_limit_cents - balances.c.held_cents
).label("available_cents")
_PAYER = (
    accounts.c.id.label("account_id"),
    accounts.c.product,
    accounts.c.status.label("account_status"),
    accounts.c.suspended_for,
    balances.c.held_cents,
    AVAILABLE_CENTS,
)
BY_NUMBER = (
    select(account_numbers.c.number, *_PAYER)
    .join(accounts, accounts.c.id == account_numbers.c.account_id)
    .join(balances, balances.c.account_id == accounts.c.id)
    .subquery("paying")
)
"""Who pays for calls to a number that is somebody's."""
BY_PERSON = (
    select(accounts.c.person_id, *_PAYER)
    .join(balances, balances.c.account_id == accounts.c.id)
    .where(accounts.c.product == ProductId.INMATE_DEBIT, accounts.c.status != "closed")
    .subquery("paying")
)
"""Who pays for a person's own calls."""
