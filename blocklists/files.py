"""List files, as facilities and earlier systems have them: taken whole or not at all.

Plain text, a number or a pattern a line; what follows after a comma is told in each reader.
Empty lines and lines that begin with # say nothing. A number that stands there twice, however
it is spelled, is taken once.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from blocklists import allowing, blocking, pan_orders
from blocklists.faults import ListRefused
from blocklists.orders import Order, must_be_sound
from blocklists.patterns import NumberError, Pattern, dialable, parse
from store.tables import persons

COMMENT = "#"
LONGEST_LINE = 200


@dataclass(frozen=True)
class Taken:
    """What came of a file: its numbers, how many of them are new, and which stood there twice."""

    numbers: int
    new: int
    doubled: int


def block_all(connection: Connection, content: bytes, order: Order, at: datetime) -> Taken:
    """Block every number of a file. Raises :class:`~blocklists.faults.ListRefused`.

    The same file under the same order changes nothing. Raises :class:`NumberError` for the order.
    """
    must_be_sound(connection, order, at)
    patterns, doubled = patterns_of(content)
    return Taken(len(patterns), blocking.put_new(connection, patterns, order, at), doubled)


def allow_all(
    connection: Connection,
    content: bytes,
    actor: str,
    at: datetime,
    facility_id: str | None = None,
    note: str = "",
) -> Taken:
    """Allow every number of a file for a facility's people, or for everybody. As above."""
    patterns, doubled = patterns_of(content)
    new = allowing.allow_new(connection, patterns, actor, at, facility_id, note)
    return Taken(len(patterns), new, doubled)


def add_to_pans(
    connection: Connection,
    content: bytes,
    actor: str,
    at: datetime,
    facility_id: str | None = None,
) -> Taken:
    """Put ``person,number[,relationship]`` of every line on that person's own list. As above.

    A list that would be overfull refuses the file, too; so does a person who isn't held in
    ``facility_id``, if that is given.
    """
    faults: list[tuple[int, str]] = []
    here = [] if facility_id is None else [persons.c.facility_id == facility_id]
    known = set(connection.execute(select(persons.c.id).where(*here)).scalars())
    wanted: dict[str, dict[str, tuple[int, str]]] = {}
    lines = 0
    for line, cells in _lines(content, faults):
        lines += 1
        try:
            person_id, number, relationship = _entry(cells, known)
            wanted.setdefault(person_id, {}).setdefault(number, (line, relationship))
        except NumberError as error:
            faults.append((line, str(error)))
    new = 0
    for person_id, numbers in wanted.items():
        try:
            given = {number: relationship for number, (_, relationship) in numbers.items()}
            new += pan_orders.add_all(connection, person_id, given, actor, at)
        except NumberError as error:
            faults.append((max(line for line, _ in numbers.values()), str(error)))
    entries = sum(map(len, wanted.values()))
    if faults:
        raise ListRefused(faults)
    return Taken(_some(entries), new, lines - entries)


def patterns_of(content: bytes) -> tuple[list[Pattern], int]:
    """The patterns of a list file, and how many lines say one again. Raises as above."""
    faults: list[tuple[int, str]] = []
    found: dict[str, Pattern] = {}
    lines = 0
    for line, cells in _lines(content, faults):
        lines += 1
        try:
            if len(cells) > 1:
                raise NumberError("one number a line, and nothing else")
            pattern = parse(cells[0])
            found[pattern.number] = pattern
        except NumberError as error:
            faults.append((line, str(error)))
    if faults:
        raise ListRefused(faults)
    return list(found.values()), lines - _some(len(found))


def _some(numbers: int) -> int:
    if not numbers:
        raise NumberError("nothing was taken from the file: there is no number in it")
    return numbers


def _entry(cells: list[str], known: Collection[str]) -> tuple[str, str, str]:
    if not 2 <= len(cells) <= 3:
        raise NumberError("a line is person,number or person,number,relationship")
    person_id, number, relationship = (*cells, "")[:3]
    if person_id not in known:
        raise NumberError(f"there is no person {person_id!r}")
    return person_id, dialable(number), relationship


def _lines(content: bytes, faults: list[tuple[int, str]]) -> Iterator[tuple[int, list[str]]]:
    """The cells of each line that says something, with its number. Adds to ``faults``."""
    for line, raw in enumerate(content.removeprefix(BOM_UTF8).split(b"\n"), 1):
        if len(raw) > LONGEST_LINE:
            faults.append((line, f"longer than {LONGEST_LINE} bytes"))
            continue
        try:
            text = raw.decode("utf-8").strip()
        except UnicodeDecodeError:
            faults.append((line, "not UTF-8"))
            continue
        if not text.isprintable() and "\t" not in text:
            faults.append((line, "a control character"))
        elif text and not text.startswith(COMMENT):
            yield line, [cell.strip().strip('"').strip() for cell in text.split(",")]
