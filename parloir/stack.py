"""The whole platform on one machine: Asterisk, the stand-in for the network, Redis, AGI server.

For the demo, the trial (``parloir up``), the call tests and the benchmark. In service the parts
are started one by one, and the trunk leads to a carrier instead of the stand-in.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from asterisk_conf.errors import AsteriskError
from asterisk_conf.instance import Instance
from asterisk_conf.render import Kind, Phone
from parloir.asterisk import prepared
from store.database import open_database
from store.redis_server import RedisServer
from store.settings import load

START_SECONDS = 20.0
STOP_SECONDS = 45.0
LOOK_AGAIN_SECONDS = 0.05


class Stack:
    """One platform with its exchange; everything is down again after the ``with`` block.

    ``subscribers`` are the telephones on the exchange; their ids are their numbers.
    """

    def __init__(self, settings_file: Path, subscribers: Sequence[Phone] = ()) -> None:
        self.settings_file = settings_file
        self.settings = load(settings_file)
        self.database = open_database(self.settings.database_url)
        self._subscribers = subscribers
        self._redis = RedisServer(self.settings.redis_dir)
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.up()
        except BaseException:
            self.down()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.down()

    def up(self) -> None:
        """Start every part and wait until each answers. Raises :class:`AsteriskError`."""
        self.asterisk = prepared(self.settings, self.database)
        self.exchange = Instance(
            self.asterisk.installation, self.settings, Kind.EXCHANGE, self._subscribers
        )
        self.start_redis()
        self.start_server()
        self.exchange.up()
        self.asterisk.up()

    def down(self) -> None:
        """Stop every part that runs."""
        for name in ("asterisk", "exchange"):
            if hasattr(self, name):
                getattr(self, name).down()
        self.stop_server()
        self.stop_redis()
        self.database.close()

    def remove(self) -> None:
        """Stop every part and delete what Asterisk had; sealed recordings stay."""
        self.down()
        self.asterisk.remove()
        self.exchange.remove()

    def start_redis(self) -> None:
        """Start the private Redis, unless the settings name another one.

        Raises :class:`store.redis_server.RedisServerError`.
        """
        if not self.settings.redis:
            RedisServer.start(self._redis.directory)

    def stop_redis(self, *, at_once: bool = False) -> None:
        """Stop the private Redis, or kill it ``at_once``."""
        if at_once:
            self._redis.kill()
        else:
            self._redis.stop()

    @property
    def redis_pid(self) -> int | None:
        """The private Redis' process."""
        return self._redis.pid

    def start_server(self) -> None:
        """Start the AGI server. Raises :class:`AsteriskError` when it doesn't come up."""
        log = self.settings.state_dir / "agi.log"
        command = [sys.executable, "-m", "parloir", "--settings", str(self.settings_file), "agi"]
        with log.open("ab") as sink:
            self._server = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._server_answers():
            if self._server.poll() is not None or time.monotonic() > deadline:
                raise AsteriskError(f"the AGI server didn't come up, its log: {log}")
            time.sleep(LOOK_AGAIN_SECONDS)

    def stop_server(self, *, at_once: bool = False) -> None:
        """Stop the AGI server: live scripts may end, unless it is to die ``at_once``."""
        if self._server is None:
            return
        if at_once:
            self._server.kill()
        else:
            self._server.terminate()
        try:
            self._server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()
        self._server = None

    @property
    def server_pid(self) -> int | None:
        """The AGI server's process."""
        return self._server.pid if self._server else None

    def _server_answers(self) -> bool:
        try:
            agi = self.settings.agi
            socket.create_connection((agi.host, agi.port), 1).close()
        except OSError:
            return False
        return True
