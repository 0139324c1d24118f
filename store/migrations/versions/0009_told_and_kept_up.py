"""Notices to lawyers are sent by e-mail"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.types import Moment

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


def downgrade() -> None:
    for table, name, _, _ in COLUMNS:
        op.drop_column(table, name)
