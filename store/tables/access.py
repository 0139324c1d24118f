"""Who may ask over HTTP, and who has looked at what."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, String, Table, Text

from store.tables.base import RowNumber, metadata
from store.types import Json, Moment

api_tokens = Table(
    "api_tokens",
    metadata,
    # Only the hash of a token is kept.
    Column("id", String(20), primary_key=True),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", String(20), nullable=False),
    Column("scopes", Json, nullable=False),
    # Whose: an account's holder, a person in custody, a facility's staff; NULL: the provider's.
    Column("account_id", ForeignKey("accounts.id"), index=True),
    Column("person_id", ForeignKey("persons.id"), index=True),
    Column("facility_id", ForeignKey("facilities.id"), index=True),
    # A facility's token may be one person's on its staff: it does what the role may, while active.
    Column("staff_id", ForeignKey("staff.id", name="fk_api_tokens_staff_id"), index=True),
    Column("actor", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    Column("revoked_by", Text),
)

looks = Table(
    "looks",
    metadata,
    # Every look at what belongs to somebody: who, at what, whose.
    Column("id", RowNumber, primary_key=True),
    Column("actor", Text, nullable=False),
    Column("role", String(20), nullable=False),
    Column("what", String(40), nullable=False),
    Column("subject", String(60), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("why", Text, nullable=False),
)
