"""Decks, and what calls would have cost by another one"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.append_only import protect
from store.types import Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


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
    op.create_table(
        "rerated_calls",
        sa.Column("run", sa.String(length=40), nullable=False),
        sa.Column("call_id", sa.String(length=20), nullable=False),
        sa.Column("charged_cents", sa.BigInteger(), nullable=False),
        sa.Column("base_cents", sa.BigInteger(), nullable=False),
        sa.Column("additive_cents", sa.BigInteger(), nullable=False),
        sa.Column("tax_cents", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("run", "call_id", name=op.f("pk_rerated_calls")),
    )


def downgrade() -> None:
    op.drop_table("rerated_calls")
    op.drop_table("decks")
