"""Money held in slices, reversals, closed periods, credits for calls that were cut"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.append_only import protect
from store.types import Moment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

COLUMNS = (
    ("facilities", "holds_whole_call", sa.Boolean(), sa.false()),
    ("calls", "paid_seconds", sa.Integer(), None),
    ("calls", "renew_at", Moment(), None),
    ("calls", "seen_at", Moment(), None),
    ("calls", "warned_at", Moment(), None),
    ("cdrs", "credited_cents", sa.BigInteger(), sa.text("0")),
    ("cdrs", "note", sa.Text(), None),
)
NEW_ACCOUNTS = {
    "house.adjustments": "Corrections by staff",
    "house.write_offs": "Balances owed and given up",
}


def upgrade() -> None:
    for table, name, kind, default in COLUMNS:
        column = sa.Column(name, kind, server_default=default, nullable=default is None)
        op.add_column(table, column)
    # A call that talks right now has the money of its whole length set aside.
    op.execute(
        "UPDATE calls SET paid_seconds = limit_seconds "
        "WHERE accepted_at IS NOT NULL AND ended_at IS NULL"
    )
    # In one statement, because SQLite can't add a constraint to a table that is there.
    number = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE entries ADD COLUMN reverses {number} "
        "CONSTRAINT fk_entries_reverses REFERENCES entries (id)"
    )
    op.create_index(op.f("ix_entries_reverses"), "entries", ["reverses"], unique=True)
    op.create_index(
        "ix_calls_due", "calls", ["renew_at"], postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_table(
        "closed_periods",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("closed_at", Moment(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("debit_cents", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_closed_periods")),
    )
    protect("closed_periods")

    # Where the books are open already, they have two house accounts more.
    for account, meaning in NEW_ACCOUNTS.items():
        op.execute(
            "INSERT INTO accounts (id, product, holder, opened_at) "
            f"SELECT '{account}', product, '{meaning}', opened_at "
            "FROM accounts WHERE id = 'house.cash' "
            f"AND NOT EXISTS (SELECT 1 FROM accounts WHERE id = '{account}')"
        )


def downgrade() -> None:
    op.drop_table("closed_periods")
    op.drop_index("ix_calls_due", "calls")
    op.drop_index(op.f("ix_entries_reverses"), "entries")
    op.drop_column("entries", "reverses")
    for table, name, _, _ in COLUMNS:
        op.drop_column(table, name)
