"""TOML read row by row, with errors that name file, line and field.

``tomllib`` keeps no line numbers, so the headers and keys are found again in the text. A deck in
plain style (one key a line) is located to the line; anything fancier to its table's header.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

T = TypeVar("T")
Lines = dict[tuple[str, ...], int]

_HEADER = re.compile(r"\s*\[\[?\s*([\w.\-]+)\s*\]\]?")
_KEY = re.compile(r"\s*([\w\-]+)\s*=")


class DeckError(Exception):
    """A deck can't be used; the message is ``file:line: field: what is wrong``."""


class Row:
    """One table of the file: fields are taken one by one, and none may be left over."""

    def __init__(self, file: str, lines: Lines, path: tuple[str, ...], table: Any) -> None:
        self._file, self._lines, self._path = file, lines, path
        if not isinstance(table, dict):
            raise self.error("", "a table is needed here")
        self._left: dict[str, Any] = dict(table)

    def error(self, field: str, message: str) -> DeckError:
        """The error to raise for a field of this row (or for the whole row: ``""``)."""
        line = self._lines.get((*self._path, field)) or self._lines.get(self._path, 1)
        name = field or (self._path[-2] if len(self._path) > 1 else "file")
        return DeckError(f"{self._file}:{line}: {name}: {message}")

    def take(self, field: str, read: Callable[[Any], T]) -> T:
        """A field that has to be there."""
        if field not in self._left:
            raise self.error(field, "is missing")
        try:
            return read(self._left.pop(field))
        except (ValueError, TypeError) as error:
            raise self.error(field, str(error)) from None

    def maybe(self, field: str, read: Callable[[Any], T], otherwise: T) -> T:
        """A field with a default."""
        return self.take(field, read) if field in self._left else otherwise

    def rows(self, field: str) -> list[Row]:
        """The tables of a ``[[field]]`` list."""
        tables = self._left.pop(field, [])
        if not isinstance(tables, list):
            raise self.error(field, f"write [[{field}]]")
        return [
            Row(self._file, self._lines, (*self._path, field, str(n)), table)
            for n, table in enumerate(tables)
        ]

    def done(self) -> None:
        """Refuse whatever nobody asked for: a misspelt field must not be lost in silence."""
        for field in self._left:
            raise self.error(field, "isn't a field of this table")


def read(file: str, text: str) -> Row:
    """The file's top table. Raises :class:`DeckError` where it isn't TOML."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"at line (\d+)", str(error))
        line = where.group(1) if where else len(text.splitlines())
        raise DeckError(f"{file}:{line}: TOML: {error}") from None
    return Row(file, _locate(text), (), table)


def line_of(text: str, *path: str) -> int:
    """The line of a field, such as ``"rate", "0", "base"``; else of its table; else the first."""
    lines = _locate(text)
    return lines.get(path) or lines.get(path[:-1], 1)


def _locate(text: str) -> Lines:
    lines: Lines = {}
    path: tuple[str, ...] = ()
    seen: Counter[tuple[str, ...]] = Counter()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            path = _path(header.group(1).split("."), seen)
            lines[path] = number
        elif key := _KEY.match(line):
            lines[(*path, key.group(1))] = number
    return lines


def _path(names: list[str], seen: Counter[tuple[str, ...]]) -> tuple[str, ...]:
    path: tuple[str, ...] = ()
    for name in names[:-1]:
        path = (*path, name, str(max(seen[(*path, name)] - 1, 0)))
    path = (*path, names[-1])
    seen[path] += 1
    return (*path, str(seen[path] - 1))


def text(value: Any) -> str:
    """A text that isn't empty."""
    if not isinstance(value, str) or not value.strip():
        raise TypeError("text in quotes is needed")
    return value


def amount(value: Any) -> str:
    """An amount in quotes: TOML would make a float of a bare one, and money is never a float."""
    if not isinstance(value, str):
        raise TypeError('an amount in quotes is needed, such as "0.12"')
    return value


def day(value: Any) -> date:
    """A date."""
    if isinstance(value, datetime) or not isinstance(value, date):
        raise TypeError("a date is needed, such as 2026-04-06")
    return value


def one_of(*allowed: str) -> Callable[[Any], str]:
    """A word out of a list."""

    def read(value: Any) -> str:
        if value not in allowed:
            raise ValueError(f"{value!r} isn't one of {', '.join(allowed)}")
        return str(value)

    return read


def between(low: int, high: int) -> Callable[[Any], int]:
    """A whole number in a range."""

    def read(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise ValueError(f"a whole number from {low} to {high} is needed")
        return value

    return read
