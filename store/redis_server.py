"""A private Redis (7 or newer) in a directory: a cache on a unix socket, which keeps nothing.

None but the directory's owner and root may use it. Whatever Debian's package starts by itself is
left alone.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import struct
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

SOCKET = "redis.sock"
MEMORY = "64mb"
START_SECONDS = 10.0
LOOK_AGAIN_SECONDS = 0.01
# The kernel's limit for the path of a unix socket.
LONGEST_PATH = 107
_CREDENTIALS = struct.Struct("3i")


class RedisServerError(Exception):
    """The private Redis can't be had; the message says why and how to mend it."""


@dataclass(frozen=True)
class RedisServer:
    """A Redis whose socket and log live in ``directory``."""

    directory: Path

    @classmethod
    def start(cls, directory: Path) -> RedisServer:
        """Start it in the background if it doesn't run. Raises :class:`RedisServerError`."""
        server = cls(directory.absolute())
        if not server.running:
            command = [*server.command(), "--logfile", str(server._log), "--daemonize", "yes"]
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise RedisServerError(f"redis-server failed: {done.stdout}{done.stderr}".strip())
            server._await(running=True)
        return server

    def command(self) -> list[str]:
        """What runs it in the foreground; its directory is made. Raises as :meth:`start`."""
        program = shutil.which("redis-server")
        if program is None:
            raise RedisServerError(
                "there is no redis-server on the PATH: "
                "install the package redis-server (apt-get install redis-server)"
            )
        if len(os.fsencode(self.socket)) > LONGEST_PATH:
            raise RedisServerError(
                f"{self.socket} is longer than the {LONGEST_PATH} bytes that a socket's path may "
                "have: choose a shorter state_dir"
            )
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.directory.chmod(0o700)
        except OSError as error:
            raise RedisServerError(f"no place for Redis: {error}") from None
        return [program, *self._options()]

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self.directory / SOCKET

    @property
    def url(self) -> str:
        """Its address, as the setting ``redis`` takes it."""
        return f"unix://{self.socket}"

    @property
    def running(self) -> bool:
        """Whether it takes connections."""
        return self.pid is not None

    @property
    def pid(self) -> int | None:
        """The process that listens, as the kernel knows it."""
        with socket.socket(socket.AF_UNIX) as asked:
            try:
                asked.connect(str(self.socket))
            except OSError:
                return None
            told = asked.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        return int(_CREDENTIALS.unpack(told)[0])

    def stop(self) -> None:
        """Stop it; harmless when it doesn't run."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it without a word, as a crash would; harmless when it doesn't run."""
        self._end(signal.SIGKILL)

    @property
    def _log(self) -> Path:
        return self.directory / "log"

    def _options(self) -> list[str]:
        options = ["--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        # Nothing is written to the disk: what it knows can be had from the database again.
        options += ["--save", "", "--appendonly", "no", "--dir", str(self.directory)]
        return [*options, "--maxmemory", MEMORY, "--maxmemory-policy", "allkeys-lru"]

    def _end(self, how: signal.Signals) -> None:
        pid = self.pid
        if pid is not None:
            os.kill(pid, how)
            self._await(running=False)

    def _await(self, *, running: bool) -> None:
        deadline = time.monotonic() + START_SECONDS
        while self.running is not running:
            if time.monotonic() > deadline:
                raise RedisServerError(f"redis-server doesn't come up or go, its log: {self._log}")
            time.sleep(LOOK_AGAIN_SECONDS)
