"""One FastAGI connection: its bytes, its deadline, and the script that it asked for.

The script's normal end closes the connection, and the dialplan sees ``AGISTATUS=SUCCESS``. Every
other end first sends Asterisk's own word ``failure``, so that it sees ``AGISTATUS=FAILURE`` and
apologizes. A server that is killed looks like a normal end to Asterisk: the plan that a script
sets as its last act is then missing, and the dialplan apologizes for that.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure

from agi import logs, waiting, wire
from agi.channel import AGIError, AGIHangup, Channel
from asterisk_conf.variables import CALL_PLAN, PLAN_SORRY

HEADER_SECONDS = 5.0
SESSION_SECONDS = 15 * 60.0
MAX_QUEUED = 16
"""Events a script has not read. One command is in flight, so a few notices are all there can be."""

Context = TypeVar("Context")
Script = Callable[[Channel, Context], None]

_log = logging.getLogger(__name__)


class Session(Protocol, Generic[Context]):
    """The server's end of one connection; it is the :class:`agi.channel.Wire` of its channel.

    It stays in ``sessions`` until the connection is gone and its task, if any, is done.
    """

    transport: Any  # Twisted's interfaces can't be checked: their methods lack a self

    def __init__(
        self,
        scripts: Mapping[str, Script[Context]],
        context: Context,
        sessions: set[Session[Context]],
    ) -> None:
        self.task: asyncio.Task[None] | None = None
        self.gone = asyncio.Event()
        self._scripts = scripts
        self._context = context
        self._sessions = sessions
        self._parser = wire.Parser()
        self._events: deque[wire.Event] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._loop = asyncio.get_running_loop()

    # The connection, called by Twisted.

    def connectionMade(self) -> None:
        """Keep it under watch, and give the header a deadline."""
        self._sessions.add(self)
        self._deadline = self._loop.call_later(HEADER_SECONDS, self._late)

    def dataReceived(self, data: bytes) -> None:
        """Bytes from the peer."""
        for event in self._parser.feed(data):
            self._take(event)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The peer or we closed."""
        self._deadline.cancel()
        for event in self._parser.close():
            self._take(event)
        self.gone.set()
        if self.task is None:
            self._sessions.discard(self)

    def drop(self) -> None:
        """Close at once, whatever is under way."""
        self.transport.abortConnection()

    def _late(self) -> None:
        _log.warning("a peer sent no whole header within %g s", HEADER_SECONDS)
        self.drop()

    def _take(self, event: wire.Event) -> None:
        if isinstance(event, wire.Header):
            self._start(event.env)
            return
        if isinstance(event, wire.Closed) and event.error:
            _log.warning("a peer does not speak AGI: %s", event.error)
            self.drop()
        self._events.append(event)
        if len(self._events) > MAX_QUEUED:
            self.drop()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # The wire, called by the channel inside the script's greenlet.

    def send(self, data: bytes) -> None:
        """Write one command."""
        if self.gone.is_set():
            return
        # At once if the socket takes it: Twisted's write costs another turn of the loop.
        sent = self.transport.writeSomeData(data)
        if sent != len(data):
            self.transport.write(data[sent:] if isinstance(sent, int) else data)

    def poll(self) -> wire.Event | None:
        """The next event if it is here."""
        return self._events.popleft() if self._events else None

    def next_event(self) -> wire.Event:
        """Wait for the next event."""
        while not self._events:
            self._waiter = self._loop.create_future()
            waiting.wait_for(self._waiter)
        return self._events.popleft()

    # The script.

    def _start(self, env: dict[str, str]) -> None:
        self._deadline.cancel()
        self.task = self._loop.create_task(self._run(env))

    async def _run(self, env: dict[str, str]) -> None:
        logs.bind(env.get("agi_uniqueid", logs.NO_CALL))
        try:
            await self._run_script(env)
            await self.gone.wait()
        finally:
            self._sessions.discard(self)

    async def _run_script(self, env: dict[str, str]) -> None:
        done = False
        try:
            async with asyncio.timeout(SESSION_SECONDS):
                done = await waiting.run(self._play, env)
        except TimeoutError:
            _log.error("the session was ended after %g s", SESSION_SECONDS)
        except asyncio.CancelledError:
            _log.error("the session was cut off, the server stops")
        finally:
            if not done:
                self.transport.write(b"failure\n")
            self.transport.loseConnection()

    def _play(self, env: dict[str, str]) -> bool:
        """Find the script that was asked for and run it."""
        name = env.get("agi_network_script", "").strip("/")
        script = self._scripts.get(name)
        if script is None:
            _log.error("no script is named %r", name)
            return False
        return play(name, script, Channel(self, env), self._context)


def play(name: str, script: Script[Context], channel: Channel, context: Context) -> bool:
    """Run a script in its greenlet; whether it came to its own end, which a hang-up is, too.

    Whatever else it raises is logged, and the dialplan is asked to apologize.
    """
    try:
        script(channel, context)
    except AGIHangup as hangup:
        _log.info("script %s: %s", name, hangup)
    except Exception:
        _log.exception("script %s failed", name)
        _plan_apology(channel)
        return False
    return True


def _plan_apology(channel: Channel) -> None:
    """Have the dialplan say sorry, whatever plan the script had set before it failed."""
    try:
        channel.set_variable(CALL_PLAN, PLAN_SORRY)
    except AGIError as error:
        _log.warning("the plan stands as it is: %s", error)
