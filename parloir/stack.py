"""The whole platform on one machine: Asterisk, stand-in for the network, Redis, AGI, monitor.

For the demo, the trial (``parloir up``), the call tests and the benchmark. In service the parts
are started one by one, and the trunk leads to a carrier instead of the stand-in.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from asterisk_conf.instance import Instance
from asterisk_conf.lines import Phone
from asterisk_conf.render import Kind
from monitor.ami import CONNECTED
from parloir.asterisk import prepared
from parloir.parts import Part
from store.database import open_database
from store.redis_server import RedisServer
from store.settings import load


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
        self._server = Part(
            settings_file, self.settings.state_dir, "agi", ready=self._server_answers
        )
        self._monitor = Part(
            settings_file,
            self.settings.state_dir,
            "monitor",
            ready=lambda logged: CONNECTED in logged,
        )

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
        self.start_monitor()

    def down(self) -> None:
        """Stop every part that runs."""
        for name in ("asterisk", "exchange"):
            if hasattr(self, name):
                getattr(self, name).down()
        self.stop_monitor()
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
        self._server.start()

    def stop_server(self, *, at_once: bool = False) -> None:
        """Stop the AGI server: live scripts may end, unless it is to die ``at_once``."""
        self._server.stop(at_once=at_once)

    @property
    def server_pid(self) -> int | None:
        """The AGI server's process."""
        return self._server.pid

    def start_monitor(self) -> None:
        """Start the monitor and wait until it has reached Asterisk, which has to be up.

        Raises :class:`AsteriskError` when it doesn't.
        """
        self._monitor.start()

    def stop_monitor(self, *, at_once: bool = False) -> None:
        """Stop the monitor after its round, or kill it ``at_once``."""
        self._monitor.stop(at_once=at_once)

    @property
    def monitor_pid(self) -> int | None:
        """The monitor's process."""
        return self._monitor.pid

    def _server_answers(self, _logged: str) -> bool:
        try:
            agi = self.settings.agi
            socket.create_connection((agi.host, agi.port), 1).close()
        except OSError:
            return False
        return True
