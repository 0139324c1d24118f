"""The layout of a file of payments: CSV with a header, its items, and a trailer with totals.

    payments,1,lockbox,2026-11-20-A
    item,LB-000123,rivera,2500,Sam Rivera
    item,LB-000124,okafor,1000,
    total,2,3500

Header: version, kind, the sender's name for the file. Item: the sender's reference, the account
(in a trust file the person in custody), whole cents, the payer (may be empty). Trailer: how many
items, and their cents. Nothing may follow it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.file_faults import FileRefused
from accounts.prepaid import LARGEST_DEPOSIT_CENTS

KINDS = ("lockbox", "cash", "trust")
VERSION = "1"
# A file is one transaction, and live calls on its accounts wait for it.
MOST_ITEMS = 1000
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,59}")
_WHOLE = re.compile(r"[0-9]{1,15}")
Fault = tuple[int, str]


@dataclass(frozen=True)
class Line:
    """One item; ``number`` is its line in the file, ``account`` as the file names it."""

    number: int
    reference: str
    account: str
    cents: int
    payer: str


@dataclass(frozen=True)
class ImportFile:
    """A file whose form and totals are right."""

    kind: str
    name: str
    items: tuple[Line, ...]

    @property
    def cents(self) -> int:
        """What all items come to."""
        return sum(line.cents for line in self.items)


def read(data: bytes) -> ImportFile:
    """Raises :class:`accounts.file_faults.FileRefused` with every line that isn't right."""
    rows = _rows(data)
    kind, name = _header(rows[0])
    faults: list[Fault] = []
    items = _items(rows[1:-1], faults)
    faults += _doubled(items)
    faults += _totals(len(rows), rows[-1], items, whole=not faults)
    if faults:
        raise FileRefused(faults)
    return ImportFile(kind, name, tuple(items))


def _rows(data: bytes) -> list[list[str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = data[: error.start].count(b"\n") + 1
        raise FileRefused([(at, "this isn't UTF-8 text")]) from None
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    # Line by line, so that a quotation mark that is never closed spoils its own line alone.
    rows = [_fields(number, line) for number, line in enumerate(lines, 1)]
    if len(rows) < 2:
        raise FileRefused([(1, "a file has a header and a trailer at least")])
    if len(rows) - 2 > MOST_ITEMS:
        raise FileRefused([(1, f"more than {MOST_ITEMS} items: split the file")])
    return rows


def _fields(number: int, line: str) -> list[str]:
    if not line.isprintable():
        raise FileRefused([(number, "this isn't plain text")])
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error as error:
        raise FileRefused([(number, f"this is no CSV: {error}")]) from None


def _header(row: Sequence[str]) -> tuple[str, str]:
    match row:
        case ["payments", version, kind, name] if version == VERSION and kind in KINDS:
            if 0 < len(name.strip()) <= 100:
                return kind, name.strip()
    wanted = f"payments,{VERSION},{'|'.join(KINDS)},NAME"
    raise FileRefused([(1, f"the header must be {wanted}")])


def _items(rows: Sequence[Sequence[str]], faults: list[Fault]) -> list[Line]:
    items = []
    for number, row in enumerate(rows, 2):
        item = _item(number, row)
        if isinstance(item, str):
            faults.append((number, item))
        else:
            items.append(item)
    return items


def _item(number: int, row: Sequence[str]) -> Line | str:
    """The item, or what is wrong with it."""
    if len(row) != 5 or row[0] != "item":
        return "an item is item,REFERENCE,ACCOUNT,CENTS,PAYER"
    _, reference, account, cents, payer = (field.strip() for field in row)
    if not _REFERENCE.fullmatch(reference):
        return f"{reference[:70]!r} is no reference"
    if not 0 < len(account) <= 40:
        return "no account is named"
    if not _WHOLE.fullmatch(cents) or not 0 < int(cents) <= LARGEST_DEPOSIT_CENTS:
        return f"{cents[:30]!r} isn't between 1 and {LARGEST_DEPOSIT_CENTS} cents"
    return Line(number, reference, account, int(cents), payer or account)


def _doubled(items: Sequence[Line]) -> list[Fault]:
    first = {line.reference: line.number for line in reversed(items)}
    return [
        (line.number, f"{line.reference} stands on line {first[line.reference]} already")
        for line in items
        if first[line.reference] != line.number
    ]


def _totals(number: int, row: Sequence[str], items: Sequence[Line], *, whole: bool) -> list[Fault]:
    """Where an item is at fault the totals can't be compared, but the trailer must be there."""
    if len(row) != 3 or row[0] != "total" or not all(map(_WHOLE.fullmatch, row[1:])):
        return [(number, "here must be the trailer total,ITEMS,CENTS: the file is cut off")]
    told = (int(row[1]), int(row[2]))
    found = (len(items), sum(line.cents for line in items))
    if whole and told != found:
        stands, is_so = (f"{count} items over {cents} cents" for count, cents in (told, found))
        return [(number, f"the trailer tells of {stands}, but there are {is_so}")]
    return []
