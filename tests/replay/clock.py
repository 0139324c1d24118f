"""A clock that stands still until something takes time."""

from __future__ import annotations

from datetime import datetime

from store.types import epoch_ms, from_epoch_ms


class Clock:
    """Milliseconds since 1970."""

    def __init__(self, start: datetime) -> None:
        self.ms = epoch_ms(start)

    def now(self) -> datetime:
        """The moment."""
        return from_epoch_ms(self.ms)

    def monotonic(self) -> float:
        """Seconds."""
        return self.ms / 1000

    def pass_ms(self, ms: int) -> None:
        """Let time pass."""
        self.ms += ms
