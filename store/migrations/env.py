"""Runs the migrations on the database that :func:`store.database.migrate` hands over."""

from __future__ import annotations

from alembic import context

from store.database import Database
from store.tables import metadata

database: Database = context.config.attributes["database"]
with database.begin() as connection:
    context.configure(connection=connection, target_metadata=metadata)
    context.run_migrations()
