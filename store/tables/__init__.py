"""Every table of the platform. What the rows mean is the rooms' business."""

from __future__ import annotations

from store.tables.access import api_tokens, looks
from store.tables.base import metadata
from store.tables.billing import (
    billable_numbers,
    emi_packs,
    emi_records,
    facility_payments,
    invoices,
    notices,
)
from store.tables.calls import call_journal, calls, cdrs, credit_requests, recordings
from store.tables.ledger import (
    account_numbers,
    account_orders,
    accounts,
    balances,
    closed_periods,
    entries,
    holds,
    postings,
    terms_acceptances,
)
from store.tables.payments import (
    disputes,
    payment_imports,
    payments,
    refunds,
    unmatched_items,
    webhook_events,
)
from store.tables.places import (
    blocked_numbers,
    facilities,
    person_orders,
    persons,
    phones,
    privileged_numbers,
)
from store.tables.rates import decks, exchanges, refund_proposals, rerated_calls

__all__ = [
    "APPEND_ONLY",
    "account_numbers",
    "account_orders",
    "accounts",
    "api_tokens",
    "balances",
    "billable_numbers",
    "blocked_numbers",
    "call_journal",
    "calls",
    "cdrs",
    "closed_periods",
    "credit_requests",
    "decks",
    "disputes",
    "emi_packs",
    "emi_records",
    "entries",
    "exchanges",
    "facilities",
    "facility_payments",
    "holds",
    "invoices",
    "looks",
    "metadata",
    "notices",
    "payment_imports",
    "payments",
    "person_orders",
    "persons",
    "phones",
    "postings",
    "privileged_numbers",
    "recordings",
    "refund_proposals",
    "refunds",
    "rerated_calls",
    "terms_acceptances",
    "unmatched_items",
    "webhook_events",
]

APPEND_ONLY = (
    *(entries, postings, closed_periods, call_journal, cdrs, recordings, decks, exchanges),
    *(person_orders, account_orders, terms_acceptances, looks),
    *(invoices, facility_payments),
)
