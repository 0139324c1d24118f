"""Whoever looks whether something is there before it is written: one after the other."""

from __future__ import annotations

from zlib import crc32

from sqlalchemy import Connection, Table, func, select


def take_turn(connection: Connection, table: Table) -> None:
    """Wait until nobody else who takes a turn at this table is at it; ours ends with the commit.

    Others may write to the table meanwhile. SQLite's transactions follow one another anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(crc32(table.name.encode()))))
