"""A small server that speaks AMI, and misbehaves when it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

SECRET = "s3cret"


class AmiSide:
    """Answers every action but those in ``silent``; drops the connection at those in ``drops``.

    ``actions``: the names of all that came, logins and pings apart, with their ``headers``;
    ``connections``: how many; ``legs``: the ids of the channels that live; ``values``: what every
    channel's variables say.
    """

    def __init__(self) -> None:
        self.actions: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.connections = 0
        self.open: set[asyncio.StreamWriter] = set()
        self.silent: set[str] = set()
        self.drops: set[str] = set()
        self.refused: set[str] = set()
        self.came = asyncio.Event()
        self.legs = ["1.1", "2.1"]
        self.values: dict[str, str] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open.add(writer)
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                self._take(await reader.readuntil(b"\r\n\r\n"), writer)
        self.open.discard(writer)
        writer.close()

    def drop_all(self) -> None:
        for writer in self.open:
            writer.transport.abort()

    def _take(self, raw: bytes, writer: asyncio.StreamWriter) -> None:
        lines = raw.decode().strip().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        action = headers["Action"]
        if action not in ("Login", "Ping"):
            self.actions.append(action)
            self.headers.append(headers)
            self.came.set()
        if action in self.drops:
            writer.transport.abort()
        elif action not in self.silent and "all" not in self.silent:
            writer.write(self._answer(action, headers).encode())

    def _answer(self, action: str, headers: dict[str, str]) -> str:
        tag = f"ActionID: {headers['ActionID']}\r\n"
        if action in self.refused or headers.get("Secret", SECRET) != SECRET:
            return f"Response: Error\r\n{tag}Message: No such channel\r\n\r\n"
        if action == "Getvar" and headers["Variable"] in self.values:
            return f"Response: Success\r\n{tag}Value: {self.values[headers['Variable']]}\r\n\r\n"
        if action != "CoreShowChannels":
            return f"Response: Success\r\n{tag}Message: Originate successfully queued\r\n\r\n"
        entries = "".join(
            f"Event: CoreShowChannel\r\n{tag}Channel: PJSIP/{one}\r\nUniqueid: {one}\r\n\r\n"
            for one in self.legs
        )
        complete = f"Event: CoreShowChannelsComplete\r\n{tag}EventList: Complete\r\n\r\n"
        return f"Response: Success\r\n{tag}EventList: start\r\n\r\n{entries}{complete}"


@asynccontextmanager
async def listening(side: AmiSide, port: int = 0) -> AsyncIterator[int]:
    """Serve on a loopback port, which is given."""
    server = await asyncio.start_server(side.serve, "127.0.0.1", port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        side.drop_all()
        await server.wait_closed()
        while side.open:
            await asyncio.sleep(0.01)


async def until(true: Callable[[], object], seconds: float = 5) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.01)
