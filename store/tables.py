"""Every table of the platform, in one place. What the rows mean is the rooms' business.

Money is in whole cents. A posting is positive when it is to the account's credit.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    false,
    text,
)

from store.types import Json, Moment

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only for this type.
RowNumber = BigInteger().with_variant(Integer, "sqlite")

facilities = Table(
    "facilities",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", Text, nullable=False),
    Column("facility_type", String(10), nullable=False),
    Column("adp", Numeric(8, 2), nullable=False),
    Column("state", String(2), nullable=False),
    Column("timezone", String(40), nullable=False),
    Column("longest_call_seconds", Integer, nullable=False),
    Column("records", Boolean, nullable=False),
    # NPA-NXX of the street address; empty: not known, so no LATA and no local area are.
    Column("exchange", String(6), nullable=False, server_default=text("''")),
    # Whether people record their names; how often both parties are told where the call comes from.
    Column("records_name", Boolean, nullable=False, server_default=false()),
    Column("overlay_seconds", Integer, nullable=False, server_default=text("0")),
    # What a person may talk in a day of the facility's own zone; NULL: no limit.
    Column("daily_minutes", Integer),
    # Whether a call holds what its longest talk would cost, and not slice after slice.
    Column("holds_whole_call", Boolean, nullable=False, server_default=false()),
    CheckConstraint("facility_type IN ('jail', 'prison')", "type"),
    CheckConstraint("longest_call_seconds > 0", "longest_call"),
)

phones = Table(
    "phones",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("facility_id", ForeignKey("facilities.id"), nullable=False),
    Column("sip_password", Text, nullable=False),
    Column("active", Boolean, nullable=False),
)

persons = Table(
    "persons",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("facility_id", ForeignKey("facilities.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("status", String(20), nullable=False),
    Column("pin_hash", String(64), nullable=False),
    Column("pin_failures", Integer, nullable=False),
    Column("pin_locked_until", Moment),
    # The PIN is one that staff gave: good for its first use only.
    Column("must_choose_pin", Boolean, nullable=False, server_default=false()),
    # The name in the person's own voice; NULL: none, or staff want it recorded again.
    Column("name_clip", Text),
)

person_orders = Table(
    "person_orders",
    metadata,
    # What was done about a person's PIN and name, and by whom.
    Column("id", RowNumber, primary_key=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("note", Text, nullable=False),
)

blocked_numbers = Table(
    "blocked_numbers",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("number", String(20), nullable=False, index=True),
    # NULL: blocked for every facility, or for every person.
    Column("facility_id", ForeignKey("facilities.id")),
    Column("person_id", ForeignKey("persons.id")),
    Column("cause", String(20), nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("note", Text, nullable=False),
    Column("lifted_at", Moment),
    Column("lifted_by", Text),
)

privileged_numbers = Table(
    "privileged_numbers",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("number", String(20), nullable=False, index=True),
    # NULL: privileged at every facility, or for every person.
    Column("facility_id", ForeignKey("facilities.id")),
    Column("person_id", ForeignKey("persons.id")),
    Column("actor", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("note", Text, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("product", String(30), nullable=False),
    Column("holder", Text, nullable=False),
    Column("opened_at", Moment, nullable=False),
    # Whose own (debit) account it is; a person has one at most.
    Column("person_id", ForeignKey("persons.id"), index=True, unique=True),
)

account_numbers = Table(
    "account_numbers",
    metadata,
    Column("number", String(20), primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False, index=True),
)

balances = Table(
    "balances",
    metadata,
    Column("account_id", ForeignKey("accounts.id"), primary_key=True),
    Column("balance_cents", BigInteger, nullable=False),
    Column("held_cents", BigInteger, nullable=False),
    Column("credit_limit_cents", BigInteger, nullable=False),
    CheckConstraint("held_cents >= 0", "held"),
    CheckConstraint("balance_cents + credit_limit_cents >= held_cents", "limit"),
)

entries = Table(
    "entries",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("key", String(100), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("call_id", String(20), index=True),
    # The entry that this one takes back; it can be taken back once.
    Column("reverses", ForeignKey("entries.id"), index=True, unique=True),
    Column("note", Text, nullable=False),
)

closed_periods = Table(
    "closed_periods",
    metadata,
    # Nothing is posted into a closed month (UTC, such as 2026-10) or before it any more.
    Column("month", String(7), primary_key=True),
    Column("closed_at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    # Control totals of the month: how many entries, and the sum of their debits.
    Column("entries", BigInteger, nullable=False),
    Column("debit_cents", BigInteger, nullable=False),
)

postings = Table(
    "postings",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("entry_id", ForeignKey("entries.id"), nullable=False, index=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("cents", BigInteger, nullable=False),
)

holds = Table(
    "holds",
    metadata,
    Column("call_id", String(20), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("cents", BigInteger, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("lease_until", Moment, nullable=False),
    Column("closed_at", Moment),
    CheckConstraint("cents >= 0", "cents"),
)

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
Index("ix_calls_due", calls.c.renew_at, postgresql_where=calls.c.ended_at.is_(None))

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

APPEND_ONLY = (
    *(entries, postings, closed_periods, call_journal, cdrs, recordings, decks, exchanges),
    person_orders,
)
