"""NPA-NXX data: the LATA and rate center of an exchange, and local calling areas.

The data is licensed, so none comes with the program: :func:`load` reads the numbering
administrator's public assignment layout (comma-separated, a header, one block of numbers a line,
columns ``NPA``, ``NXX``, ``X``, ``State``, ``LATA``, ``RateCenter``; ``X`` is the thousands digit,
blank for a whole exchange). A second, optional file pairs rate centers that call each other
locally: ``State,From,To``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

COLUMNS = ("NPA", "NXX", "X", "State", "LATA", "RateCenter")


class ExchangeError(Exception):
    """The file can't be loaded; the message names file, line and field."""


@dataclass(frozen=True)
class Exchange:
    """Where a block of numbers lies."""

    state: str
    lata: str
    rate_center: str


@dataclass(frozen=True, eq=False)
class Exchanges:
    """Blocks by NPA-NXX-X, then by NPA-NXX, and the pairs of local rate centers."""

    blocks: Mapping[str, Exchange] = field(default_factory=dict)
    local: frozenset[tuple[str, str, str]] = frozenset()

    def find(self, digits: str) -> Exchange | None:
        """The exchange of ten (or six) digits: the thousands block first, the whole NXX next."""
        return self.blocks.get(digits[:7]) or self.blocks.get(digits[:6])

    def within_state(
        self, home: str, called: str
    ) -> Literal["local", "intralata", "interlata"] | None:
        """How far a call within one state goes; None where either end isn't known."""
        one, other = self.find(home), self.find(called)
        if one is None or other is None:
            return None
        if one.lata != other.lata:
            return "interlata"
        pair = (one.state, one.rate_center, other.rate_center)
        is_local = one.rate_center == other.rate_center or pair in self.local
        return "local" if is_local else "intralata"


NONE_LOADED = Exchanges()


def load(blocks: Path, local: Path | None = None) -> Exchanges:
    """Read both files whole. Raises :class:`ExchangeError` at the first line that is wrong."""
    found: dict[str, Exchange] = {}
    for number, row in _rows(blocks, COLUMNS):
        key = _key(blocks, number, row)
        if key in found:
            raise ExchangeError(f"{blocks}:{number}: NXX: {key} stands in the file twice")
        found[key] = Exchange(row["State"], row["LATA"], row["RateCenter"])
    return Exchanges(found, frozenset(_pairs(local)) if local else frozenset())


def _key(path: Path, line: int, row: dict[str, str]) -> str:
    for name, length, first in (("NPA", 3, "23456789"), ("NXX", 3, "23456789")):
        value = row[name]
        if not (
            len(value) == length and value.isascii() and value.isdecimal() and value[0] in first
        ):
            raise ExchangeError(f"{path}:{line}: {name}: {value!r} isn't three digits from 2XX")
    if row["X"] and row["X"] not in set("0123456789"):
        raise ExchangeError(f"{path}:{line}: X: {row['X']!r} isn't a digit")
    if not (row["LATA"].isdecimal() and row["RateCenter"] and len(row["State"]) == 2):
        raise ExchangeError(f"{path}:{line}: LATA: state, LATA and rate center are all needed")
    return row["NPA"] + row["NXX"] + row["X"]


def _pairs(path: Path) -> Iterator[tuple[str, str, str]]:
    for _, row in _rows(path, ("State", "From", "To")):
        yield row["State"], row["From"], row["To"]
        yield row["State"], row["To"], row["From"]


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    with path.open(newline="", encoding="utf-8") as text:
        reader = csv.DictReader(text)
        if missing := [name for name in columns if name not in (reader.fieldnames or ())]:
            raise ExchangeError(f"{path}:1: {missing[0]}: the column is missing")
        for row in reader:
            yield reader.line_num, {name: (row[name] or "").strip() for name in columns}
