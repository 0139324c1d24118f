"""Many rows as one text, so that they come with everything else that a query asks."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Text, func, literal_column, type_coerce

# Characters that neither JSON nor any name of ours holds as they are.
_FIELD, _RECORD = "\x1f", "\x1e"


def one_text(*columns: ColumnElement[str]) -> ColumnElement[str]:
    """For a query: the columns of all its rows, for :func:`records`. NULL when there is no row."""
    text: ColumnElement[str] = type_coerce(columns[0], Text)
    for column in columns[1:]:
        text = text + _written_out(_FIELD) + type_coerce(column, Text)
    # What is bound here would be written into the statement anew for every call.
    return func.aggregate_strings(text, _written_out(_RECORD))  # type: ignore[arg-type]


def records(text: str | None) -> Iterator[list[str]]:
    """The rows in what :func:`one_text` gave."""
    return (record.split(_FIELD) for record in text.split(_RECORD)) if text else iter(())


def _written_out(character: str) -> ColumnElement[str]:
    return literal_column(f"'{character}'", Text)
