"""How calls leave: trunks to the telephone network, and hotlines that need no decision."""

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
from store.types import Moment

trunks = Table(
    "trunks",
    metadata,
    Column("id", String(40), primary_key=True),
    # NULL: for every facility.
    Column("facility_id", ForeignKey("facilities.id")),
    Column("host", Text, nullable=False),
    Column("port", Integer, nullable=False),
    Column("transport", String(5), nullable=False),
    Column("encrypts", Boolean, nullable=False),
    Column("codecs", String(60), nullable=False),
    # Empty: the trunk knows us by our address.
    Column("username", Text, nullable=False, server_default=text("''")),
    Column("password", Text, nullable=False, server_default=text("''")),
    # The lowest is tried first; at the most so many calls at once, NULL: no limit.
    Column("priority", Integer, nullable=False),
    Column("capacity", Integer),
    Column("active", Boolean, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

hotlines = Table(
    "hotlines",
    metadata,
    # Free, without PIN or money, never recorded; rendered into the dialplan.
    Column("id", RowNumber, primary_key=True),
    Column("facility_id", ForeignKey("facilities.id"), nullable=False),
    Column("code", String(6), nullable=False),
    Column("number", String(20), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("name", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Moment, nullable=False),
)
Index("uq_hotlines_facility_id", hotlines.c.facility_id, hotlines.c.code, unique=True)

line_orders = Table(
    "line_orders",
    metadata,
    # What staff did to a phone, a trunk or a hotline. Append-only.
    Column("id", RowNumber, primary_key=True),
    Column("line", String(10), nullable=False),
    Column("line_id", String(50), nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("note", Text, nullable=False),
)

hotline_calls = Table(
    "hotline_calls",
    metadata,
    # Which phone called, and never who: taken from Asterisk's own reports. Append-only.
    Column("id", String(40), primary_key=True),
    Column("phone_id", ForeignKey("phones.id"), nullable=False),
    Column("code", String(6), nullable=False),
    Column("number", String(20), nullable=False),
    Column("trunk_id", String(40)),
    Column("began_at", Moment, nullable=False, index=True),
    Column("ended_at", Moment, nullable=False),
    # NULL: nobody answered.
    Column("talk_ms", BigInteger),
    Column("outcome", String(20), nullable=False),
)
