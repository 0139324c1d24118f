"""The registration of a whole office: a CSV file that is taken whole or not at all.

    id,name,bar_state,bar_number,email,language,number,kind,expires,proof
    okafor,Ada Okafor,OH,0099001,ada@example.org,en,(614) 555-0111,attorney,2027-12-31,letter
    okafor,Ada Okafor,OH,0099001,ada@example.org,en,(614) 555-0112,attorney,,letter

The first line names the columns, in any order. A lawyer with several numbers has several lines.
``kind`` may be empty (an attorney), ``expires`` (a day; none), ``language`` (English). The same
file again changes nothing.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection

from blocklists.faults import ListRefused
from blocklists.patterns import NumberError, dialable
from blocklists.privilege import attorneys, entries, registry
from blocklists.privilege.attorneys import Attorney
from blocklists.privilege.registry import Entry, PrivilegeError, PrivilegeKind

COLUMNS = (
    *("id", "name", "bar_state", "bar_number", "email", "language"),
    *("number", "kind", "expires", "proof"),
)
MOST_LINES = 5000
Fault = tuple[int, str]


@dataclass(frozen=True)
class Taken:
    """What a file has changed: ``unchanged`` numbers were registered so before."""

    attorneys: int = 0
    registered: int = 0
    unchanged: int = 0


@dataclass(frozen=True)
class _Line:
    number: int
    attorney: Attorney
    entry: Entry


def register_office(
    connection: Connection,
    data: bytes,
    office: str,
    actor: str,
    at: datetime,
    facility_id: str | None = None,
) -> Taken:
    """Register an office's lawyers and their numbers, everywhere or at one facility.

    Raises :class:`blocklists.faults.ListRefused` with every line that isn't right, and changes
    nothing then. The caller's transaction keeps it whole.
    """
    if not office.strip():
        raise PrivilegeError("say the office's name")
    lines = _read(data, office, facility_id, at)
    fresh = {one.attorney.id for one in lines if _add(connection, one.attorney, actor, at)}
    before = {row.id for row in entries.listed(connection, at)}
    faults: list[Fault] = []
    ids = [_register(connection, one, actor, at, faults) for one in lines]
    if faults:
        raise ListRefused(faults)
    known = sum(one in before for one in ids)
    return Taken(len(fresh), len(ids) - known, known)


def _add(connection: Connection, attorney: Attorney, actor: str, at: datetime) -> bool:
    return attorneys.add(connection, attorney, actor, at)


def _register(
    connection: Connection, line: _Line, actor: str, at: datetime, faults: list[Fault]
) -> int | None:
    try:
        return registry.register(connection, line.entry, actor, at)
    except NumberError as error:
        faults.append((line.number, str(error)))
        return None


def _read(data: bytes, office: str, facility_id: str | None, at: datetime) -> list[_Line]:
    faults: list[Fault] = []
    lines = []
    for number, row in _rows(data):
        try:
            lines.append(_line(number, row, office, facility_id, at))
        except ValueError as error:
            faults.append((number, str(error)))
    faults += _differing(lines)
    if not lines and not faults:
        faults.append((2, "the file names nobody"))
    if faults:
        raise ListRefused(faults)
    return lines


def _rows(data: bytes) -> Iterator[tuple[int, Mapping[str, str]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = data[: error.start].count(b"\n") + 1
        raise ListRefused([(at, "this isn't UTF-8 text")]) from None
    written = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    head = _fields(written[0])
    if sorted(head) != sorted(COLUMNS):
        raise ListRefused([(1, f"the columns are {','.join(COLUMNS)}")])
    if len(written) > MOST_LINES:
        raise ListRefused([(MOST_LINES + 1, f"a file has at most {MOST_LINES} lines")])
    for number, line in enumerate(written[1:], 2):
        fields = _fields(line)
        # What doesn't fit the head is told as a line that has nothing in it.
        yield number, dict(zip(head, fields, strict=True)) if len(fields) == len(head) else {}


def _fields(line: str) -> list[str]:
    try:
        return [field.strip() for field in next(csv.reader([line], strict=True), [])]
    except csv.Error:
        return []


def _line(
    number: int, row: Mapping[str, str], office: str, facility_id: str | None, at: datetime
) -> _Line:
    if not row:
        raise ValueError(f"it doesn't have the {len(COLUMNS)} columns of the first line")
    attorney = Attorney(
        row["id"],
        row["name"],
        office,
        row["bar_state"],
        row["bar_number"],
        row["email"],
        row["language"] or "en",
    )
    if why := attorneys.fault(attorney):
        raise ValueError(why)
    expires = _end_of(row["expires"])
    if expires is not None and expires <= at:
        raise ValueError(f"{row['expires']} is over")
    if not row["proof"]:
        raise ValueError("the proof is missing: say what was checked")
    entry = Entry(
        dialable(row["number"]),
        row["proof"],
        _kind(row["kind"]),
        attorney.id,
        facility_id,
        expires_at=expires,
    )
    return _Line(number, attorney, entry)


def _kind(word: str) -> PrivilegeKind:
    try:
        return PrivilegeKind(word or PrivilegeKind.ATTORNEY)
    except ValueError:
        raise ValueError(f"{word!r} is none of {', '.join(PrivilegeKind)}") from None


def _end_of(day: str) -> datetime | None:
    """The end of a day, in UTC."""
    if not day:
        return None
    try:
        return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{day!r} is no day such as 2027-12-31") from None


def _differing(lines: list[_Line]) -> Iterator[Fault]:
    """Two lines that contradict each other can't both be right."""
    known: dict[str, _Line] = {}
    numbers: dict[tuple[str, str], _Line] = {}
    for one in lines:
        first = known.setdefault(one.attorney.id, one)
        if first.attorney != one.attorney:
            yield one.number, f"{one.attorney.id} is somebody else in line {first.number}"
        before = numbers.setdefault((one.attorney.id, one.entry.number), one)
        if before is not one:
            yield one.number, f"the same number as in line {before.number}"
