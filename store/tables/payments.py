"""Money that comes in and goes back: payments, refunds, and what doesn't match."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from store.tables.base import RowNumber, metadata
from store.types import Json, Moment

payments = Table(
    "payments",
    metadata,
    Column("id", String(40), primary_key=True),
    # Whoever asks for the payment names it: the same key is never paid twice.
    Column("key", String(80), nullable=False, unique=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("cents", BigInteger, nullable=False),
    # card, lockbox, cash, trust, check.
    Column("method", String(20), nullable=False),
    Column("payer", Text, nullable=False),
    # The gateway and its own id; NULL where the money came by another way.
    Column("gateway", String(20)),
    Column("gateway_id", String(100), unique=True),
    Column("import_id", ForeignKey("payment_imports.id"), index=True),
    # created, succeeded, failed, canceled.
    Column("status", String(20), nullable=False),
    Column("failure", Text),
    Column("card_brand", String(20)),
    Column("card_last4", String(4)),
    Column("created_at", Moment, nullable=False, index=True),
    Column("succeeded_at", Moment),
    # What of it is promised back or was given back, and what is in dispute or was lost by one.
    Column("refunded_cents", BigInteger, nullable=False, server_default=text("0")),
    Column("disputed_cents", BigInteger, nullable=False, server_default=text("0")),
    CheckConstraint("cents > 0", "cents"),
    CheckConstraint("refunded_cents >= 0 AND disputed_cents >= 0", "given"),
    CheckConstraint("refunded_cents + disputed_cents <= cents", "given_back"),
)

payment_imports = Table(
    "payment_imports",
    metadata,
    # A file of payments, taken whole or not at all, and once.
    Column("id", RowNumber, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("name", Text, nullable=False),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("items", Integer, nullable=False),
    Column("cents", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

webhook_events = Table(
    "webhook_events",
    metadata,
    # What the gateway told, once each; outcome NULL: not handled yet.
    Column("id", String(100), primary_key=True),
    Column("kind", String(60), nullable=False),
    Column("body", Json, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("handled_at", Moment),
    Column("outcome", Text),
)

disputes = Table(
    "disputes",
    metadata,
    # A charge-back: what was taken from the account, and what the house bore of it.
    Column("id", String(100), primary_key=True),
    Column("payment_id", ForeignKey("payments.id"), nullable=False, index=True),
    Column("cents", BigInteger, nullable=False),
    Column("taken_cents", BigInteger, nullable=False),
    # open, won, lost.
    Column("status", String(20), nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("closed_at", Moment),
)

refunds = Table(
    "refunds",
    metadata,
    Column("id", String(40), primary_key=True),
    # Whoever asks for the refund names it: the same key is never refunded twice.
    Column("key", String(80), nullable=False),
    Column("account_id", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("cents", BigInteger, nullable=False),
    # requested, inactivity, release, closing.
    Column("cause", String(20), nullable=False),
    # The payment that goes back the way it came; NULL: a check.
    Column("payment_id", ForeignKey("payments.id"), index=True),
    # requested, sent, done, failed, escheat, remitted.
    Column("status", String(20), nullable=False),
    Column("requested_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("settled_at", Moment),
    Column("gateway_id", String(100), unique=True),
    Column("check_number", String(20)),
    Column("failure", Text),
    Column("actor", Text, nullable=False),
    Column("note", Text, nullable=False),
    CheckConstraint("cents > 0", "cents"),
)
# One request may go back by several payments.
Index("uq_refunds_key", refunds.c.key, refunds.c.payment_id, unique=True)

unmatched_items = Table(
    "unmatched_items",
    metadata,
    # What reconciliation found on one side only, or with another amount: a person looks at it.
    Column("id", RowNumber, primary_key=True),
    Column("source", String(20), nullable=False),
    Column("reference", String(100), nullable=False),
    # missing_here, missing_there, amount_differs.
    Column("problem", String(20), nullable=False),
    Column("cents", BigInteger, nullable=False),
    Column("found_at", Moment, nullable=False),
    Column("detail", Text, nullable=False),
    Column("resolved_at", Moment),
    Column("resolved_by", Text),
    Column("resolution", Text),
)
Index(
    "uq_unmatched_items_reference",
    unmatched_items.c.source,
    unmatched_items.c.reference,
    unmatched_items.c.problem,
    unique=True,
)
