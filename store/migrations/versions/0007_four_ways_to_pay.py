"""Accounts' lives, payments, refunds, invoices, the carriers' billing, access over HTTP"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.append_only import protect
from store.types import Json, Moment

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# In one statement each, because SQLite can't add a constraint to a table that is there.
STATUS = "CHECK (status IN ('provisional', 'open', 'suspended', 'closed'))"
SUSPENDED = "CHECK ((status = 'suspended') = (suspended_for IS NOT NULL))"
COLUMNS = (
    f"status VARCHAR(20) DEFAULT 'open' NOT NULL CONSTRAINT ck_accounts_status {STATUS}",
    f"suspended_for VARCHAR(20) CONSTRAINT ck_accounts_suspended {SUSPENDED}",
    "inactivity VARCHAR(30) DEFAULT 'active' NOT NULL",
    "inactivity_at {moment}",
    "interest_at {moment}",
    "verified_at {moment}",
    "language VARCHAR(5) DEFAULT 'en' NOT NULL",
    "email TEXT",
    "address TEXT",
)
NEW_ACCOUNTS = {
    "house.gateway": "Money at the payment gateway",
    "house.receivable.carriers": "Collect calls given to the carriers to bill",
    "house.refunds_payable": "Refunds promised and not yet paid out",
    "house.unclaimed": "Unclaimed property, to be remitted to the states",
    "house.gateway_fees": "Fees of the payment gateway",
    "house.chargebacks": "Charge-backs that no balance covered",
}
APPEND_ONLY = (
    *("account_orders", "terms_acceptances", "looks"),
    *("invoices", "facility_payments"),
)
# Those that are referred to last.
TABLES = (
    *("api_tokens", "looks", "facility_payments", "emi_records", "emi_packs", "billable_numbers"),
    *("notices", "invoices", "unmatched_items", "refunds", "disputes", "webhook_events"),
    *("payments", "payment_imports", "terms_acceptances", "account_orders"),
)


def upgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    moment = "TIMESTAMP WITH TIME ZONE" if postgres else "DATETIME"
    for column in COLUMNS:
        op.execute(f"ALTER TABLE accounts ADD COLUMN {column.format(moment=moment)}")
    _one_own_account("status <> 'closed'")
    _create_tables()
    for table in APPEND_ONLY:
        protect(table)
    # Where the books are open already, they have these house accounts more.
    for account, meaning in NEW_ACCOUNTS.items():
        op.execute(
            "INSERT INTO accounts (id, product, holder, opened_at) "
            f"SELECT '{account}', product, '{meaning}', opened_at "
            "FROM accounts WHERE id = 'house.cash' "
            f"AND NOT EXISTS (SELECT 1 FROM accounts WHERE id = '{account}')"
        )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    _one_own_account(None)
    for name in reversed([column.split()[0] for column in COLUMNS]):
        op.drop_column("accounts", name)


def _one_own_account(living: str | None) -> None:
    where = sa.text(living) if living else None
    op.drop_index("ix_accounts_person_id", "accounts")
    op.create_index(
        "ix_accounts_person_id",
        "accounts",
        ["person_id"],
        unique=True,
        postgresql_where=where,
        sqlite_where=where,
    )


def _create_tables() -> None:
    op.create_table(
        "billable_numbers",
        sa.Column("prefix", sa.String(length=20), nullable=False),
        sa.Column("line_type", sa.String(length=10), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("ocn", sa.String(length=4), nullable=False),
        sa.Column("billable", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "line_type = 'landline' OR NOT billable",
            name=op.f("ck_billable_numbers_only_landlines"),
        ),
        sa.CheckConstraint(
            "line_type IN ('landline', 'mobile', 'voip')",
            name=op.f("ck_billable_numbers_line_type"),
        ),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_billable_numbers")),
    )
    op.create_table(
        "emi_packs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("direction", sa.String(length=3), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emi_packs")),
        sa.UniqueConstraint("sha256", name=op.f("uq_emi_packs_sha256")),
    )
    op.create_index("uq_emi_packs_number", "emi_packs", ["direction", "number"], unique=True)
    op.create_table(
        "looks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_looks")),
    )
    op.create_index(op.f("ix_looks_subject"), "looks", ["subject"], unique=False)
    op.create_table(
        "payment_imports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_imports")),
        sa.UniqueConstraint("sha256", name=op.f("uq_payment_imports_sha256")),
    )
    op.create_table(
        "unmatched_items",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("problem", sa.String(length=20), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("found_at", Moment(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("resolved_at", Moment(), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unmatched_items")),
    )
    op.create_index(
        "uq_unmatched_items_reference",
        "unmatched_items",
        ["source", "reference", "problem"],
        unique=True,
    )
    op.create_table(
        "webhook_events",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("handled_at", Moment(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_events")),
    )
    op.create_table(
        "facility_payments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("facility_id", sa.String(length=40), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("cents > 0", name=op.f("ck_facility_payments_cents")),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facilities.id"], name=op.f("fk_facility_payments_facility_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility_payments")),
        sa.UniqueConstraint("key", name=op.f("uq_facility_payments_key")),
    )
    op.create_index(
        op.f("ix_facility_payments_facility_id"), "facility_payments", ["facility_id"], unique=False
    )
    op.create_table(
        "account_orders",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_account_orders_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_orders")),
    )
    op.create_index(
        op.f("ix_account_orders_account_id"), "account_orders", ["account_id"], unique=False
    )
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("scopes", Json(), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=True),
        sa.Column("person_id", sa.String(length=20), nullable=True),
        sa.Column("facility_id", sa.String(length=40), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_api_tokens_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facilities.id"], name=op.f("fk_api_tokens_facility_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_api_tokens_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("sha256", name=op.f("uq_api_tokens_sha256")),
    )
    op.create_index(op.f("ix_api_tokens_account_id"), "api_tokens", ["account_id"], unique=False)
    op.create_index(op.f("ix_api_tokens_facility_id"), "api_tokens", ["facility_id"], unique=False)
    op.create_index(op.f("ix_api_tokens_person_id"), "api_tokens", ["person_id"], unique=False)
    op.create_table(
        "invoices",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("issued_at", Moment(), nullable=False),
        sa.Column("covers_until", Moment(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("opening_cents", sa.BigInteger(), nullable=False),
        sa.Column("charged_cents", sa.BigInteger(), nullable=False),
        sa.Column("credited_cents", sa.BigInteger(), nullable=False),
        sa.Column("due_cents", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_invoices_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
    )
    op.create_index(op.f("ix_invoices_due_at"), "invoices", ["due_at"], unique=False)
    op.create_index("uq_invoices_account_id", "invoices", ["account_id", "month"], unique=True)
    op.create_table(
        "notices",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_notices_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index(
        "uq_notices_account_id", "notices", ["account_id", "kind", "subject"], unique=True
    )
    op.create_table(
        "payments",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("gateway", sa.String(length=20), nullable=True),
        sa.Column("gateway_id", sa.String(length=100), nullable=True),
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("card_brand", sa.String(length=20), nullable=True),
        sa.Column("card_last4", sa.String(length=4), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("succeeded_at", Moment(), nullable=True),
        sa.Column("refunded_cents", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("disputed_cents", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("cents > 0", name=op.f("ck_payments_cents")),
        sa.CheckConstraint(
            "refunded_cents + disputed_cents <= cents", name=op.f("ck_payments_given_back")
        ),
        sa.CheckConstraint(
            "refunded_cents >= 0 AND disputed_cents >= 0", name=op.f("ck_payments_given")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_payments_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["payment_imports.id"], name=op.f("fk_payments_import_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("gateway_id", name=op.f("uq_payments_gateway_id")),
        sa.UniqueConstraint("key", name=op.f("uq_payments_key")),
    )
    op.create_index(op.f("ix_payments_account_id"), "payments", ["account_id"], unique=False)
    op.create_index(op.f("ix_payments_created_at"), "payments", ["created_at"], unique=False)
    op.create_index(op.f("ix_payments_import_id"), "payments", ["import_id"], unique=False)
    op.create_table(
        "terms_acceptances",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_terms_acceptances_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms_acceptances")),
    )
    op.create_index(
        op.f("ix_terms_acceptances_account_id"), "terms_acceptances", ["account_id"], unique=False
    )
    op.create_table(
        "disputes",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("payment_id", sa.String(length=40), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("taken_cents", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_disputes_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
    )
    op.create_index(op.f("ix_disputes_payment_id"), "disputes", ["payment_id"], unique=False)
    op.create_table(
        "emi_records",
        sa.Column("serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pack_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("call_id", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("settled_cents", sa.BigInteger(), nullable=False),
        sa.Column("returned_cents", sa.BigInteger(), nullable=False),
        sa.Column("adjusted_cents", sa.BigInteger(), nullable=False),
        sa.Column("written_off_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "settled_cents + returned_cents + adjusted_cents + written_off_cents <= cents",
            name=op.f("ck_emi_records_sum"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_emi_records_account_id")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_emi_records_call_id")),
        sa.ForeignKeyConstraint(["pack_id"], ["emi_packs.id"], name=op.f("fk_emi_records_pack_id")),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_emi_records")),
        sa.UniqueConstraint("call_id", name=op.f("uq_emi_records_call_id")),
    )
    op.create_index(op.f("ix_emi_records_account_id"), "emi_records", ["account_id"], unique=False)
    op.create_index(op.f("ix_emi_records_pack_id"), "emi_records", ["pack_id"], unique=False)
    op.create_table(
        "refunds",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("payment_id", sa.String(length=40), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("requested_at", Moment(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.Column("settled_at", Moment(), nullable=True),
        sa.Column("gateway_id", sa.String(length=100), nullable=True),
        sa.Column("check_number", sa.String(length=20), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("cents > 0", name=op.f("ck_refunds_cents")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_refunds_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_refunds_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("gateway_id", name=op.f("uq_refunds_gateway_id")),
    )
    op.create_index(op.f("ix_refunds_account_id"), "refunds", ["account_id"], unique=False)
    op.create_index(op.f("ix_refunds_payment_id"), "refunds", ["payment_id"], unique=False)
    op.create_index("uq_refunds_key", "refunds", ["key", "payment_id"], unique=True)
