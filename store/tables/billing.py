"""After the call: invoices, notices, the carriers' billing file, payments to facilities."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from store.tables.base import RowNumber, metadata
from store.types import Moment

invoices = Table(
    "invoices",
    metadata,
    # A direct bill month (UTC, such as 2026-10), as it was sent. due = what was owed at its end.
    Column("id", String(60), primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("month", String(7), nullable=False),
    Column("issued_at", Moment, nullable=False),
    # Credits posted from here on pay it.
    Column("covers_until", Moment, nullable=False),
    Column("due_at", Moment, nullable=False, index=True),
    Column("opening_cents", BigInteger, nullable=False),
    Column("charged_cents", BigInteger, nullable=False),
    Column("credited_cents", BigInteger, nullable=False),
    Column("due_cents", BigInteger, nullable=False),
)
Index("uq_invoices_account_id", invoices.c.account_id, invoices.c.month, unique=True)

notices = Table(
    "notices",
    metadata,
    # What an account's holder is to be told, once each; whoever sends it notes when.
    Column("id", RowNumber, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("kind", String(30), nullable=False),
    # What it is about, such as an invoice: a second notice of it isn't made.
    Column("subject", String(80), nullable=False),
    Column("at", Moment, nullable=False),
    Column("sent_at", Moment),
)
Index("uq_notices_account_id", notices.c.account_id, notices.c.kind, notices.c.subject, unique=True)

billable_numbers = Table(
    "billable_numbers",
    metadata,
    # By the longest prefix of an E.164 number: whether its carrier bills collect calls for us.
    Column("prefix", String(20), primary_key=True),
    Column("line_type", String(10), nullable=False),
    Column("carrier", Text, nullable=False),
    Column("ocn", String(4), nullable=False),
    Column("billable", Boolean, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("note", Text, nullable=False),
    CheckConstraint("line_type IN ('landline', 'mobile', 'voip')", "line_type"),
    CheckConstraint("line_type = 'landline' OR NOT billable", "only_landlines"),
)

emi_packs = Table(
    "emi_packs",
    metadata,
    # A file to the carriers' clearing house (out) or from it (in).
    Column("id", RowNumber, primary_key=True),
    Column("direction", String(3), nullable=False),
    Column("number", Integer, nullable=False),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("records", Integer, nullable=False),
    Column("cents", BigInteger, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
)
Index("uq_emi_packs_number", emi_packs.c.direction, emi_packs.c.number, unique=True)

emi_records = Table(
    "emi_records",
    metadata,
    # A call that was given to the carriers to bill: its serial number is carried to settlement.
    Column("serial", RowNumber, primary_key=True),
    Column("pack_id", ForeignKey("emi_packs.id"), nullable=False, index=True),
    Column("call_id", ForeignKey("calls.id"), nullable=False, unique=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("cents", BigInteger, nullable=False),
    # What became of it: paid, returned, adjusted, written off, in cents.
    Column("settled_cents", BigInteger, nullable=False),
    Column("returned_cents", BigInteger, nullable=False),
    Column("adjusted_cents", BigInteger, nullable=False),
    Column("written_off_cents", BigInteger, nullable=False),
    CheckConstraint(
        "settled_cents + returned_cents + adjusted_cents + written_off_cents <= cents", "sum"
    ),
)

facility_payments = Table(
    "facility_payments",
    metadata,
    # What a facility was paid for a month, out of the additive and for nothing else.
    Column("id", RowNumber, primary_key=True),
    Column("key", String(80), nullable=False, unique=True),
    Column("facility_id", ForeignKey("facilities.id"), nullable=False, index=True),
    Column("month", String(7), nullable=False),
    Column("cents", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("note", Text, nullable=False),
    CheckConstraint("cents > 0", "cents"),
)
