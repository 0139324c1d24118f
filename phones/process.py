"""The phone program as a child process: orders in, events out, a condition to wait on."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from phones.events import Event, PhoneError, moment

T = TypeVar("T")

LEAVE_SECONDS = 2.0


class Process:
    """One running phone program. ``events`` holds all but ticks, ``started`` the first sample's
    time (seconds since the epoch), 0 until the first tick."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.events: list[Event] = []
        self.started = 0.0
        self._running = True
        self._errors_raised = 0
        self._news = threading.Condition()
        with (directory / "program.log").open("wb") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "phones.program", str(directory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def order(self, do: str, **details: Any) -> None:
        """Send one order. Raises :class:`PhoneError` when the program has died."""
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(json.dumps({"do": do, **details}) + "\n")
            self._child.stdin.flush()
        except OSError as error:
            raise PhoneError(f"the phone program has died: {error}") from None

    def wait(self, seek: Callable[[], T | None], timeout: float) -> T | None:
        """What ``seek`` finds; it is tried again at every event and tick. None after ``timeout``
        seconds. Raises :class:`PhoneError` when an order failed or the program died."""
        last = time.monotonic() + timeout
        with self._news:
            while (found := seek()) is None:
                self._raise_errors()
                if not self._news.wait(last - time.monotonic()):
                    return None
        return found

    def first(self, names: tuple[str, ...], since: int) -> Event | None:
        """The first event of one of these names, counting from event ``since``."""
        return next((event for event in self.events[since:] if event.name in names), None)

    def kill(self) -> None:
        """End the program at once: nothing is said to the other side."""
        self._child.kill()

    def close(self) -> None:
        """End the program, kindly at first."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        try:
            self._child.stdin.close()  # the end of input is the order to leave
            self._child.wait(LEAVE_SECONDS)
        except (OSError, subprocess.TimeoutExpired):
            self._child.kill()
            self._child.wait()
        self._reader.join()
        self._child.stdout.close()

    def _raise_errors(self) -> None:
        errors = [event for event in self.events if event.name == "error"]
        if len(errors) > self._errors_raised:
            self._errors_raised = len(errors)
            raise PhoneError(str(errors[-1].facts["reason"]))
        if not self._running:
            raise PhoneError("the phone program has died")

    def _read(self) -> None:
        assert self._child.stdout is not None
        for line in self._child.stdout:
            self._note(json.loads(line))
        with self._news:
            self._running = False
            self._news.notify_all()

    def _note(self, facts: dict[str, Any]) -> None:
        name, at = facts.pop("event"), facts.pop("at")
        with self._news:
            if name == "tick":
                self.started = facts["started"]
            else:
                self.events.append(Event(name, moment(at), facts))
            self._news.notify_all()
