"""The fields of a carriers' billing record (EMI), each with its place: one table a record.

UNVERIFIED as a whole: the standard (ATIS-0406000) is to be bought and these tables held against
it before the first pack is sent. ``source`` says where a place comes from:

- ``agreed``: two independent public readers of such files agree on it;
- ``conflict``: they disagree, and the reading that was taken is named beside it;
- ``one``: only one of them knows it;
- ``ours``: nothing public says where it stands; agree on it with the clearing house.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from accounts.ledger import LedgerError

RECORD_LENGTH = 210
FILLER = "0"
Value = int | str


class RecordError(ValueError):
    """A line that is no such record; the message says what is wrong with it."""


@dataclass(frozen=True)
class Field:
    """``first`` counts from 1. A number is filled with zeros from the left, a text with blanks
    from the right, a constant is always ``value``."""

    name: str
    first: int
    length: int
    kind: Literal["constant", "number", "text"]
    source: Literal["agreed", "conflict", "one", "ours"]
    value: str = ""

    @property
    def last(self) -> int:
        """The place of its last character, counted from 1."""
        return self.first + self.length - 1


def _constant(name: str, first: int, value: str, source: Literal["agreed", "one", "ours"]) -> Field:
    return Field(name, first, len(value), "constant", source, value)


def _pack(record_id: str) -> tuple[Field, ...]:
    return (
        # 202401 and 202402 are one carrier's; the places behind the date are not public.
        _constant("record_id", 1, record_id, "one"),
        Field("date", 7, 6, "number", "agreed"),
        Field("pack", 13, 8, "number", "ours"),
        Field("records", 21, 9, "number", "ours"),
        Field("cents", 30, 13, "number", "ours"),
    )


HEADER = _pack("202401")
TRAILER = _pack("202402")
DETAIL = (
    # Rated message detail; the readers take the number apart, but know no list of them.
    _constant("record_id", 1, "010101", "ours"),
    # Date and time are those of the facility's own zone.
    Field("date", 7, 6, "number", "agreed"),
    Field("from_length", 13, 2, "number", "agreed"),
    Field("from_number", 15, 10, "number", "agreed"),
    _constant("overflow", 25, "000", "agreed"),
    Field("to_length", 28, 2, "number", "agreed"),
    Field("to_number", 30, 10, "number", "agreed"),
    # Thousandths of a dollar, as one reader has it; category 11 uses these places otherwise.
    Field("mills", 40, 7, "number", "conflict"),
    Field("connect_time", 55, 6, "number", "agreed"),
    # Minutes (4), seconds (2), tenths (1); the other reader takes the first six for seconds.
    Field("elapsed", 61, 7, "number", "conflict"),
    _constant("method_of_recording", 68, "00", "agreed"),
    _constant("rate_class", 79, "0", "agreed"),
    # 4 is collect.
    _constant("message_type", 80, "4", "one"),
    # Indicator 1, value 1: a telephone company's public phone, which includes those of inmates.
    _constant("indicators", 82, "1" + "0" * 18, "agreed"),
    # The other reader has indicators 21 to 30 from 113 on.
    Field("billing_number", 113, 10, "number", "conflict"),
    Field("from_state", 133, 2, "text", "one"),
    _constant("settlement_code", 149, "0", "agreed"),
    Field("serial", 165, 12, "number", "ours"),
)


def _answer(record_id: str, source: Literal["one", "ours"]) -> tuple[Field, ...]:
    return (
        _constant("record_id", 1, record_id, source),
        Field("date", 7, 6, "number", "agreed"),
        Field("mills", 40, 7, "number", "conflict"),
        Field("billing_number", 113, 10, "number", "conflict"),
        Field("serial", 165, 12, "number", "ours"),
        Field("reason", 177, 2, "text", "ours"),
    )


# What came of a record that was sent. 41-50-01 is known as a credit, 42-50-01 as a charge,
# 45-50-01 as a post-billing adjustment; which of them tells of what is ours.
PAID = _answer("425001", "ours")
ADJUSTED = _answer("455001", "one")
WRITTEN_OFF = _answer("415001", "ours")
# The record itself comes back, with the carrier's reason behind it.
RETURNED = (*DETAIL, Field("reason", 177, 2, "text", "ours"))
RECORDS: Mapping[str, tuple[Field, ...]] = {
    "header": HEADER,
    "trailer": TRAILER,
    "detail": DETAIL,
    "paid": PAID,
    "adjusted": ADJUSTED,
    "written off": WRITTEN_OFF,
    "returned": RETURNED,
}


class Layout:
    """Writes and reads one kind of record."""

    def __init__(self, fields: tuple[Field, ...]) -> None:
        self._fields = fields
        self._format = _format(fields)
        places = sorted(fields, key=lambda one: one.first)
        ends = [(0, 0), *((one.first, one.last) for one in places), (RECORD_LENGTH + 1, 0)]
        gaps = [(last, first - 1) for (_, last), (first, _) in pairwise(ends)]
        self._gaps = [(start, stop) for start, stop in gaps if stop > start]

    def write(self, values: Mapping[str, Value]) -> str:
        """The record. Raises :class:`LedgerError` when a value doesn't fit its field."""
        line = self._format % values
        if len(line) != RECORD_LENGTH or "-" in line or not line.isascii():
            raise LedgerError(f"this doesn't fit a billing record: {dict(values)}")
        return line

    def read(self, line: str) -> dict[str, Value]:
        """The values of a record, without its constants. Raises :class:`RecordError`."""
        if len(line) != RECORD_LENGTH:
            raise RecordError(f"{len(line)} characters, not {RECORD_LENGTH}")
        if any(line[start:stop].strip(FILLER) for start, stop in self._gaps):
            raise RecordError("has something where nothing belongs")
        values = {field.name: _value(field, line) for field in self._fields}
        return {f.name: values[f.name] for f in self._fields if f.kind != "constant"}


def record_id(fields: tuple[Field, ...]) -> str:
    """What a record of this kind begins with."""
    return fields[0].value


def _format(fields: tuple[Field, ...]) -> str:
    parts, at = [], 1
    for field in sorted(fields, key=lambda one: one.first):
        if field.first < at:
            raise ValueError(f"{field.name} overlaps the field before it")
        parts += [FILLER * (field.first - at), _conversion(field)]
        at = field.last + 1
    return "".join([*parts, FILLER * (RECORD_LENGTH + 1 - at)])


def _conversion(field: Field) -> str:
    if field.kind == "constant":
        return field.value
    return f"%({field.name})" + (
        f"0{field.length}d" if field.kind == "number" else f"-{field.length}s"
    )


def _value(field: Field, line: str) -> Value:
    text = line[field.first - 1 : field.last]
    if field.kind == "number":
        if not (text.isascii() and text.isdigit()):
            raise RecordError(f"{field.name} is {text!r}, not a number")
        return int(text)
    if field.kind == "constant" and text != field.value:
        raise RecordError(f"{field.name} is {text!r}, not {field.value!r}")
    return text.rstrip(" ")
