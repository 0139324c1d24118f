"""Own PINs and names, debit accounts, called parties' blocks, following calls, credit requests"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.append_only import protect
from store.types import Moment

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COLUMNS = (
    ("facilities", "records_name", sa.Boolean(), sa.false()),
    ("facilities", "overlay_seconds", sa.Integer(), sa.text("0")),
    ("facilities", "daily_minutes", sa.Integer(), None),
    ("persons", "must_choose_pin", sa.Boolean(), sa.false()),
    ("persons", "name_clip", sa.Text(), None),
    ("calls", "blocked_at", Moment(), None),
)
REFERENCES = (
    ("blocked_numbers", "person_id", "persons"),
    ("accounts", "person_id", "persons"),
    ("calls", "follows", "calls"),
)


def upgrade() -> None:
    for table, name, kind, default in COLUMNS:
        column = sa.Column(name, kind, server_default=default, nullable=default is None)
        op.add_column(table, column)
    for table, name, other in REFERENCES:
        # In one statement, because SQLite can't add a constraint to a table that is there.
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {name} VARCHAR(20) "
            f"CONSTRAINT fk_{table}_{name} REFERENCES {other} (id)"
        )
    op.create_index(op.f("ix_accounts_person_id"), "accounts", ["person_id"], unique=True)
    op.create_index(op.f("ix_calls_follows"), "calls", ["follows"], unique=True)
    op.create_table(
        "person_orders",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_person_orders_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_orders")),
    )
    op.create_index(op.f("ix_person_orders_person_id"), "person_orders", ["person_id"])
    protect("person_orders")
    op.create_table(
        "credit_requests",
        sa.Column("call_id", sa.String(length=20), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("decided_at", Moment()),
        sa.Column("actor", sa.Text()),
        sa.Column("granted_cents", sa.BigInteger()),
        sa.Column("note", sa.Text()),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_credit_requests_call_id")),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_credit_requests")),
    )
    # Where the books are open already, they have a house account more.
    op.execute(
        "INSERT INTO accounts (id, product, holder, opened_at) "
        "SELECT 'house.credits', product, 'Calls credited to those who paid', opened_at "
        "FROM accounts WHERE id = 'house.cash' "
        "AND NOT EXISTS (SELECT 1 FROM accounts WHERE id = 'house.credits')"
    )


def downgrade() -> None:
    op.drop_table("credit_requests")
    op.drop_table("person_orders")
    op.drop_index(op.f("ix_calls_follows"), "calls")
    op.drop_index(op.f("ix_accounts_person_id"), "accounts")
    for table, name, _ in REFERENCES:
        op.drop_column(table, name)
    for table, name, _, _ in COLUMNS:
        op.drop_column(table, name)
