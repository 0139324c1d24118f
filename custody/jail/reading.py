"""Jail events out of CSV or JSON. All faults are found before any is told."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from custody.jail.events import FIELDS, Event, event_of, source_of
from custody.places import PlaceError

MOST_EVENTS = 100_000
Numbered = tuple[int, object]


@dataclass(frozen=True)
class Batch:
    """Events as they came. ``what``: whether their numbers count lines or events.

    ``faults``: what isn't one, and why. It is told with all else that is wrong with the batch.
    """

    source: str
    events: tuple[tuple[int, Event], ...]
    what: str
    faults: tuple[tuple[int, str], ...] = ()


def read_file(path: Path, source: str, received_at: datetime) -> Batch:
    """The events of a file that ends in .csv or .json. Raises :class:`PlaceError`."""
    readers = {".csv": read_csv, ".json": read_json}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise PlaceError(f"{path}: jail events come as .csv or .json")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise PlaceError(f"{path} can't be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise PlaceError(f"{path} is no UTF-8 text: byte {error.start}") from None
    return reader(text, source, received_at)


def read_csv(text: str, source: str, received_at: datetime) -> Batch:
    """The events of a table whose first line names its columns. Raises :class:`PlaceError`."""
    return _batch(_cells(text), source, received_at, "line")


def read_json(text: str, source: str, received_at: datetime) -> Batch:
    """The events of a list of objects, or of ``{"events": [...]}``. Raises PlaceError."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PlaceError(f"this is no JSON: {error}") from None
    events = told.get("events") if isinstance(told, dict) else told
    if not isinstance(events, list):
        raise PlaceError('a list of events is needed, or {"events": [...]}')
    return read_objects(events, source, received_at)


def read_objects(events: Iterable[object], source: str, received_at: datetime) -> Batch:
    """The events that these objects say. Raises :class:`PlaceError`."""
    return _batch(enumerate(events, 1), source, received_at, "event")


def _batch(rows: Iterable[Numbered], source: str, received_at: datetime, what: str) -> Batch:
    source = source_of(source)
    events, faults = [], []
    for number, fields in rows:
        try:
            if not isinstance(fields, dict):
                raise PlaceError(str(fields) if what == "line" else "this is no object")
            events.append((number, event_of(source, fields, received_at)))
        except PlaceError as fault:
            faults.append((number, str(fault)))
    if len(events) > MOST_EVENTS:
        raise PlaceError(f"at most {MOST_EVENTS} events at once: split them")
    return Batch(source, tuple(events), what, tuple(faults))


def _cells(text: str) -> Iterator[Numbered]:
    """Each line as its fields; where it has none, what is wrong with it."""
    rows = _rows(text)
    _, first = next(rows, (1, []))
    head = [name.strip() for name in first] if isinstance(first, list) else []
    if fault := _head_fault(head):
        yield 1, fault
        return
    for number, cells in rows:
        if cells:
            yield number, _fields(head, cells)


def _rows(text: str) -> Iterator[Numbered]:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        try:
            cells: object = next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            cells = str(error)
        yield lines.line_num, cells


def _fields(head: list[str], cells: object) -> object:
    if not isinstance(cells, list):
        return cells
    if len(cells) != len(head):
        return f"{len(cells)} cells instead of {len(head)}"
    return dict(zip(head, cells, strict=True))


def _head_fault(head: list[str]) -> str:
    needed = FIELDS[:4]
    if missing := [name for name in needed if name not in head]:
        return f"the first line names the columns; {', '.join(missing)} is missing"
    if strange := sorted(set(head) - set(FIELDS)):
        return f"unknown column {', '.join(strange)}; there are {', '.join(FIELDS)}"
    return "a column is named twice" if len(set(head)) < len(head) else ""
