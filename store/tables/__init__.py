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
from store.tables.calls import (
    call_journal,
    call_orders,
    calls,
    cdrs,
    credit_requests,
    recordings,
)
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
from store.tables.lines import hotline_calls, hotlines, line_orders, trunks
from store.tables.lists import (
    allowed_numbers,
    attorneys,
    blocked_numbers,
    bulk_lists,
    controls,
    privilege_notices,
    privileged_numbers,
    quarantines,
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
    facilities,
    facility_orders,
    jail_events,
    person_orders,
    persons,
    phones,
    staff,
    staff_orders,
    units,
)
from store.tables.rates import decks, exchanges, refund_proposals, rerated_calls

__all__ = [
    "APPEND_ONLY",
    "account_numbers",
    "account_orders",
    "accounts",
    "allowed_numbers",
    "api_tokens",
    "attorneys",
    "balances",
    "billable_numbers",
    "blocked_numbers",
    "bulk_lists",
    "call_journal",
    "call_orders",
    "calls",
    "cdrs",
    "closed_periods",
    "controls",
    "credit_requests",
    "decks",
    "disputes",
    "emi_packs",
    "emi_records",
    "entries",
    "exchanges",
    "facilities",
    "facility_orders",
    "facility_payments",
    "holds",
    "hotline_calls",
    "hotlines",
    "invoices",
    "jail_events",
    "line_orders",
    "looks",
    "metadata",
    "notices",
    "payment_imports",
    "payments",
    "person_orders",
    "persons",
    "phones",
    "postings",
    "privilege_notices",
    "privileged_numbers",
    "quarantines",
    "recordings",
    "refund_proposals",
    "refunds",
    "rerated_calls",
    "staff",
    "staff_orders",
    "terms_acceptances",
    "trunks",
    "units",
    "unmatched_items",
    "webhook_events",
]

APPEND_ONLY = (
    *(entries, postings, closed_periods, call_journal, cdrs, recordings, decks, exchanges),
    *(person_orders, account_orders, terms_acceptances, looks, jail_events, quarantines),
    *(line_orders, hotline_calls, facility_orders),
    *(staff_orders, invoices, facility_payments),
)
