"""The end of the money that is held, the monitor that moves it, and what it says into a talk."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable

import pytest

from asterisk_conf import secret
from asterisk_conf.variables import MANAGER_USER, SOUND_ONE_MINUTE_LEFT
from calls.talking import Live
from monitor import talks
from monitor.ami import Ami, Refused
from store.types import now
from tests.asterisk_conf.scene import Call, menu, says
from tests.asterisk_conf.scripted import Session
from tests.asterisk_conf.stage import Stage

Question = Callable[[Ami], Awaitable[None]]
Ask = Callable[[Question], None]


@pytest.fixture
def ask(stage: Stage) -> Ask:
    """Asks Asterisk on a connection of its own."""

    async def asked(question: Question) -> None:
        settings = stage.platform.settings
        ami = Ami(settings.asterisk.ami_port, MANAGER_USER, secret.kept(settings))
        connection = asyncio.create_task(ami.run())
        async with asyncio.timeout(5):
            while not ami.up:
                await asyncio.sleep(0.01)
        await question(ami)
        connection.cancel()
        await asyncio.gather(connection, return_exceptions=True)

    return lambda question: asyncio.run(asked(question))


def live_call(caller: str, called: str) -> Live:
    """A call as the database knows it."""
    return Live("a call", caller, called, now(), 60, 60, "+12125550100", "jail", "person", None)


def talk(call: Call, plan: str, language: str = "en") -> tuple[str, str]:
    """Let them talk; the ids of the caller's leg, which speaks ``language``, and of the other."""
    opens, legs = call.scripts["caller"], ["", ""]

    def caller(session: Session) -> None:
        session.command(f"SET VARIABLE CHANNEL(language) {language}")
        legs[0] = session.get("UNIQUEID")
        opens(session)

    def called(session: Session) -> None:
        legs[1] = session.get("UNIQUEID")
        session.plan(plan)

    call.scripts["caller"] = caller
    call.answer_at(called)
    call.server.wait_visit("called")
    time.sleep(1)
    return legs[0], legs[1]


def ends_after(call: Call, milliseconds: int, within: int = 200) -> None:
    """Both were told that the time is over, at the right moment, and nobody hung up."""
    call.server.wait_visit("over", timeout=milliseconds / 1000 + 5)
    call.home.wait_heard(call.stage.clips["time-is-over"])
    call.home.wait_disconnected()
    called = call.ended("called")
    assert called.joined_ms is not None
    assert abs(called.ended_ms - called.joined_ms - milliseconds) < within
    assert called.hung_up_by == ""
    assert not called.failed


@pytest.mark.parametrize(
    ("plan", "end"),
    [
        ("join,60000,30000,yes,0,3000", 3250),
        ("join,60000,0,no,0,3000", 3250),
        ("join,4000,0,no,0,3900", 4000),
        ("join,4000,2500,no,0,60000", 4000),
    ],
)
def test_the_end_of_the_money_ends_the_talk(call: Call, plan: str, end: int) -> None:
    call.scripts["over"] = menu
    call.answer_at(says(plan))
    ends_after(call, end)
    call.inmate.wait_begun(call.stage.clips["menu"])


@pytest.mark.parametrize("warning", [30000, 0])
@pytest.mark.parametrize(("paid", "moved"), [(3000, 6000), (20000, 2000)])
def test_the_end_is_moved_later_and_earlier(
    call: Call, ask: Ask, warning: int, paid: int, moved: int
) -> None:
    live = live_call(*talk(call, f"join,60000,{warning},no,0,{paid}"))
    ask(lambda ami: talks.move_end(ami, live, moved / 1000 - 1))
    ends_after(call, moved, within=400)


def test_a_leg_that_is_gone_is_said(ask: Ask) -> None:
    live = live_call("1.1", "1.2")
    with pytest.raises(Refused, match="No such channel"):
        ask(lambda ami: talks.move_end(ami, live, 5))


def test_a_sentence_is_said_to_each_in_its_language_and_once(call: Call, ask: Ask) -> None:
    legs = talk(call, "join,7000,0,yes,0,7000", "es")

    async def warn(ami: Ami) -> None:
        for leg in legs:
            await talks.say(ami, SOUND_ONE_MINUTE_LEFT, leg, now())

    ask(warn)
    english, other = (call.stage.clips[f"{folder}one-minute-left"] for folder in ("", "es/"))
    call.home.wait_heard(english)
    call.inmate.wait_heard(other)
    call.server.wait_visit("over", timeout=10)
    assert len(call.home.heard(english)) == 1
    assert len(call.inmate.heard(other)) == 1
    assert call.home.not_heard(other)
    assert call.inmate.not_heard(english)


def test_which_calls_live_is_seen(call: Call, ask: Ask) -> None:
    legs = talk(call, "join,60000,0,no,0,60000")
    seen: list[str] = []

    async def look(ami: Ami) -> None:
        half = live_call("1.1", legs[1])
        seen.extend(await talks.living(ami, [live_call(*legs), half]))

    ask(look)
    assert seen == [live_call(*legs).call_id]
    call.home.hangup()
    call.server.wait_visit("over")
    seen.clear()
    ask(look)
    assert seen == []


def test_the_manager_tells_nothing_and_does_little(call: Call) -> None:
    settings = call.stage.platform.settings
    login = (("Username", MANAGER_USER), ("Secret", secret.kept(settings)), ("Events", "on"))
    with socket.create_connection(("127.0.0.1", settings.asterisk.ami_port), 5) as manager:
        told = manager.makefile("rw", newline="")

        def asked(action: str, *headers: tuple[str, str]) -> str:
            lines = [f"{name}: {value}\r\n" for name, value in (("Action", action), *headers)]
            told.write("".join((*lines, "\r\n")))
            told.flush()
            return "".join(iter(told.readline, "\r\n"))

        assert "Response: Success" in asked("Login", *login)
        call.answer_at(says("join,3000,0,no,0,3000"))
        call.server.wait_visit("called")
        call.home.press("1")
        call.inmate.press("2")
        call.inmate.wait_disconnected()
        # Whatever had been told meanwhile would come before the answers.
        assert "Response: Success" in asked("Ping")
        for action in ("Command", "Reload", "ModuleLoad", "GetConfig", "DBGet"):
            assert "Response: Error" in asked(action, ("Command", "help"))
