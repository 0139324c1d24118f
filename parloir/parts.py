"""A part that runs as a process of its own: ``parloir agi``, ``parloir monitor``."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from asterisk_conf.errors import AsteriskError

START_SECONDS = 60.0
STOP_SECONDS = 45.0
LOOK_AGAIN_SECONDS = 0.05


class Part:
    """``parloir COMMAND`` in the background, its output in ``<state_dir>/<command>.log``.

    ``ready`` is given what the process has logged and says whether it is up.
    """

    def __init__(
        self, settings_file: Path, state_dir: Path, command: str, ready: Callable[[str], bool]
    ) -> None:
        self._command = command
        self._words = [sys.executable, "-m", "parloir", "--settings", str(settings_file), command]
        self._log = state_dir / f"{command}.log"
        self._ready = ready
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process, while it was started and not stopped."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start it and wait until it is up. Raises :class:`AsteriskError` when it isn't."""
        with self._log.open("ab") as sink:
            before = sink.tell()
            self._process = subprocess.Popen(
                self._words, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._ready(self._logged(before)):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AsteriskError(f"'parloir {self._command}' isn't up, its log: {self._log}")
            time.sleep(LOOK_AGAIN_SECONDS)

    def stop(self, *, at_once: bool = False) -> None:
        """Ask it to end and wait, or kill it ``at_once``."""
        if self._process is None:
            return
        if at_once:
            self._process.kill()
        else:
            self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _logged(self, since: int) -> str:
        with self._log.open("rb") as log:
            log.seek(since)
            return log.read().decode(errors="replace")
