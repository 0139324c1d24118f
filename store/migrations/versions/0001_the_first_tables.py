"""The first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.append_only import protect
from store.types import Json, Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("product", sa.String(length=30), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
    )
    op.create_table(
        "entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("call_id", sa.String(length=20), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
        sa.UniqueConstraint("key", name=op.f("uq_entries_key")),
    )
    op.create_index(op.f("ix_entries_call_id"), "entries", ["call_id"], unique=False)
    op.create_table(
        "facilities",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("facility_type", sa.String(length=10), nullable=False),
        sa.Column("adp", sa.Numeric(precision=8, scale=2), nullable=False),
        sa.Column("state", sa.String(length=2), nullable=False),
        sa.Column("timezone", sa.String(length=40), nullable=False),
        sa.Column("longest_call_seconds", sa.Integer(), nullable=False),
        sa.Column("records", sa.Boolean(), nullable=False),
        sa.CheckConstraint("facility_type IN ('jail', 'prison')", name=op.f("ck_facilities_type")),
        sa.CheckConstraint("longest_call_seconds > 0", name=op.f("ck_facilities_longest_call")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facilities")),
    )
    op.create_table(
        "account_numbers",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_account_numbers_account_id")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_account_numbers")),
    )
    op.create_index(
        op.f("ix_account_numbers_account_id"), "account_numbers", ["account_id"], unique=False
    )
    op.create_table(
        "balances",
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("balance_cents", sa.BigInteger(), nullable=False),
        sa.Column("held_cents", sa.BigInteger(), nullable=False),
        sa.Column("credit_limit_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "balance_cents + credit_limit_cents >= held_cents", name=op.f("ck_balances_limit")
        ),
        sa.CheckConstraint("held_cents >= 0", name=op.f("ck_balances_held")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_balances_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_balances")),
    )
    op.create_table(
        "blocked_numbers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("facility_id", sa.String(length=40), nullable=True),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("lifted_at", Moment(), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facilities.id"], name=op.f("fk_blocked_numbers_facility_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocked_numbers")),
    )
    op.create_index(op.f("ix_blocked_numbers_number"), "blocked_numbers", ["number"], unique=False)
    op.create_table(
        "holds",
        sa.Column("call_id", sa.String(length=20), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("lease_until", Moment(), nullable=False),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.CheckConstraint("cents >= 0", name=op.f("ck_holds_cents")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_holds_account_id")),
        sa.PrimaryKeyConstraint("call_id", "seq", name=op.f("pk_holds")),
    )
    op.create_index(op.f("ix_holds_account_id"), "holds", ["account_id"], unique=False)
    op.create_table(
        "persons",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("facility_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("pin_hash", sa.String(length=64), nullable=False),
        sa.Column("pin_failures", sa.Integer(), nullable=False),
        sa.Column("pin_locked_until", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facilities.id"], name=op.f("fk_persons_facility_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persons")),
    )
    op.create_table(
        "phones",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("facility_id", sa.String(length=40), nullable=False),
        sa.Column("sip_password", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facilities.id"], name=op.f("fk_phones_facility_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phones")),
    )
    op.create_table(
        "postings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_postings_account_id")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_postings_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postings")),
    )
    op.create_index(op.f("ix_postings_account_id"), "postings", ["account_id"], unique=False)
    op.create_index(op.f("ix_postings_entry_id"), "postings", ["entry_id"], unique=False)
    op.create_table(
        "calls",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("facility_id", sa.String(length=40), nullable=False),
        sa.Column("phone_id", sa.String(length=40), nullable=False),
        sa.Column("caller_channel", sa.String(length=80), nullable=False),
        sa.Column("called_channel", sa.String(length=80), nullable=True),
        sa.Column("person_id", sa.String(length=20), nullable=True),
        sa.Column("dialled", sa.String(length=40), nullable=True),
        sa.Column("number", sa.String(length=20), nullable=True),
        sa.Column("account_id", sa.String(length=40), nullable=True),
        sa.Column("decision", Json(), nullable=True),
        sa.Column("recorded", sa.Boolean(), nullable=True),
        sa.Column("privileged", sa.Boolean(), nullable=True),
        sa.Column("limit_seconds", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=30), nullable=True),
        sa.Column("offhook_at", Moment(), nullable=False),
        sa.Column("identified_at", Moment(), nullable=True),
        sa.Column("authorized_at", Moment(), nullable=True),
        sa.Column("refused_at", Moment(), nullable=True),
        sa.Column("ringing_at", Moment(), nullable=True),
        sa.Column("answered_at", Moment(), nullable=True),
        sa.Column("greeted_at", Moment(), nullable=True),
        sa.Column("accepted_at", Moment(), nullable=True),
        sa.Column("talking_at", Moment(), nullable=True),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_calls_account_id")),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facilities.id"], name=op.f("fk_calls_facility_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_calls_person_id")),
        sa.ForeignKeyConstraint(["phone_id"], ["phones.id"], name=op.f("fk_calls_phone_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
    )
    op.create_index(
        "ix_calls_live",
        "calls",
        ["offhook_at"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(op.f("ix_calls_number"), "calls", ["number"], unique=False)
    op.create_table(
        "privileged_numbers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("facility_id", sa.String(length=40), nullable=True),
        sa.Column("person_id", sa.String(length=20), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facilities.id"], name=op.f("fk_privileged_numbers_facility_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_privileged_numbers_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privileged_numbers")),
    )
    op.create_index(
        op.f("ix_privileged_numbers_number"), "privileged_numbers", ["number"], unique=False
    )
    op.create_table(
        "call_journal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("call_id", sa.String(length=20), nullable=False),
        sa.Column("leg", sa.String(length=10), nullable=False),
        sa.Column("events", Json(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_journal_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_journal")),
    )
    op.create_index(op.f("ix_call_journal_call_id"), "call_journal", ["call_id"], unique=False)
    op.create_table(
        "cdrs",
        sa.Column("call_id", sa.String(length=20), nullable=False),
        sa.Column("written_at", Moment(), nullable=False),
        sa.Column("facility_id", sa.String(length=40), nullable=False),
        sa.Column("phone_id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=20), nullable=True),
        sa.Column("dialled", sa.String(length=40), nullable=True),
        sa.Column("number", sa.String(length=20), nullable=True),
        sa.Column("states", Json(), nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("cause", sa.String(length=30), nullable=False),
        sa.Column("refusal_code", sa.Integer(), nullable=True),
        sa.Column("hangup_cause", sa.Integer(), nullable=True),
        sa.Column("talk_ms", sa.BigInteger(), nullable=False),
        sa.Column("billed_seconds", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=True),
        sa.Column("product", sa.String(length=30), nullable=True),
        sa.Column("lines", Json(), nullable=False),
        sa.Column("charged_cents", sa.BigInteger(), nullable=False),
        sa.Column("quote", Json(), nullable=True),
        sa.Column("deck_version", sa.Text(), nullable=True),
        sa.Column("caps_version", sa.Text(), nullable=True),
        sa.Column("code_version", sa.Text(), nullable=False),
        sa.Column("recorded", sa.Boolean(), nullable=False),
        sa.Column("privileged", sa.Boolean(), nullable=False),
        sa.Column("asterisk", Json(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_cdrs_call_id")),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_cdrs")),
    )
    op.create_index(op.f("ix_cdrs_number"), "cdrs", ["number"], unique=False)
    op.create_index(op.f("ix_cdrs_person_id"), "cdrs", ["person_id"], unique=False)
    op.create_index(op.f("ix_cdrs_started_at"), "cdrs", ["started_at"], unique=False)
    op.create_table(
        "recordings",
        sa.Column("call_id", sa.String(length=20), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("length_ms", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_recordings_call_id")),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_recordings")),
    )
    for table in ("entries", "postings", "call_journal", "cdrs", "recordings"):
        protect(table)


def downgrade() -> None:
    op.drop_table("recordings")
    op.drop_index(op.f("ix_cdrs_started_at"), table_name="cdrs")
    op.drop_index(op.f("ix_cdrs_person_id"), table_name="cdrs")
    op.drop_index(op.f("ix_cdrs_number"), table_name="cdrs")
    op.drop_table("cdrs")
    op.drop_index(op.f("ix_call_journal_call_id"), table_name="call_journal")
    op.drop_table("call_journal")
    op.drop_index(op.f("ix_privileged_numbers_number"), table_name="privileged_numbers")
    op.drop_table("privileged_numbers")
    op.drop_index(op.f("ix_calls_number"), table_name="calls")
    op.drop_index("ix_calls_live", table_name="calls", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_table("calls")
    op.drop_index(op.f("ix_postings_entry_id"), table_name="postings")
    op.drop_index(op.f("ix_postings_account_id"), table_name="postings")
    op.drop_table("postings")
    op.drop_table("phones")
    op.drop_table("persons")
    op.drop_index(op.f("ix_holds_account_id"), table_name="holds")
    op.drop_table("holds")
    op.drop_index(op.f("ix_blocked_numbers_number"), table_name="blocked_numbers")
    op.drop_table("blocked_numbers")
    op.drop_table("balances")
    op.drop_index(op.f("ix_account_numbers_account_id"), table_name="account_numbers")
    op.drop_table("account_numbers")
    op.drop_table("facilities")
    op.drop_index(op.f("ix_entries_call_id"), table_name="entries")
    op.drop_table("entries")
    op.drop_table("accounts")
