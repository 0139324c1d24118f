"""Who may call whom: units, staff, the jail's events, lists, controls, privilege, trunks"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.append_only import protect
from store.types import Json, Moment

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

COLUMNS = (
    ("facilities", "caller_id", sa.String(20), sa.text("''")),
    ("facilities", "ends_live_calls", sa.Boolean(), sa.false()),
    ("phones", "label", sa.Text(), sa.text("''")),
    ("phones", "transport", sa.String(5), sa.text("'udp'")),
    ("phones", "encrypts", sa.Boolean(), sa.false()),
    ("phones", "codecs", sa.String(60), sa.text("'ulaw,alaw'")),
    ("phones", "addresses", sa.Text(), sa.text("''")),
    ("persons", "jail_at", Moment(), None),
    ("calls", "trunk_id", sa.String(40), None),
    ("blocked_numbers", "stem", sa.String(20), sa.text("''")),
    ("blocked_numbers", "pattern", sa.String(20), sa.text("''")),
    ("privileged_numbers", "kind", sa.String(20), sa.text("'attorney'")),
    ("privileged_numbers", "proof", sa.Text(), sa.text("''")),
    ("privileged_numbers", "expires_at", Moment(), None),
    ("privileged_numbers", "lifted_at", Moment(), None),
    ("privileged_numbers", "lifted_by", sa.Text(), None),
)
REFERRING = (
    ("phones", "unit_id", "units"),
    ("persons", "unit_id", "units"),
    ("api_tokens", "staff_id", "staff"),
    ("privileged_numbers", "attorney_id", "attorneys"),
)
INDEXES = (
    ("api_tokens", "staff_id"),
    ("privileged_numbers", "attorney_id"),
    ("blocked_numbers", "stem"),
)
APPEND_ONLY = ("jail_events", "quarantines", "staff_orders", "line_orders", "hotline_calls")
# Those that are referred to last.
TABLES = (
    *("hotline_calls", "line_orders"),
    *("call_orders", "hotlines", "trunks", "jail_events", "staff_orders", "staff"),
    *("privilege_notices", "quarantines", "allowed_numbers", "bulk_lists", "controls"),
    *("attorneys", "units"),
)


def upgrade() -> None:
    _create_place_tables()
    _create_list_tables()
    _create_line_tables()
    for table, name, kind, default in COLUMNS:
        column = sa.Column(name, kind, server_default=default, nullable=default is None)
        op.add_column(table, column)
    # In one statement each, because SQLite can't add a constraint to a table that is there.
    for table, name, other in REFERRING:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {name} VARCHAR(40) "
            f"CONSTRAINT fk_{table}_{name} REFERENCES {other} (id)"
        )
    for table, name in INDEXES:
        op.create_index(op.f(f"ix_{table}_{name}"), table, [name])
    op.create_index("ix_calls_person_id", "calls", ["person_id", "offhook_at"])
    # What was blocked so far has no wildcard.
    op.execute("UPDATE blocked_numbers SET stem = number, pattern = number")
    for table in APPEND_ONLY:
        protect(table)


def downgrade() -> None:
    op.drop_index("ix_calls_person_id", "calls")
    for table, name in INDEXES:
        op.drop_index(op.f(f"ix_{table}_{name}"), table)
    for table, name, _ in REFERRING:
        op.drop_column(table, name)
    for table, name, _, _ in COLUMNS:
        op.drop_column(table, name)
    for table in TABLES:
        op.drop_table(table)


def _create_list_tables() -> None:
    op.create_table(
        "attorneys",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("bar_state", sa.String(length=2), nullable=False),
        sa.Column("bar_number", sa.String(length=40), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attorneys")),
    )
    op.create_table(
        "controls",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("layer", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("value", Json(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("lifted_at", Moment(), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "layer IN ('facility', 'unit', 'phone', 'person', 'number')",
            name=op.f("ck_controls_layer"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_controls")),
    )
    op.create_index("ix_controls_layer", "controls", ["layer", "subject"], unique=False)
    op.create_table(
        "bulk_lists",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.String(length=40), nullable=True),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("lifted_at", Moment(), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facilities.id"], name=op.f("fk_bulk_lists_facility_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_lists")),
    )
    op.create_table(
        "allowed_numbers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("stem", sa.String(length=20), nullable=False),
        sa.Column("pattern", sa.String(length=20), nullable=False),
        sa.Column("facility_id", sa.String(length=40), nullable=True),
        sa.Column("person_id", sa.String(length=20), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("learned", sa.Boolean(), nullable=False),
        sa.Column("relationship", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facilities.id"], name=op.f("fk_allowed_numbers_facility_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_allowed_numbers_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allowed_numbers")),
    )
    op.create_index(
        op.f("ix_allowed_numbers_person_id"), "allowed_numbers", ["person_id"], unique=False
    )
    op.create_index(op.f("ix_allowed_numbers_stem"), "allowed_numbers", ["stem"], unique=False)
    op.create_index(
        "uq_allowed_numbers_person_id",
        "allowed_numbers",
        ["person_id", "number"],
        unique=True,
        postgresql_where=sa.text("state IN ('requested', 'approved')"),
        sqlite_where=sa.text("state IN ('requested', 'approved')"),
    )
    op.create_table(
        "quarantines",
        sa.Column("call_id", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_quarantines_call_id")),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_quarantines")),
    )
    op.create_table(
        "privilege_notices",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attorney_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attorney_id"], ["attorneys.id"], name=op.f("fk_privilege_notices_attorney_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privilege_notices")),
    )
    op.create_index(
        op.f("ix_privilege_notices_attorney_id"), "privilege_notices", ["attorney_id"], unique=False
    )
    op.create_index(
        "uq_privilege_notices_attorney_id",
        "privilege_notices",
        ["attorney_id", "kind", "subject"],
        unique=True,
    )


def _create_place_tables() -> None:
    op.create_table(
        "units",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("facility_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facilities.id"], name=op.f("fk_units_facility_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
    )
    op.create_index(op.f("ix_units_facility_id"), "units", ["facility_id"], unique=False)
    op.create_table(
        "staff",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("facility_id", sa.String(length=40), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facilities.id"], name=op.f("fk_staff_facility_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
    )
    op.create_table(
        "staff_orders",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("staff_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_orders_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_orders")),
    )
    op.create_index(op.f("ix_staff_orders_staff_id"), "staff_orders", ["staff_id"], unique=False)
    op.create_table(
        "jail_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("event_id", sa.String(length=80), nullable=False),
        sa.Column("person_id", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("facts", Json(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jail_events")),
    )
    op.create_index(op.f("ix_jail_events_person_id"), "jail_events", ["person_id"], unique=False)
    op.create_index("uq_jail_events_source", "jail_events", ["source", "event_id"], unique=True)


def _create_line_tables() -> None:
    op.create_table(
        "trunks",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("facility_id", sa.String(length=40), nullable=True),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("transport", sa.String(length=5), nullable=False),
        sa.Column("encrypts", sa.Boolean(), nullable=False),
        sa.Column("codecs", sa.String(length=60), nullable=False),
        sa.Column("username", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("password", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facilities.id"], name=op.f("fk_trunks_facility_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trunks")),
    )
    op.create_table(
        "hotlines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("facility_id", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facilities.id"], name=op.f("fk_hotlines_facility_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hotlines")),
    )
    op.create_index("uq_hotlines_facility_id", "hotlines", ["facility_id", "code"], unique=True)
    op.create_table(
        "line_orders",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line", sa.String(length=10), nullable=False),
        sa.Column("line_id", sa.String(length=50), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_orders")),
    )
    op.create_index(op.f("ix_line_orders_line_id"), "line_orders", ["line_id"], unique=False)
    op.create_table(
        "hotline_calls",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("phone_id", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("trunk_id", sa.String(length=40), nullable=True),
        sa.Column("began_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=False),
        sa.Column("talk_ms", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["phone_id"], ["phones.id"], name=op.f("fk_hotline_calls_phone_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hotline_calls")),
    )
    op.create_index(op.f("ix_hotline_calls_began_at"), "hotline_calls", ["began_at"], unique=False)
    op.create_table(
        "call_orders",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("call_id", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("done_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_orders_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_orders")),
    )
    op.create_index(op.f("ix_call_orders_call_id"), "call_orders", ["call_id"], unique=False)
    op.create_index("uq_call_orders_call_id", "call_orders", ["call_id", "kind"], unique=True)
