"""Millions of numbers from a text file into a file of sorted numbers, piece by piece.

A line is a number of the North American plan in any usual spelling, ASCII; empty lines and
lines that begin with # say nothing. Never-dialled numbers are taken: to block them does no harm.
"""

from __future__ import annotations

import os
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeAlias

import numpy as np

from blocklists.bulk import KIND, fingerprint
from blocklists.faults import TOLD, ListRefused
from blocklists.patterns import NumberError

PIECE_BYTES = 4 << 20
LONGEST_LINE = 1 << 20
COUNTRY = 10_000_000_000
_Bytes: TypeAlias = np.ndarray[tuple[int], np.dtype[np.uint8]]
_Ints: TypeAlias = np.ndarray[tuple[int], np.dtype[Any]]
_LINE_END, _HASH, _PLUS, _ZERO = b"\n#+0"
_FILLERS: Final = b" -.()/\t\r+"
_RUBBISH = np.ones(256, dtype=bool)
_RUBBISH[[*b"0123456789\n", *_FILLERS]] = False


@dataclass(frozen=True)
class Compiled:
    """A file of sorted numbers. ``doubled``: how many stood there more than once."""

    file: Path
    entries: int
    sha256: str
    doubled: int


@dataclass(frozen=True)
class _Piece:
    """What some whole lines say: their numbers, and which lines (from 0) are bad."""

    values: _Ints
    lines: int
    bad: _Ints


def compile_list(source: Path, folder: Path) -> Compiled:
    """Sort a list's numbers into a file in ``folder``, whose name is of its content.

    Raises :class:`~blocklists.faults.ListRefused` for bad lines, :class:`NumberError` for a file
    that can't be read or says nothing; then no file is left.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=".loading-") as scratch:
        unsorted, sorted_ = Path(scratch) / "unsorted", Path(scratch) / "sorted"
        try:
            _parse(source, unsorted)
        except OSError as error:
            raise NumberError(f"{source} can't be read: {error.strerror}") from None
        entries, doubled = _sort(unsorted, sorted_)
        sha256 = fingerprint(sorted_)
        # Whoever has it mapped would die of a change.
        sorted_.chmod(0o444)
        file = folder.resolve() / f"{sha256[:24]}.numbers"
        sorted_.replace(file)
    return Compiled(file, entries, sha256, doubled)


def _parse(source: Path, unsorted: Path) -> None:
    told: list[tuple[int, str]] = []
    further: list[int] = []
    line = 1
    with unsorted.open("wb") as out:
        for text in _pieces(source):
            piece = _read(np.frombuffer(text, dtype=np.uint8))
            room = TOLD - len(told)
            told += _told(text, piece.bad[:room], line)
            further += (piece.bad[max(room, 0) :] + line).tolist()
            out.write(piece.values.astype(KIND).tobytes())
            line += piece.lines
    if told:
        raise ListRefused(told, further)


def _pieces(source: Path) -> Iterator[bytes]:
    """The file in pieces of whole lines, each with its line end."""
    rest = b""
    with source.open("rb") as file:
        if file.read(len(BOM_UTF8)) != BOM_UTF8:
            file.seek(0)
        while text := file.read(PIECE_BYTES):
            whole, end, rest = (rest + text).rpartition(b"\n")
            if end:
                yield whole + end
            elif len(rest) > LONGEST_LINE:
                raise NumberError(f"{source} is no list: it has a line of {len(rest)} bytes")
    if rest:
        yield rest + b"\n"


def _read(text: _Bytes) -> _Piece:
    ends = np.flatnonzero(text == _LINE_END)
    starts = np.concatenate(([0], ends[:-1] + 1))
    is_digit = (text >= _ZERO) & (text <= _ZERO + 9)
    digits = text[is_digit].astype(np.int64) - _ZERO
    count = np.add.reduceat(is_digit, starts, dtype=np.int64)
    after = np.cumsum(count)
    rubbish = np.add.reduceat(_RUBBISH[text], starts, dtype=np.int64) > 0
    pluses = np.add.reduceat(text == _PLUS, starts, dtype=np.int64)
    silent = (text[starts] == _HASH) | ((count == 0) & ~rubbish & (pluses == 0))
    # Without numbers at all there is nothing to look at.
    first = digits[np.minimum(after - count, max(digits.size - 1, 0))] if digits.size else count
    national = (count == 11) & (first == 1) & (pluses <= 1)
    good = ~rubbish & (national | ((count == 10) & (pluses == 0))) & ~silent
    values = _values(digits, after[good])
    sound = (values // 10**9 >= 2) & (values // 10**6 % 10 >= 2)
    good[np.flatnonzero(good)[~sound]] = False
    return _Piece(values[sound] + COUNTRY, ends.size, np.flatnonzero(~good & ~silent))


def _values(digits: _Ints, after: _Ints) -> _Ints:
    """The last ten digits before each of some places, as a number."""
    values = np.zeros(after.size, dtype=np.int64)
    for place in range(10, 0, -1):
        values = values * 10 + digits[after - place]
    return values


def _told(text: bytes, bad: _Ints, line: int) -> Iterator[tuple[int, str]]:
    if bad.size:
        lines = text.split(b"\n")
        for one in bad.tolist():
            shown = lines[one][:40].decode("ascii", "replace").strip()
            yield line + one, f"{shown!r} is no number of the North American plan"


def _sort(unsorted: Path, sorted_: Path) -> tuple[int, int]:
    """How many numbers there are, and how many were doubled."""
    values = np.fromfile(unsorted, dtype=KIND)
    if not values.size:
        raise NumberError("nothing was taken from the file: there is no number in it")
    values.sort()
    new = np.concatenate(([True], values[1:] != values[:-1]))
    entries = int(np.count_nonzero(new))
    with sorted_.open("wb") as file:
        (values if entries == values.size else values[new]).tofile(file)
        file.flush()
        os.fsync(file.fileno())
    return entries, values.size - entries
