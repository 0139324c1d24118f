"""Where calls come from: facilities, their units, phones, people in custody, staff."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    Table,
    Text,
    false,
    text,
)

from store.tables.base import RowNumber, metadata
from store.types import Json, Moment

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
    # What called parties see; empty: the platform's own.
    Column("caller_id", String(20), nullable=False, server_default=text("''")),
    # Whether a call that lives ends when its caller is released, transferred or suspended.
    Column("ends_live_calls", Boolean, nullable=False, server_default=false()),
    CheckConstraint("facility_type IN ('jail', 'prison')", "type"),
    CheckConstraint("longest_call_seconds > 0", "longest_call"),
)

units = Table(
    "units",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("facility_id", ForeignKey("facilities.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
)

phones = Table(
    "phones",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("facility_id", ForeignKey("facilities.id"), nullable=False),
    Column("sip_password", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("unit_id", ForeignKey("units.id", name="fk_phones_unit_id")),
    Column("label", Text, nullable=False, server_default=text("''")),
    # How the device reaches us: udp, tcp or tls; SRTP; its codecs, best first.
    Column("transport", String(5), nullable=False, server_default=text("'udp'")),
    Column("encrypts", Boolean, nullable=False, server_default=false()),
    Column("codecs", String(60), nullable=False, server_default=text("'ulaw,alaw'")),
    # Addresses and networks it may register from, separated by commas; empty: any.
    Column("addresses", Text, nullable=False, server_default=text("''")),
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
    Column("unit_id", ForeignKey("units.id", name="fk_persons_unit_id")),
    # The moment of the jail's latest event that was applied: an older one comes too late.
    Column("jail_at", Moment),
)

facility_orders = Table(
    "facility_orders",
    metadata,
    # What was set for a facility, and by whom. Append-only.
    Column("id", RowNumber, primary_key=True),
    Column("facility_id", ForeignKey("facilities.id"), nullable=False, index=True),
    # add, set.
    Column("kind", String(20), nullable=False),
    # Of each field what it was and what it is since.
    Column("changes", Json, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("note", Text, nullable=False),
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

jail_events = Table(
    "jail_events",
    metadata,
    # What the jail's own system has told, each event once, and what became of it here.
    Column("id", RowNumber, primary_key=True),
    Column("source", String(40), nullable=False),
    Column("event_id", String(80), nullable=False),
    Column("person_id", String(20), nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("at", Moment, nullable=False),
    Column("facts", Json, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    # applied, unchanged, late.
    Column("outcome", String(20), nullable=False),
    Column("detail", Text, nullable=False),
)
Index("uq_jail_events_source", jail_events.c.source, jail_events.c.event_id, unique=True)

staff = Table(
    "staff",
    metadata,
    Column("id", String(40), primary_key=True),
    # NULL: the provider's own.
    Column("facility_id", ForeignKey("facilities.id")),
    Column("name", Text, nullable=False),
    Column("role", String(20), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

staff_orders = Table(
    "staff_orders",
    metadata,
    # Who was given which role, and from whom it was taken.
    Column("id", RowNumber, primary_key=True),
    Column("staff_id", ForeignKey("staff.id"), nullable=False, index=True),
    # added, role, off, on.
    Column("kind", String(20), nullable=False),
    Column("role", String(20), nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("note", Text, nullable=False),
)
