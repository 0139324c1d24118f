"""What can be wrong with a list beside a number itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from blocklists.patterns import NumberError

TOLD = 50


class NotThere(NumberError):
    """There is no such block, entry or list; the message says where they are shown."""


class CantBe(NumberError):
    """As the list stands it can't be done; the message says why."""


class ListRefused(NumberError):
    """Nothing of the file was taken.

    ``faults``: line number (from 1) and what is wrong there; ``lines``: the numbers of all bad
    lines. The message explains the first :data:`TOLD`, and names the others by number.
    """

    def __init__(self, faults: Iterable[tuple[int, str]], further: Sequence[int] = ()) -> None:
        every = sorted(faults)
        self.faults = tuple(every[:TOLD])
        self.lines = tuple(sorted([*(line for line, _ in every), *further]))
        told = "; ".join(f"line {line}: {what}" for line, what in self.faults)
        rest = ", ".join(_ranges(self.lines[len(self.faults) :]))
        also = f"; also bad are the lines {rest}" if rest else ""
        super().__init__(f"nothing was taken from the file: {told}{also}")


def _ranges(lines: Sequence[int]) -> Iterator[str]:
    """``3-5, 9`` for 3, 4, 5, 9."""
    first = last = None
    for line in lines:
        if first is not None and last is not None and line != last + 1:
            yield _range(first, last)
            first = line
        first, last = first or line, line
    if first is not None and last is not None:
        yield _range(first, last)


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"
