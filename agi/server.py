"""The FastAGI server: one listener, one event loop, one greenlet a session.

Twisted's listener runs on the asyncio loop, so that scripts share it with the database driver.
A peer that is slow, silent or hostile costs one session and delays nobody.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Generic

import uvloop
from twisted.internet import asyncioreactor
from twisted.internet.defer import maybeDeferred
from twisted.internet.protocol import Factory

from agi.lag import LagGauge
from agi.session import Context, Script, Session
from store.settings import AgiSettings

GRACE_SECONDS = 30.0
BACKLOG = 1024

_log = logging.getLogger(__name__)


class Server(Generic[Context]):
    """Serves ``scripts``, found by the path of ``agi://host/path``, each called with a channel
    and ``context``. Made, started and stopped inside the running loop of ``reactor``."""

    def __init__(
        self,
        settings: AgiSettings,
        scripts: Mapping[str, Script[Context]],
        context: Context,
        reactor: asyncioreactor.AsyncioSelectorReactor,
    ) -> None:
        self.lag = LagGauge()
        self._settings = settings
        self._reactor = reactor
        self._sessions: set[Session[Context]] = set()
        self._factory = Factory.forProtocol(lambda: Session(scripts, context, self._sessions))
        self._factory.noisy = False

    @property
    def port(self) -> int:
        """The TCP port, which the system chose where the settings say 0."""
        return int(self._port.getHost().port)

    @property
    def live_sessions(self) -> int:
        """Connections that are open now."""
        return len(self._sessions)

    def start(self) -> None:
        """Listen. Raises :class:`twisted.internet.error.CannotListenError`."""
        self._port = self._reactor.listenTCP(  # type: ignore[no-untyped-call]
            self._settings.port, self._factory, BACKLOG, self._settings.host
        )
        _keep_alive(self._port.socket)
        self.lag.start()
        _log.info("FastAGI listens on %s port %d", self._settings.host, self.port)

    async def stop(self, grace_seconds: float = GRACE_SECONDS) -> None:
        """Take no more calls, let live scripts end in ``grace_seconds``, then cut them off."""
        await maybeDeferred(self._port.stopListening).asFuture(asyncio.get_running_loop())
        silent = [one for one in self._sessions if one.task is None]
        for one in silent:
            one.drop()
        tasks = {one.task for one in self._sessions if one.task is not None}
        if tasks:
            _log.info("%d live sessions have %g s to end", len(tasks), grace_seconds)
            _, late = await asyncio.wait(tasks, timeout=grace_seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(one.gone.wait() for one in silent))
        self.lag.stop()


Beside = Callable[[], AbstractAsyncContextManager[None]]
"""What runs on the same loop for as long as calls are served."""


def serve(
    settings: AgiSettings,
    scripts: Mapping[str, Script[Context]],
    context: Context,
    beside: Beside = nullcontext,
) -> None:
    """Serve until SIGTERM or SIGINT, then stop with grace. Blocks; once a process."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, scripts, context, beside))


async def _serve(
    settings: AgiSettings,
    scripts: Mapping[str, Script[Context]],
    context: Context,
    beside: Beside,
) -> None:
    loop = asyncio.get_running_loop()
    # First of all, or the import of Twisted's reactor would choose another one.
    asyncioreactor.install(loop)  # type: ignore[no-untyped-call]
    from twisted.internet import reactor

    told = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, told.set)
    server = Server(settings, scripts, context, reactor)
    server.start()
    async with beside():
        await told.wait()
        await server.stop()


def _keep_alive(listener: socket.socket) -> None:
    """Notice within two minutes that a peer's machine is gone; never hold small writes back.

    Linux hands the options of the listening socket on to each connection.
    """
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 15)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 4)
