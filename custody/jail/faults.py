"""Jail events that are taken whole or not at all: every fault is told with its line."""

from __future__ import annotations

from collections.abc import Sequence

from custody.places import PlaceError

TOLD = 50


class JailRefused(PlaceError):
    """Nothing was taken. ``faults``: number (from 1) of the line or event, what is wrong there."""

    def __init__(self, faults: Sequence[tuple[int, str]], what: str = "line") -> None:
        self.faults = tuple(sorted(faults))
        self.lines = tuple(f"{what} {number}: {fault}" for number, fault in self.faults)
        more = len(self.lines) - TOLD
        told = "; ".join(self.lines[:TOLD])
        super().__init__(f"nothing was taken: {told}" + (f"; and {more} more" if more > 0 else ""))
