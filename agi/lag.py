"""How late the event loop runs: what stalls it, stalls every call."""

from __future__ import annotations

import asyncio
import logging

INTERVAL_SECONDS = 0.25
LOGGED_MS = 100.0

_log = logging.getLogger(__name__)


class LagGauge:
    """``last_ms`` and ``worst_ms``: milliseconds between when a timer was due and when it ran."""

    def __init__(self) -> None:
        self.last_ms = 0.0
        self.worst_ms = 0.0
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Measure from now on."""
        self._due = self._loop.time() + INTERVAL_SECONDS
        self._timer = self._loop.call_at(self._due, self._measure)

    def stop(self) -> None:
        """Measure no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _measure(self) -> None:
        self.last_ms = max(0.0, (self._loop.time() - self._due) * 1000)
        self.worst_ms = max(self.worst_ms, self.last_ms)
        if self.last_ms > LOGGED_MS:
            _log.warning("the event loop stood still for %.0f ms", self.last_ms)
        self.start()
