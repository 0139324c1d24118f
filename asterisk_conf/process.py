"""The operating system's view of an Asterisk: is it there, is it gone."""

from __future__ import annotations

import os
import select
import signal
from contextlib import suppress
from pathlib import Path


def find(pid_file: Path, conf: str) -> int | None:
    """Give the id of the live process that wrote ``pid_file`` and was started with ``conf``."""
    try:
        pid = int(pid_file.read_text())
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    return pid if conf.encode() in words else None


def wait_gone(pid: int, seconds: float) -> None:
    """Return as soon as the process has ended; kill it when it outlives ``seconds``."""
    with suppress(ProcessLookupError):
        handle = os.pidfd_open(pid)
        try:
            if not select.select([handle], [], [], seconds)[0]:
                signal.pidfd_send_signal(handle, signal.SIGKILL)
                select.select([handle], [], [], seconds)
        finally:
            os.close(handle)


def terminate(pid: int) -> None:
    """Ask the process to end."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
