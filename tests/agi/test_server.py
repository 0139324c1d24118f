"""The FastAGI server on real sockets: bad peers, failing scripts, the end."""

from __future__ import annotations

import asyncio
import io
import logging
import socket
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import Session

from agi import lag, logs, session, waiting
from agi.channel import Channel
from tests.agi.peer import Peer, serving

OK = "200 result=0"


def greet(channel: Channel, context: Any) -> None:
    channel.answer()
    channel.stream_file("welcome")


def fail(channel: Channel, context: Any) -> None:
    logs.bind("CALL-7")
    raise RuntimeError("the script is broken")


SCRIPTS = {"greet": greet, "fail": fail}


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = logs.set_up(stream)
    yield stream
    logging.getLogger().removeHandler(handler)
    logging.getLogger().setLevel(logging.WARNING)


async def greeted(port: int) -> float:
    """Be a good caller; the seconds it took."""
    start = time.perf_counter()
    async with Peer(port, "greet") as peer:
        assert await peer.answer(OK, OK) == ["ANSWER\n", 'STREAM FILE "welcome" "" "0"\n']
        assert await peer.rest() == ""
    return time.perf_counter() - start


async def quickest(port: int) -> float:
    """The best of a few: a machine that is busy elsewhere is not the server's fault."""
    return min([await greeted(port) for _ in range(5)])


def test_a_script_speaks_and_ends() -> None:
    async def main() -> None:
        async with serving(SCRIPTS) as server:
            await greeted(server.port)
            assert server.live_sessions == 0

    asyncio.run(main())


@pytest.mark.parametrize(
    "opening",
    [
        "",
        "agi_network: yes\n",
        "\n",
        "rubbish\n",
        "HANGUP\n",
        "x" * 100_000,
        "a: b\n" * 50_000,
        "agi_network_script: greet\n\n",
        "agi_network_script: greet\n\n200 resu",
        "agi_network_script: greet\n\n" + "200 result=0\n" * 10_000,
        "agi_network_script: fail\n\n",
    ],
)
@pytest.mark.parametrize("closes", [True, False])
def test_a_bad_peer_delays_nobody(opening: str, closes: bool) -> None:
    async def main() -> None:
        async with serving(SCRIPTS) as server:
            await greeted(server.port)
            async with Peer(server.port) as bad:
                bad.send(opening)
                if closes:
                    bad.writer.close()
                assert await quickest(server.port) < 0.1

    asyncio.run(main())


def test_a_peer_that_says_nothing_is_sent_away(
    monkeypatch: pytest.MonkeyPatch, lines: io.StringIO
) -> None:
    monkeypatch.setattr(session, "HEADER_SECONDS", 0.05)

    async def main() -> None:
        async with serving(SCRIPTS) as server, Peer(server.port) as peer:
            peer.send("agi_network: yes\n")
            with pytest.raises(ConnectionError):
                await peer.rest()

    asyncio.run(main())
    assert "no whole header within 0.05 s" in lines.getvalue()


@pytest.mark.parametrize(
    ("flood", "logged"),
    [("rubbish\n", "does not speak AGI: not a reply"), (f"{OK}\n" * 100, "out of step")],
)
def test_a_peer_that_breaks_the_rules_is_cut_off(
    flood: str, logged: str, lines: io.StringIO
) -> None:
    async def main() -> None:
        async with serving(SCRIPTS) as server, Peer(server.port, "greet") as peer:
            assert await peer.line() == "ANSWER\n"
            peer.send(flood)
            with pytest.raises(ConnectionError):
                await peer.rest()

    asyncio.run(main())
    assert logged in lines.getvalue()


def test_a_failing_script_is_logged_and_the_dialplan_told_to_apologize(lines: io.StringIO) -> None:
    async def main() -> None:
        async with serving(SCRIPTS) as server, Peer(server.port, "fail") as peer:
            assert await peer.answer("200 result=1") == ['SET VARIABLE "CALL_PLAN" "sorry"\n']
            assert await peer.rest() == "failure\n"
            await greeted(server.port)

    asyncio.run(main())
    failed = [line for line in lines.getvalue().splitlines() if " ERROR " in line]
    assert "script fail failed" in failed[0]
    assert failed[-1].endswith("RuntimeError: the script is broken")
    assert all(" ERROR CALL-7 " in line for line in failed)


@pytest.mark.parametrize("last", ["HANGUP\n200 result=-1\n", "200 result=-1\nHANGUP\n"])
@pytest.mark.parametrize("closes", [True, False])
def test_a_caller_who_is_gone_hears_no_apology(last: str, closes: bool, lines: io.StringIO) -> None:
    async def main() -> None:
        async with serving(SCRIPTS) as server, Peer(server.port, "greet") as peer:
            assert await peer.line() == "ANSWER\n"
            peer.send(last)
            if closes:
                peer.writer.write_eof()
            assert await peer.rest() == ""

    asyncio.run(main())
    assert "ERROR" not in lines.getvalue()


def test_a_failed_command_and_the_end_at_once_are_a_hangup(lines: io.StringIO) -> None:
    async def main() -> None:
        async with serving(SCRIPTS) as server, Peer(server.port, "greet") as peer:
            assert await peer.line() == "ANSWER\n"
            peer.send("200 result=-1\n")
            peer.writer.write_eof()
            assert await peer.rest() in ("", "CHANNEL STATUS\n")

    asyncio.run(main())
    assert "ERROR" not in lines.getvalue()


def test_an_unknown_script_ends_the_session_as_a_failure(lines: io.StringIO) -> None:
    async def main() -> None:
        async with serving(SCRIPTS) as server, Peer(server.port, "nope") as peer:
            assert await peer.rest() == "failure\n"

    asyncio.run(main())
    assert "ERROR 17.1 agi.session: no script is named 'nope'" in lines.getvalue()


def test_a_session_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "SESSION_SECONDS", 0.05)

    async def main() -> None:
        async with serving(SCRIPTS) as server, Peer(server.port, "greet") as peer:
            assert await peer.rest() == "ANSWER\nfailure\n"

    asyncio.run(main())


def test_a_graceful_stop_lets_a_live_script_finish() -> None:
    async def main() -> None:
        async with serving(SCRIPTS) as server, Peer(server.port, "greet") as peer:
            assert await peer.answer(OK) == ["ANSWER\n"]
            port = server.port
            stopping = asyncio.create_task(server.stop(10))
            await _refused(port)
            assert not stopping.done()
            assert await peer.answer(OK) == ['STREAM FILE "welcome" "" "0"\n']
            assert await peer.rest() == ""
            await stopping
            assert server.live_sessions == 0

    asyncio.run(main())


async def _refused(port: int) -> None:
    """Wait until nobody listens on ``port`` any more."""
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            return
        writer.close()


SERVED = """
from agi import logs, server
from store.settings import AgiSettings
logs.set_up()
server.serve(AgiSettings(port=0), {"greet": lambda channel, context: channel.answer()}, None)
"""


def test_a_served_process_ends_in_good_order_when_told() -> None:
    async def main() -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", SERVED, stderr=asyncio.subprocess.PIPE
        )
        assert process.stderr is not None
        port = int((await process.stderr.readline()).split()[-1])
        async with Peer(port, "greet") as peer:
            assert await peer.line() == "ANSWER\n"
            process.terminate()
            assert b"1 live sessions" in await process.stderr.readline()
            peer.send(f"{OK}\n")
            assert await peer.rest() == ""
        assert await process.stderr.read() == b""
        assert await process.wait() == 0

    asyncio.run(main())


def test_a_stop_past_its_grace_cuts_off(lines: io.StringIO) -> None:
    cleaned = threading.Event()

    def stay(channel: Channel, context: Any) -> None:
        try:
            channel.get_data(["pin"], 60_000, 4)
        finally:
            cleaned.set()

    async def main() -> None:
        async with serving({"stay": stay}) as server, Peer(server.port, "stay") as peer:
            await peer.line()
            async with Peer(server.port) as silent:
                while server.live_sessions < 2:
                    await asyncio.sleep(0)
                await server.stop(0.01)
                assert server.live_sessions == 0
                with pytest.raises(ConnectionError):
                    await silent.rest()
            assert await peer.rest() == "failure\n"

    asyncio.run(main())
    assert cleaned.is_set()
    assert "cut off" in lines.getvalue()


def test_a_connection_is_watched_for_a_dead_machine() -> None:
    async def main() -> None:
        async with serving(SCRIPTS) as server, Peer(server.port) as peer:
            while not server.live_sessions:
                await asyncio.sleep(0)
            (one,) = server._sessions
            taken: socket.socket = one.transport.getHandle()
            assert taken.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 60
            assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            peer.writer.close()

    asyncio.run(main())


def test_a_script_waits_for_the_database_and_delays_nobody() -> None:
    free = threading.Event()
    engine = create_async_engine("sqlite+aiosqlite://")

    @event.listens_for(engine.sync_engine, "connect")
    def _hold(connection: Any, record: Any) -> None:
        connection.run_async(lambda raw: raw.create_function("held", 0, free.wait))

    def ask(channel: Channel, database: AsyncEngine) -> None:
        with Session(bind=database.sync_engine) as books:
            channel.verbose("before")
            held = books.scalar(text("select held()"))
            channel.verbose(f"{held} {books.scalar(text('select 6 * 7'))}")

    async def main() -> None:
        scripts = {"ask": ask, "greet": greet}
        async with serving(scripts, engine) as server, Peer(server.port, "ask") as peer:
            await peer.answer("200 result=1")
            assert await quickest(server.port) < 0.1
            free.set()
            assert await peer.answer("200 result=1") == ['VERBOSE "1 42" "1"\n']
            assert await peer.rest() == ""
        await engine.dispose()

    asyncio.run(main())


def test_what_a_script_binds_stays_with_its_session(lines: io.StringIO) -> None:
    def name(channel: Channel, context: Any) -> None:
        call_id = channel.env["agi_network_script"]
        logs.bind(call_id)
        waiting.wait_for(asyncio.sleep(0))
        channel.answer()
        logging.getLogger("script").info("still %s", call_id)

    async def main() -> None:
        scripts = {"a": name, "b": name}
        async with (
            serving(scripts) as server,
            Peer(server.port, "a") as a,
            Peer(server.port, "b") as b,
        ):
            await b.answer(OK)
            await a.answer(OK)
            await a.rest()
            await b.rest()

    asyncio.run(main())
    said = [line for line in lines.getvalue().splitlines() if "still" in line]
    assert [line.split("INFO ")[1] for line in said] == ["b script: still b", "a script: still a"]


def test_a_stalled_loop_is_measured_and_logged(
    monkeypatch: pytest.MonkeyPatch, lines: io.StringIO
) -> None:
    monkeypatch.setattr(lag, "INTERVAL_SECONDS", 0.01)

    def stall(channel: Channel, context: Any) -> None:
        time.sleep(0.15)

    async def main() -> None:
        async with serving({"stall": stall}) as server, Peer(server.port, "stall") as peer:
            await peer.rest()
            await asyncio.sleep(0)
            while not server.lag.worst_ms:
                await asyncio.sleep(0)
            assert server.lag.worst_ms > 100

    asyncio.run(main())
    assert "the event loop stood still for" in lines.getvalue()
