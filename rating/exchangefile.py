"""Reads NPA-NXX data. It is licensed, so none comes with the program.

A file of blocks has the numbering administrator's public assignment layout: comma-separated, a
header, one block of numbers a line, columns ``NPA``, ``NXX``, ``X``, ``State``, ``LATA``,
``RateCenter``; ``X`` is the thousands digit, blank for a whole exchange. A file with the columns
``State,From,To`` pairs rate centers that call each other locally.
"""

from __future__ import annotations

import csv
from array import array
from collections.abc import Iterator, Sequence
from operator import itemgetter
from pathlib import Path

import numpy as np

from rating.exchanges import KEYS, Exchange, ExchangeError, Exchanges, key

BLOCKS = ("NPA", "NXX", "X", "State", "LATA", "RateCenter")
PAIRS = ("State", "From", "To")


def read(files: Sequence[Path]) -> Exchanges:
    """Read all files as one, in any order; which kind each is, its header says.

    Raises :class:`rating.exchanges.ExchangeError` at the first line that is wrong.
    """
    paired = [path for path in files if set(PAIRS) <= set(_header(path))]
    table = array("i", bytes(4 * KEYS))  # at each key the place's number from 1, or 0
    places: dict[tuple[str, str, str], int] = {}
    for path in files:
        if path not in paired:
            _blocks(path, table, places)
    keys = np.flatnonzero(np.frombuffer(table, np.int32)).astype(np.int32)
    if not keys.size:
        raise ExchangeError(f"{files[0]}:1: NPA: no block of numbers follows")
    # Sorted, so that the order of the files makes no other version.
    rank = {place: at for at, place in enumerate(sorted(places))}
    ranks = np.array([rank[place] for place in places], np.int32)
    codes = ranks[np.frombuffer(table, np.int32)[keys] - 1]
    centers = {(state, center) for state, _, center in places}
    local = frozenset(pair for path in paired for pair in _pairs(path, centers))
    found = tuple(map(Exchange._make, rank))
    return Exchanges(array("i", keys.tobytes()), array("i", codes.tobytes()), found, local)


def _blocks(path: Path, table: array[int], places: dict[tuple[str, str, str], int]) -> None:
    for line, (npa, nxx, x, *where) in _rows(path, BLOCKS):
        if fault := _fault(npa, nxx, x, *where):
            raise ExchangeError(f"{path}:{line}: {fault}")
        at = key(npa + nxx, x)
        if table[at]:
            raise ExchangeError(f"{path}:{line}: NXX: {npa}{nxx}{x} is said for the second time")
        state, lata, center = where
        table[at] = places.setdefault((state, lata, center), len(places) + 1)


def _fault(npa: str, nxx: str, x: str, state: str, lata: str, center: str) -> str | None:
    for name, value in (("NPA", npa), ("NXX", nxx)):
        if not (len(value) == 3 and value.isascii() and value.isdecimal() and value >= "200"):
            return f"{name}: {value!r} isn't three digits from 200"
    if x and x not in "0123456789":
        return f"X: {x!r} isn't a digit"
    if not (lata.isascii() and lata.isdecimal() and center and len(state) == 2):
        return "LATA: state, LATA and rate center are all needed"
    return None


def _pairs(path: Path, centers: set[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    for line, (state, one, other) in _rows(path, PAIRS):
        for name, center in (("From", one), ("To", other)):
            if (state, center) not in centers:
                raise ExchangeError(f"{path}:{line}: {name}: no block lies in {state} {center!r}")
        yield state, one, other
        yield state, other, one


def _header(path: Path) -> list[str]:
    return next(_lines(path), (1, []))[1]


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...]]]:
    header = _header(path)
    if missing := [name for name in columns if name not in header]:
        raise ExchangeError(f"{path}:1: {missing[0]}: the column is missing")
    pick = itemgetter(*(header.index(name) for name in columns))
    lines = _lines(path)
    next(lines)
    for line, row in lines:
        if row and len(row) < len(header):
            raise ExchangeError(f"{path}:{line}: {header[len(row)]}: the line ends before it")
        if row:
            yield line, pick(row)


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    with path.open(newline="", encoding="utf-8-sig") as text:
        reader = csv.reader(text)
        try:
            for row in reader:
                yield reader.line_num, [cell.strip() for cell in row]
        except (UnicodeDecodeError, csv.Error) as error:
            place = f"{path}:{reader.line_num + 1}"
            raise ExchangeError(f"{place}: file: isn't CSV in UTF-8: {error}") from None
