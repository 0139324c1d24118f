"""NPA-NXX data, and the exchange that a facility lies in"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.append_only import protect
from store.types import Json, Moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exchanges",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.String(length=80), nullable=False),
        sa.Column("keys", sa.LargeBinary(), nullable=False),
        sa.Column("codes", sa.LargeBinary(), nullable=False),
        sa.Column("places", Json(), nullable=False),
        sa.Column("local", Json(), nullable=False),
        sa.Column("files", Json(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchanges")),
    )
    protect("exchanges")
    exchange = sa.Column(
        "exchange", sa.String(length=6), server_default=sa.text("''"), nullable=False
    )
    op.add_column("facilities", exchange)


def downgrade() -> None:
    op.drop_column("facilities", "exchange")
    op.drop_table("exchanges")
