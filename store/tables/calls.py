"""Calls while they live, and what is kept of them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
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

calls = Table(
    "calls",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("facility_id", ForeignKey("facilities.id"), nullable=False),
    Column("phone_id", ForeignKey("phones.id"), nullable=False),
    Column("caller_channel", String(80), nullable=False),
    # The call before it on the same phone, by the same person, without hanging up.
    Column("follows", ForeignKey("calls.id"), index=True, unique=True),
    Column("called_channel", String(80)),
    Column("person_id", ForeignKey("persons.id")),
    Column("dialled", String(40)),
    Column("number", String(20), index=True),
    Column("account_id", ForeignKey("accounts.id")),
    # The decision as it stood before anything rang: its rules, its terms, what will be said.
    Column("decision", Json),
    Column("recorded", Boolean),
    Column("privileged", Boolean),
    Column("limit_seconds", Integer),
    # The talk that money is held for, from the acceptance on, and when more has to be held.
    Column("paid_seconds", Integer),
    Column("renew_at", Moment),
    # When the monitor last knew that its channels live; when it told that the money is ending.
    Column("seen_at", Moment),
    Column("warned_at", Moment),
    # Which trunk carried it.
    Column("trunk_id", String(40)),
    Column("outcome", String(30)),
    Column("offhook_at", Moment, nullable=False),
    Column("identified_at", Moment),
    Column("authorized_at", Moment),
    Column("refused_at", Moment),
    Column("ringing_at", Moment),
    Column("answered_at", Moment),
    Column("greeted_at", Moment),
    Column("blocked_at", Moment),
    Column("accepted_at", Moment),
    Column("talking_at", Moment),
    Column("ended_at", Moment),
)
Index("ix_calls_live", calls.c.offhook_at, postgresql_where=calls.c.ended_at.is_(None))
Index("ix_calls_person_id", calls.c.person_id, calls.c.offhook_at)
Index("ix_calls_due", calls.c.renew_at, postgresql_where=calls.c.ended_at.is_(None))

call_orders = Table(
    "call_orders",
    metadata,
    # What is to be done to a call that lives: cut_off, stop_recording; by whom and why.
    Column("id", RowNumber, primary_key=True),
    Column("call_id", ForeignKey("calls.id"), nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("cause", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("done_at", Moment),
)
Index("uq_call_orders_call_id", call_orders.c.call_id, call_orders.c.kind, unique=True)

# What was played and pressed, a page a leg: [milliseconds since 1970, kind, detail].
call_journal = Table(
    "call_journal",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("call_id", ForeignKey("calls.id"), nullable=False, index=True),
    Column("leg", String(10), nullable=False),
    Column("events", Json, nullable=False),
)

cdrs = Table(
    "cdrs",
    metadata,
    Column("call_id", ForeignKey("calls.id"), primary_key=True),
    Column("written_at", Moment, nullable=False),
    Column("facility_id", String(40), nullable=False),
    Column("phone_id", String(40), nullable=False),
    Column("person_id", String(20), index=True),
    Column("dialled", String(40)),
    Column("number", String(20), index=True),
    Column("states", Json, nullable=False),
    Column("started_at", Moment, nullable=False, index=True),
    Column("cause", String(30), nullable=False),
    Column("refusal_code", Integer),
    Column("hangup_cause", Integer),
    Column("talk_ms", BigInteger, nullable=False),
    Column("billed_seconds", Integer, nullable=False),
    Column("account_id", String(40)),
    Column("product", String(30)),
    Column("lines", Json, nullable=False),
    Column("charged_cents", BigInteger, nullable=False),
    # What was given back at once, unasked, because the platform or the network cut the call.
    Column("credited_cents", BigInteger, nullable=False, server_default=text("0")),
    Column("note", Text),
    Column("quote", Json),
    # Of the quote, what re-rates and reports ask of millions of calls; empty where none was made.
    Column("priced_at", Moment, index=True),
    Column("jurisdiction", String(15)),
    Column("medium", String(10)),
    Column("call_class", String(10)),
    Column("tax_state", String(2)),
    Column("base_cents", BigInteger),
    Column("additive_cents", BigInteger),
    Column("deck_version", Text),
    Column("caps_version", Text),
    Column("code_version", Text, nullable=False),
    Column("recorded", Boolean, nullable=False),
    Column("privileged", Boolean, nullable=False),
    Column("asterisk", Json, nullable=False),
)

credit_requests = Table(
    "credit_requests",
    metadata,
    # Asked for by the caller of a call that was cut off; decided by staff.
    Column("call_id", ForeignKey("calls.id"), primary_key=True),
    Column("asked_at", Moment, nullable=False),
    Column("decided_at", Moment),
    Column("actor", Text),
    # 0: refused.
    Column("granted_cents", BigInteger),
    Column("note", Text),
)

recordings = Table(
    "recordings",
    metadata,
    Column("call_id", ForeignKey("calls.id"), primary_key=True),
    Column("path", Text, nullable=False),
    Column("length_ms", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("sealed_at", Moment, nullable=False),
)
