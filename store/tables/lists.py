"""Whom may be called: lists of numbers, what each layer allows, who is privileged."""

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
    text,
)

from store.tables.base import RowNumber, metadata
from store.types import Json, Moment

controls = Table(
    "controls",
    metadata,
    # What one layer asks of a call: of a kind, the strictest of all layers wins.
    Column("id", RowNumber, primary_key=True),
    Column("layer", String(10), nullable=False),
    # The id of the facility, unit, phone or person, or the number (E.164).
    Column("subject", String(60), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("value", Json, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("note", Text, nullable=False),
    Column("lifted_at", Moment),
    Column("lifted_by", Text),
    CheckConstraint("layer IN ('facility', 'unit', 'phone', 'person', 'number')", "layer"),
)
Index("ix_controls_layer", controls.c.layer, controls.c.subject)

blocked_numbers = Table(
    "blocked_numbers",
    metadata,
    Column("id", RowNumber, primary_key=True),
    # E.164, or a pattern: ? is any digit, * at the end any rest.
    Column("number", String(20), nullable=False, index=True),
    # What stands before the first wildcard, and the number as LIKE of SQL has it.
    Column("stem", String(20), nullable=False, server_default=text("''"), index=True),
    Column("pattern", String(20), nullable=False, server_default=text("''")),
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

allowed_numbers = Table(
    "allowed_numbers",
    metadata,
    # A person's own list (PAN), or what a whole facility, or everybody, may call beside it.
    Column("id", RowNumber, primary_key=True),
    Column("number", String(20), nullable=False),
    Column("stem", String(20), nullable=False, index=True),
    Column("pattern", String(20), nullable=False),
    Column("facility_id", ForeignKey("facilities.id")),
    Column("person_id", ForeignKey("persons.id"), index=True),
    # requested, approved, refused, removed.
    Column("state", String(10), nullable=False),
    # Whether a completed call has added it.
    Column("learned", Boolean, nullable=False),
    Column("relationship", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("note", Text, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", Moment),
)
Index(
    "uq_allowed_numbers_person_id",
    allowed_numbers.c.person_id,
    allowed_numbers.c.number,
    unique=True,
    postgresql_where=allowed_numbers.c.state.in_(("requested", "approved")),
    sqlite_where=allowed_numbers.c.state.in_(("requested", "approved")),
)

bulk_lists = Table(
    "bulk_lists",
    metadata,
    # Millions of numbers that are blocked, in a file of sorted numbers.
    Column("id", RowNumber, primary_key=True),
    Column("name", Text, nullable=False),
    Column("facility_id", ForeignKey("facilities.id")),
    Column("cause", String(20), nullable=False),
    Column("file", Text, nullable=False),
    Column("entries", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("note", Text, nullable=False),
    Column("lifted_at", Moment),
    Column("lifted_by", Text),
)

attorneys = Table(
    "attorneys",
    metadata,
    # Who has privileged numbers: lawyers, and by their kind clergy, doctors, consulates.
    Column("id", String(40), primary_key=True),
    Column("name", Text, nullable=False),
    Column("office", Text, nullable=False),
    Column("bar_state", String(2), nullable=False),
    Column("bar_number", String(40), nullable=False),
    Column("email", Text, nullable=False),
    Column("language", String(10), nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Moment, nullable=False),
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
    Column("kind", String(20), nullable=False, server_default=text("'attorney'")),
    Column(
        "attorney_id",
        ForeignKey("attorneys.id", name="fk_privileged_numbers_attorney_id"),
        index=True,
    ),
    # What was checked, such as a letterhead and the bar's record, and where it is on file.
    Column("proof", Text, nullable=False, server_default=text("''")),
    Column("expires_at", Moment),
    Column("lifted_at", Moment),
    Column("lifted_by", Text),
)

quarantines = Table(
    "quarantines",
    metadata,
    # Recordings that nobody may hear: the number was privileged, or became so.
    Column("call_id", ForeignKey("calls.id"), primary_key=True),
    Column("number", String(20), nullable=False),
    Column("path", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("why", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

privilege_notices = Table(
    "privilege_notices",
    metadata,
    # What a lawyer is to be told, once each; whoever sends it notes when.
    Column("id", RowNumber, primary_key=True),
    Column("attorney_id", ForeignKey("attorneys.id"), nullable=False, index=True),
    Column("kind", String(30), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("at", Moment, nullable=False),
    Column("sent_at", Moment),
    # How often an e-mail of it was begun, and why the last one didn't go.
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("fault", Text, nullable=False, server_default=text("''")),
    # The address that takes no e-mail: it isn't tried again, another one is.
    Column("refused_email", Text, nullable=False, server_default=text("''")),
    # Until then somebody is at it, or it is put off.
    Column("not_before", Moment),
)
Index(
    "uq_privilege_notices_attorney_id",
    *(privilege_notices.c[name] for name in ("attorney_id", "kind", "subject")),
    unique=True,
)
