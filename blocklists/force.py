"""When a row of a list, the policy or the registry binds: neither lifted nor expired."""

from __future__ import annotations

from typing import Any, TypeAlias

from sqlalchemy import Column, ColumnElement, or_
from sqlalchemy.sql.base import ReadOnlyColumnCollection

Columns: TypeAlias = ReadOnlyColumnCollection[str, Column[Any]]


def in_force(row: Columns, at: object) -> tuple[ColumnElement[bool], ...]:
    """For a query: the row of a table that can be lifted binds at this moment."""
    return row.lifted_at.is_(None), unexpired(row, at)


def unexpired(row: Columns, at: object) -> ColumnElement[bool]:
    """For a query: the row's end, if it has one, is after this moment."""
    return or_(row.expires_at.is_(None), row.expires_at > at)
