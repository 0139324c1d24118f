"""Decks, what CDRs say of their price in columns, and what another deck would have cost"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.append_only import protect
from store.types import Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


PRICED = (
    ("priced_at", Moment()),
    ("jurisdiction", sa.String(length=15)),
    ("medium", sa.String(length=10)),
    ("call_class", sa.String(length=10)),
    ("tax_state", sa.String(length=2)),
    ("base_cents", sa.BigInteger()),
    ("additive_cents", sa.BigInteger()),
)


def upgrade() -> None:
    op.create_table(
        "decks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("loaded_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decks")),
        sa.UniqueConstraint("version", name=op.f("uq_decks_version")),
    )
    protect("decks")
    for name, kind in PRICED:
        op.add_column("cdrs", sa.Column(name, kind))
    op.create_index(op.f("ix_cdrs_priced_at"), "cdrs", ["priced_at"])
    op.create_table(
        "rerated_calls",
        sa.Column("run", sa.String(length=40), nullable=False),
        sa.Column("call_id", sa.String(length=20), nullable=False),
        sa.Column("charged_cents", sa.BigInteger(), nullable=False),
        sa.Column("base_cents", sa.BigInteger(), nullable=False),
        sa.Column("additive_cents", sa.BigInteger(), nullable=False),
        sa.Column("tax_cents", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("rerated_calls")
    op.drop_index(op.f("ix_cdrs_priced_at"), table_name="cdrs")
    for name, _ in PRICED:
        op.drop_column("cdrs", name)
    op.drop_table("decks")
