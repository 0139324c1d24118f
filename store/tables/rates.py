"""Prices: decks, exchanges, and what a re-rate found."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    LargeBinary,
    String,
    Table,
    Text,
)

from store.tables.base import RowNumber, metadata
from store.types import Json, Moment

decks = Table(
    "decks",
    metadata,
    # The newest row is the deck in force; the older ones reproduce older prices.
    Column("id", RowNumber, primary_key=True),
    Column("version", String(80), nullable=False, unique=True),
    Column("text", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("loaded_at", Moment, nullable=False),
)

exchanges = Table(
    "exchanges",
    metadata,
    # The newest row is in force. Columns of 32-bit whole numbers, little-endian: a load of more
    # than a million rows would be slow to write and slower for a server to take over.
    Column("id", RowNumber, primary_key=True),
    Column("version", String(80), nullable=False),
    Column("keys", LargeBinary, nullable=False),
    Column("codes", LargeBinary, nullable=False),
    Column("places", Json, nullable=False),
    Column("local", Json, nullable=False),
    Column("files", Json, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

rerated_calls = Table(
    "rerated_calls",
    metadata,
    # What each call would have cost by another deck. Written in bulk and read whole: a key would
    # double the cost of a row.
    Column("run", String(40), nullable=False),
    Column("call_id", String(20), nullable=False),
    Column("charged_cents", BigInteger, nullable=False),
    Column("base_cents", BigInteger, nullable=False),
    Column("additive_cents", BigInteger, nullable=False),
    Column("tax_cents", BigInteger, nullable=False),
)

refund_proposals = Table(
    "refund_proposals",
    metadata,
    # What a re-rate would give back, call by call, and whether somebody has posted it.
    Column("run", String(40), primary_key=True),
    Column("key", String(100), primary_key=True),
    Column("call_id", String(20), nullable=False),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("cents", BigInteger, nullable=False),
    Column("base_cents", BigInteger, nullable=False),
    Column("additive_cents", BigInteger, nullable=False),
    Column("tax_cents", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("charged_by", Text, nullable=False),
    Column("deck", Text, nullable=False),
    Column("caps", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("outcome", String(20)),
    Column("settled_by", Text),
    Column("settled_at", Moment),
    CheckConstraint("cents > 0", "cents"),
)
