"""Asterisk's manager interface (AMI), asked so that no answer is waited for in vain.

The one file that knows panoramisk. Its ``Manager`` sends what wasn't answered again on the next
connection, waits without end, and can't be closed: so each connection has a manager of its own,
and everything that outlives a connection is here (docs/decisions/0016).

An action is sent once at the most. One that isn't answered in time ends the connection: what is on
its way there may be late, and a limit that comes late would lengthen a talk. No events are asked
for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager

HOST = "127.0.0.1"
DEADLINE_SECONDS = 3.0
HEARTBEAT_SECONDS = 2.0
BACK_OFF_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.0)
CONNECTED = "connected to Asterisk"
"""What the log says of each connection."""

Answer = dict[str, str]
"""The headers of a message, their names in lower case."""

_log = logging.getLogger(__name__)
logging.getLogger("panoramisk").setLevel(logging.ERROR)


class AmiError(Exception):
    """The action may not have been done: there is no connection, or no answer came."""


class Refused(AmiError):
    """Asterisk has said no, and why."""


class Ami:
    """A connection that comes back for as long as :meth:`run` runs, and not a moment longer.

    ``connection`` counts the connections: where it has changed, time has passed unseen.
    ``on_up`` is called after each connection.
    """

    def __init__(
        self, port: int, user: str, password: str, on_up: Callable[[], None] = lambda: None
    ) -> None:
        self.connection = 0
        self._port = port
        self._login = {"Username": user, "Secret": password, "Events": "off"}
        self._on_up = on_up
        self._line: _Line | None = None

    @property
    def up(self) -> bool:
        """Whether Asterisk can be asked now."""
        return self._line is not None and not self._line.lost.is_set()

    async def run(self) -> None:
        """Connect, and again whenever the connection is lost, until cancelled."""
        failures = 0
        while True:
            try:
                await self._live()
                failures = 0
            except (AmiError, OSError) as error:
                if failures == 0:
                    _log.warning("no connection to Asterisk, still trying: %s", error)
                failures += 1
            await asyncio.sleep(BACK_OFF_SECONDS[min(failures, len(BACK_OFF_SECONDS) - 1)])

    async def ask(self, action: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Send an action, give its answer.

        Raises :class:`AmiError` when it isn't answered, :class:`Refused` when it is refused.
        """
        return (await self._connected(action).ask(action, headers or {}, as_list=False))[0]

    async def list(self, action: str) -> list[Answer]:
        """Send an action that is answered by a list; give its entries. Raises as :meth:`ask`."""
        answers = await self._connected(action).ask(action, {}, as_list=None)
        return [one for one in answers[1:] if not one["event"].endswith("Complete")]

    def _connected(self, action: str) -> _Line:
        if self._line is None:
            raise AmiError(f"{action}: Asterisk isn't connected")
        return self._line

    async def _live(self) -> None:
        """Live through one connection. Raises where there is none to begin with."""
        line = _Line()
        try:
            await line.open(self._port)
            await line.ask("Login", self._login, as_list=False)
            self._line = line
            self.connection += 1
            _log.info(CONNECTED)
            self._on_up()
            await _watch(line)
        finally:
            self._line = None
            line.drop()


async def _watch(line: _Line) -> None:
    """Return when the connection is lost, which is seen in a few seconds."""
    try:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    await line.lost.wait()
            await line.ask("Ping", {}, as_list=False)
    except AmiError as error:
        _log.warning("the connection to Asterisk is lost: %s", error)


class _Line:
    """One connection, never a second."""

    def __init__(self) -> None:
        self.lost = asyncio.Event()
        self._waiting: set[asyncio.Future[Any]] = set()
        self._manager = _Manager(self._fail)

    async def open(self, port: int) -> None:
        """Raises :class:`OSError`."""
        loop = asyncio.get_running_loop()
        made = loop.create_future()
        async with asyncio.timeout(DEADLINE_SECONDS):
            made.set_result(
                await loop.create_connection(lambda: _Protocol(self._manager), HOST, port)
            )
        self._manager.connection_made(made)
        # The manager's own pings wait for no answer.
        self._manager.pinger.cancel()

    async def ask(
        self, name: str, headers: Mapping[str, str], *, as_list: bool | None
    ) -> list[Answer]:
        """``as_list``: False, only the first message is waited for; None, all of a list."""
        if self.lost.is_set():
            raise AmiError(f"{name}: the connection is lost")
        action = Action(_printable({"Action": name, **headers}))
        self._waiting.add(action.future)
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                answer = await self._manager.send_action(action, as_list=as_list)
        except TimeoutError:
            self.drop()
            raise AmiError(f"{name}: no answer in {DEADLINE_SECONDS:g} s") from None
        finally:
            self._waiting.discard(action.future)
            self._manager.responses.pop(action.id, None)
        return _checked(name, answer if isinstance(answer, list) else [answer])

    def drop(self) -> None:
        """Cut the connection, whatever is still on its way."""
        if self._manager.protocol is not None:
            self._manager.protocol.transport.abort()
        self._fail()

    def _fail(self) -> None:
        self.lost.set()
        for future in self._waiting:
            if not future.done():
                future.set_exception(AmiError("the connection was lost before the answer"))


class _Manager(Manager):
    """Panoramisk's manager for one connection: it doesn't connect again and repeats nothing."""

    def __init__(self, on_lost: Callable[[], None]) -> None:
        super().__init__(loop=asyncio.get_running_loop())
        self._on_lost = on_lost

    def connection_lost(self, _error: object) -> None:
        self.awaiting_actions.clear()
        self._on_lost()

    def dispatch(self, _event: object) -> list[str]:
        """No event is asked for; what comes unasked belongs to nobody."""
        return []


class _Protocol(AMIProtocol):
    """Knows its manager from the start: a peer may be gone before the manager knows it."""

    def __init__(self, manager: _Manager) -> None:
        self._manager = manager

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.factory = self._manager


def _printable(headers: dict[str, str]) -> dict[str, str]:
    """As they are. A line's end in a value would be a second action: that is refused."""
    for name, value in headers.items():
        if not f"{name}{value}".isprintable():
            raise AmiError(f"{headers['Action']!r}: {name!r} holds a control character")
    return headers


def _checked(name: str, messages: list[Any]) -> list[Answer]:
    if not messages[0].success:
        raise Refused(f"{name}: {messages[0].message}")
    return [{key.lower(): str(value) for key, value in one.items()} for one in messages]
