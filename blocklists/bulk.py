"""Lists of millions of blocked numbers: a sorted array in a file, mapped into memory.

The database says which lists are in force, and what file each has; a decision looks its number
up in each. A file that isn't there, or isn't the one that was loaded, is an error: no decision,
no call (design rule 1).
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import numpy as np
from sqlalchemy import ColumnElement, ScalarSelect, or_, select

from blocklists.force import in_force
from blocklists.lists import BlockCause
from blocklists.one_text import one_text, records
from blocklists.patterns import NumberError
from store.tables import bulk_lists

Sorted: TypeAlias = np.ndarray[tuple[int], np.dtype[np.uint64]]
# The one order of bytes that a file has, whatever the machine.
KIND = np.dtype("<u8")
# In the query of all facts: psycopg reads one of more than 4,096 letters anew for every call.
_short = bulk_lists.alias("k").c
_PIECE = 1 << 20


class BulkListError(NumberError):
    """A list can't be read; the message says which, and how to mend it."""


def of_call(facility_id: object, at: object) -> ScalarSelect[str | None]:
    """For a query: all lists in force at a facility, for :func:`blocked`."""
    lists = one_text(_short.file, _short.sha256, _short.cause)
    return select(lists).where(*_in_force(facility_id, at)).scalar_subquery()


def blocked(lists: str | None, number: str) -> BlockCause | None:
    """The strongest cause by which a list of :func:`of_call` has the normalised number, if any.

    Raises :class:`BulkListError` when a list can't be read.
    """
    value = as_integer(number)
    causes = {cause for file, sha256, cause in records(lists) if has(opened(file, sha256), value)}
    return next((cause for cause in BlockCause if cause.value in causes), None)


def as_integer(number: str) -> int:
    """The digits of a normalised number, as the file has them."""
    return int(number.removeprefix("+"))


def has(numbers: Sorted, value: int) -> bool:
    """Whether a sorted list has the number."""
    place = int(numbers.searchsorted(np.uint64(value)))
    return place < numbers.size and int(numbers[place]) == value


@lru_cache(maxsize=32)
def opened(file: str, sha256: str) -> Sorted:
    """The numbers of a list's file, read from the disk where they are needed.

    Its content is checked, once a process. Raises :class:`BulkListError`.
    """
    path = Path(file)
    try:
        if fingerprint(path) != sha256:
            raise BulkListError(f"{file} isn't the list that was loaded: load it again")
        mapped = np.memmap(path, dtype=KIND, mode="r")
    except (OSError, ValueError) as error:
        if isinstance(error, BulkListError):
            raise
        raise BulkListError(f"the list {file} can't be read ({error}): load it again") from None
    return np.asarray(mapped)


def fingerprint(path: Path) -> str:
    """SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _in_force(facility_id: object, at: object) -> tuple[ColumnElement[bool], ...]:
    here = or_(_short.facility_id.is_(None), _short.facility_id == facility_id)
    return (*in_force(_short, at), here)
