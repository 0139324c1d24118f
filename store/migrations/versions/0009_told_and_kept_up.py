"""Notices to lawyers are sent by e-mail"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.append_only import protect
from store.types import Json, Moment

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

COLUMNS = (
    ("privilege_notices", "attempts", sa.Integer(), sa.text("0")),
    ("privilege_notices", "fault", sa.Text(), sa.text("''")),
    ("privilege_notices", "refused_email", sa.Text(), sa.text("''")),
    ("privilege_notices", "not_before", Moment(), None),
)


def upgrade() -> None:
    for table, name, kind, default in COLUMNS:
        column = sa.Column(name, kind, server_default=default, nullable=default is None)
        op.add_column(table, column)
    _keep_facility_orders()


def downgrade() -> None:
    op.drop_table("facility_orders")
    for table, name, _, _ in COLUMNS:
        op.drop_column(table, name)


def _keep_facility_orders() -> None:
    op.create_table(
        "facility_orders",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("facility_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("changes", Json(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facilities.id"], name=op.f("fk_facility_orders_facility_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility_orders")),
    )
    op.create_index(
        op.f("ix_facility_orders_facility_id"), "facility_orders", ["facility_id"], unique=False
    )
    protect("facility_orders")
