"""A file that is taken whole or not at all: every fault is told with its line."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.ledger import LedgerError

TOLD = 50


class FileRefused(LedgerError):
    """Nothing of the file was taken. ``faults``: line number (from 1) and what is wrong there."""

    def __init__(self, faults: Sequence[tuple[int, str]]) -> None:
        self.faults = tuple(sorted(faults))
        told = "; ".join(f"line {line}: {what}" for line, what in self.faults[:TOLD])
        more = len(self.faults) - TOLD
        super().__init__(
            f"nothing was taken from the file: {told}" + (f"; and {more} more" if more > 0 else "")
        )
