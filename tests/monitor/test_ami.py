"""The connection to Asterisk, against a server that misbehaves."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import ami as room
from monitor.ami import Ami, AmiError, Refused
from tests.monitor.ami_side import SECRET, AmiSide, listening, until

MOVED = {"Channel": "1.1", "Timeout": "5"}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "DEADLINE_SECONDS", 0.3)
    monkeypatch.setattr(room, "HEARTBEAT_SECONDS", 0.1)
    monkeypatch.setattr(room, "BACK_OFF_SECONDS", (0.05,))


@asynccontextmanager
async def running(port: int, password: str = SECRET) -> AsyncIterator[Ami]:
    ami = Ami(port, "parloir", password)
    task = asyncio.create_task(ami.run())
    try:
        yield ami
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def played(scene: Callable[[AmiSide, Ami], Coroutine[None, None, None]]) -> AmiSide:
    """Play a scene on a connection that is up."""

    async def play() -> AmiSide:
        side = AmiSide()
        async with listening(side) as port, running(port) as ami:
            await until(lambda: ami.up)
            await scene(side, ami)
        return side

    return asyncio.run(play())


def test_actions_and_lists_are_answered() -> None:
    async def scene(side: AmiSide, ami: Ami) -> None:
        assert (await ami.ask("AbsoluteTimeout", MOVED))["response"] == "Success"
        assert (await ami.ask("Originate", {"Async": "true"}))["response"] == "Success"
        channels = await ami.list("CoreShowChannels")
        assert [one["uniqueid"] for one in channels] == ["1.1", "2.1"]
        side.refused = {"AbsoluteTimeout", "CoreShowChannels"}
        with pytest.raises(Refused, match="No such channel"):
            await ami.ask("AbsoluteTimeout", MOVED)
        with pytest.raises(Refused):
            await ami.list("CoreShowChannels")
        assert ami.up

    assert played(scene).connections == 1


def test_many_actions_at_once_each_have_their_own_answer() -> None:
    async def scene(side: AmiSide, ami: Ami) -> None:
        side.refused = {"Bad"}
        names = ["Good", "Bad"] * 100
        answers = await asyncio.gather(*map(ami.ask, names), return_exceptions=True)
        assert [isinstance(one, Refused) for one in answers] == [name == "Bad" for name in names]

    played(scene)


def test_an_action_that_a_lost_connection_leaves_unanswered_is_sent_once() -> None:
    async def scene(side: AmiSide, ami: Ami) -> None:
        side.drops = {"AbsoluteTimeout"}
        with pytest.raises(AmiError, match="lost"):
            await ami.ask("AbsoluteTimeout", MOVED)
        await until(lambda: ami.connection == 2 and ami.up)
        side.drops.clear()
        await ami.ask("Originate")
        await asyncio.sleep(0.3)

    assert played(scene).actions == ["AbsoluteTimeout", "Originate"]


def test_a_list_that_breaks_off_is_an_error() -> None:
    async def scene(side: AmiSide, ami: Ami) -> None:
        side.silent = {"CoreShowChannels"}
        asked = asyncio.create_task(ami.list("CoreShowChannels"))
        await side.came.wait()
        side.drop_all()
        with pytest.raises(AmiError, match="lost"):
            await asked

    played(scene)


def test_no_answer_in_time_is_an_error_and_ends_the_connection() -> None:
    async def scene(side: AmiSide, ami: Ami) -> None:
        side.silent = {"AbsoluteTimeout"}
        with pytest.raises(AmiError, match="no answer"):
            await ami.ask("AbsoluteTimeout", MOVED)
        assert not ami.up
        await until(lambda: ami.connection == 2)

    assert played(scene).actions == ["AbsoluteTimeout"]


def test_a_server_that_falls_silent_is_left() -> None:
    async def scene(side: AmiSide, ami: Ami) -> None:
        side.silent = {"Ping"}
        await until(lambda: not ami.up)
        side.silent.clear()
        await until(lambda: ami.up)

    assert played(scene).connections == 2


def test_while_it_is_down_actions_are_refused_and_never_sent() -> None:
    async def scene(side: AmiSide, ami: Ami) -> None:
        side.silent = {"all"}
        await until(lambda: not ami.up)
        with pytest.raises(AmiError):
            await ami.ask("AbsoluteTimeout", MOVED)
        side.silent.clear()
        await until(lambda: ami.up)

    assert played(scene).actions == []


def test_what_was_ended_stays_ended() -> None:
    async def play() -> int:
        side = AmiSide()
        async with listening(side) as port:
            async with running(port) as ami:
                await until(lambda: ami.up)
                side.silent = {"all"}
                asked = asyncio.create_task(ami.ask("AbsoluteTimeout", MOVED))
                await side.came.wait()
            with pytest.raises(AmiError):
                await asked
            assert not ami.up
            await asyncio.sleep(0.5)
            assert side.open == set()
        return side.connections

    assert asyncio.run(play()) == 1


def test_it_waits_for_a_server_that_comes_later() -> None:
    async def play() -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        async with running(port) as ami:
            await asyncio.sleep(0.2)
            with pytest.raises(AmiError, match="isn't connected"):
                await ami.ask("Ping")
            side = AmiSide()
            async with listening(side, port):
                await until(lambda: ami.up)
                assert ami.connection == 1

    asyncio.run(play())


def test_a_wrong_password_is_no_connection() -> None:
    async def play() -> None:
        side = AmiSide()
        async with listening(side) as port, running(port, "wrong") as ami:
            await until(lambda: side.connections >= 3)
            assert not ami.up

    asyncio.run(play())


@given(st.text(max_size=3), st.sampled_from("\r\n\0\x1b\x85\u2028"), st.text(max_size=3))
def test_no_value_can_become_a_second_action(before: str, bad: str, after: str) -> None:
    async def scene(_side: AmiSide, ami: Ami) -> None:
        for headers in ({"Channel": before + bad + after}, {before + bad + after: "x"}):
            with pytest.raises(AmiError, match="control character"):
                await ami.ask("Ping", headers)
        with pytest.raises(AmiError, match="control character"):
            await ami.ask(f"Ping{before}{bad}{after}")

    assert played(scene).actions == []
