"""Where calls come from: facilities, phones, people, whom they may call."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    Numeric,
    String,
    Table,
    Text,
    false,
    text,
)

from store.tables.base import RowNumber, metadata
from store.types import Moment

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
