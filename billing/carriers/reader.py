"""What the clearing house answers: a pack of payments, returns, adjustments and write-offs.

Strict: a file is taken whole or not at all, and every fault is told with its line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum, unique
from hashlib import sha256

from billing.carriers.layout import (
    ADJUSTED,
    HEADER,
    PAID,
    RETURNED,
    TRAILER,
    WRITTEN_OFF,
    Layout,
    RecordError,
    record_id,
)

MILLS_A_CENT = 10


@unique
class Outcome(StrEnum):
    """What came of a record that was sent."""

    PAID = "paid"
    RETURNED = "returned"
    ADJUSTED = "adjusted"
    WRITTEN_OFF = "written off"


@dataclass(frozen=True)
class Answer:
    """What a carrier did about (a part of) a record. ``reason`` is its own code for it."""

    line: int
    serial: int
    outcome: Outcome
    cents: int
    billing_number: int
    reason: str


@dataclass(frozen=True)
class Totals:
    """What a header or a trailer says of its pack."""

    number: int
    records: int
    cents: int


class Reader:
    """Reads a file once: iterate over it, then look at its header, its hash and its faults.

    An iteration yields the answers that are sound by themselves.
    """

    def __init__(self, source: Iterable[bytes]) -> None:
        self.faults: list[tuple[int, str]] = []
        self.header: Totals | None = None
        self._source = source
        self._digest = sha256()
        self._trailer: Totals | None = None
        self._records = self._cents = 0

    @property
    def sha256(self) -> str:
        """Of all lines that were read so far."""
        return self._digest.hexdigest()

    def __iter__(self) -> Iterator[Answer]:
        line = 0
        for line, data in enumerate(self._source, 1):
            self._digest.update(data)
            try:
                answer = self._read(line, data)
            except RecordError as error:
                self.faults.append((line, str(error)))
            else:
                if answer:
                    yield answer
        self._end(line)

    def _read(self, line: int, data: bytes) -> Answer | None:
        text = _text(data)
        if (line == 1) != text.startswith(record_id(HEADER)):
            raise RecordError("no header" if line == 1 else "a second header")
        if self._trailer:
            raise RecordError("comes after the trailer")
        if line == 1:
            self.header = _totals(_HEADER, text)
        elif text.startswith(record_id(TRAILER)):
            self._trailer = _totals(_TRAILER, text)
        else:
            self._records += 1
            return self._answer(line, text)
        return None

    def _answer(self, line: int, text: str) -> Answer:
        if text[:6] not in _ANSWERS:
            raise RecordError(f"{text[:6]!r} is no answer to a record")
        outcome, layout = _ANSWERS[text[:6]]
        values = layout.read(text)
        cents, rest = divmod(int(values["mills"]), MILLS_A_CENT)
        self._cents += cents
        if rest or not cents:
            raise RecordError(f"{values['mills']} thousandths of a dollar are no whole cents")
        named = int(values["serial"]), outcome, cents, int(values["billing_number"])
        return Answer(line, *named, str(values["reason"]))

    def _end(self, line: int) -> None:
        if self._trailer is None:
            self.faults.append((line + 1, "no trailer: the file was cut off"))
        if self.header is None or self._trailer is None:
            return
        if self.header != self._trailer:
            self.faults.append((line, "the trailer's totals aren't the header's"))
        for what, said, found in (
            ("records", self._trailer.records, self._records),
            ("cents", self._trailer.cents, self._cents),
        ):
            if said != found:
                self.faults.append((line, f"the trailer says {said} {what}, but {found} came"))


def _text(data: bytes) -> str:
    if not data.endswith(b"\n"):
        raise RecordError("the line has no end: the file was cut off")
    try:
        return data[:-1].decode("ascii")
    except UnicodeDecodeError:
        raise RecordError("has characters that aren't ASCII") from None


def _totals(layout: Layout, text: str) -> Totals:
    values = layout.read(text)
    return Totals(int(values["pack"]), int(values["records"]), int(values["cents"]))


_HEADER, _TRAILER = Layout(HEADER), Layout(TRAILER)
_ANSWERS = {
    record_id(fields): (outcome, Layout(fields))
    for outcome, fields in (
        (Outcome.PAID, PAID),
        (Outcome.RETURNED, RETURNED),
        (Outcome.ADJUSTED, ADJUSTED),
        (Outcome.WRITTEN_OFF, WRITTEN_OFF),
    )
}
