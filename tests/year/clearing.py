"""The carriers' clearing house: takes packs, and answers ten days later."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator

from billing.carriers import packs, responses
from billing.carriers.layout import DETAIL, Layout
from billing.carriers.reader import Outcome
from billing.carriers.writer import write
from tests.billing.carriers.talks import answer, pack_of
from tests.year.day import Day

ANSWERED_AFTER = 10
_DETAIL = Layout(DETAIL)


class ClearingHouse:
    """``owed``: what came back to each account and wasn't written off yet."""

    def __init__(self) -> None:
        self.cents: Counter[Outcome] = Counter()
        self.owed: Counter[str] = Counter()
        self.packs = 0
        self._files: list[tuple[int, bytes]] = []
        self._answers = 0

    def a_day(self, day: Day, number_of_day: int) -> None:
        """On Mondays a pack goes out; what went out ten days ago is answered."""
        if day.date.weekday() == 0:
            self._submit(day, number_of_day)
        if self._files and self._files[0][0] + ANSWERED_AFTER <= number_of_day:
            self._answer(day, self._files.pop(0)[1])

    def _submit(self, day: Day, number_of_day: int) -> None:
        pack = packs.submit(day.connection, day.hour(5), "clerk")
        if pack is not None:
            sink = io.BytesIO()
            write(day.connection, pack.number, sink)
            self._files.append((number_of_day, sink.getvalue()))
            self.packs += 1

    def _answer(self, day: Day, file: bytes) -> None:
        self._answers += 1
        lines = [
            line for record in file.decode().splitlines()[1:-1] for line in _about(day, record)
        ]
        source = io.BytesIO(pack_of(self._answers, *lines))
        taken = responses.take(day.connection, source, day.hour(5.5), "clerk")
        self.cents += taken.cents
        self.owed += taken.returned


def _about(day: Day, record: str) -> Iterator[bytes]:
    values = _DETAIL.read(record)
    serial, cents = int(values["serial"]), int(values["mills"]) // 10
    number = f"+1{values['billing_number']:010}"
    drawn = day.chance.random()
    if drawn < 0.03:
        yield answer("returned", serial, cents, number)
    elif drawn < 0.06:
        yield answer("written off", serial, cents, number)
    elif drawn < 0.12 and cents > 1:
        part = day.chance.randint(1, cents - 1)
        yield answer("adjusted", serial, part, number)
        yield answer("paid", serial, cents - part, number)
    elif drawn < 0.96:
        yield answer("paid", serial, cents, number)
