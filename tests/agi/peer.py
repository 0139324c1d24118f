"""A server on a loopback port and fake Asterisks that ring it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any

from twisted.internet.asyncioreactor import AsyncioSelectorReactor

from agi.server import Server
from agi.session import Script
from store.settings import AgiSettings


@asynccontextmanager
async def serving(
    scripts: Mapping[str, Script[Any]], context: Any = None
) -> AsyncIterator[Server[Any]]:
    """A started server on a free port, stopped without grace at the end."""
    reactor = AsyncioSelectorReactor(asyncio.get_running_loop())
    server = Server(AgiSettings(port=0), scripts, context, reactor)
    server.start()
    try:
        yield server
    finally:
        await server.stop(0)
        reactor.disconnectAll()


class Peer:
    """One connection from a fake Asterisk: ``async with Peer(server.port, "inmate") as peer``."""

    def __init__(self, port: int, script: str | None = None) -> None:
        self._port = port
        self._script = script

    async def __aenter__(self) -> Peer:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self._port)
        if self._script is not None:
            self.send(f"agi_network_script: {self._script}\nagi_uniqueid: 17.1\n\n")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.writer.close()

    def send(self, text: str) -> None:
        """Send bytes as they stand."""
        self.writer.write(text.encode())

    async def line(self) -> str:
        """The next command, empty at the end of the connection."""
        return (await asyncio.wait_for(self.reader.readline(), 10)).decode()

    async def rest(self) -> str:
        """Everything until the server closes."""
        return (await asyncio.wait_for(self.reader.read(), 10)).decode()

    async def answer(self, *replies: str) -> list[str]:
        """Answer one command after the other; the commands."""
        commands = []
        for reply in replies:
            commands.append(await self.line())
            self.send(reply + "\n")
        return commands
