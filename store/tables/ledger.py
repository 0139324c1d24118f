"""Accounts and their books. Money is in whole cents; a posting is positive when it is to the
account's credit."""

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
from store.types import Moment

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("product", String(30), nullable=False),
    Column("holder", Text, nullable=False),
    Column("opened_at", Moment, nullable=False),
    # Whose own (debit) account it is.
    Column("person_id", ForeignKey("persons.id")),
    # provisional (made for a call that nobody has accepted yet), open, suspended, closed.
    Column("status", String(20), nullable=False, server_default=text("'open'")),
    # Why it is suspended; NULL unless it is.
    Column("suspended_for", String(20)),
    # Where it stands on the way of unused money, and since when.
    Column("inactivity", String(30), nullable=False, server_default=text("'active'")),
    Column("inactivity_at", Moment),
    # When its holder, or the person in custody, last showed interest in it (47 CFR 64.6130).
    Column("interest_at", Moment),
    Column("verified_at", Moment),
    Column("language", String(5), nullable=False, server_default=text("'en'")),
    Column("email", Text),
    Column("address", Text),
    CheckConstraint("status IN ('provisional', 'open', 'suspended', 'closed')", "status"),
    CheckConstraint("(status = 'suspended') = (suspended_for IS NOT NULL)", "suspended"),
)

account_orders = Table(
    "account_orders",
    metadata,
    # What was done about an account, why and by whom.
    Column("id", RowNumber, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("cause", String(20), nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("note", Text, nullable=False),
)

terms_acceptances = Table(
    "terms_acceptances",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("version", String(20), nullable=False),
    # By which way: web, telephone, paper.
    Column("how", String(20), nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Moment, nullable=False),
)
# A person has one at most; who comes back after a release gets a new one.
Index(
    "ix_accounts_person_id",
    accounts.c.person_id,
    unique=True,
    postgresql_where=accounts.c.status != "closed",
    sqlite_where=accounts.c.status != "closed",
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
