"""The FastAGI server stopped or killed at each point: never joined, never charged unheard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.calls.conftest import Cast
from tests.calls.scene import Scene

CALLER_PROMPTS = ("enter-id", "enter-pin", "enter-number", "confirm-number-1")


@pytest.fixture
def scene(cast: Cast) -> Iterator[Scene]:
    """A scene whose server is up again afterwards, with what it missed swept up."""
    scene = cast()
    yield scene
    if scene.stack.server_pid is None:
        scene.stack.start_server()
    scene.sweep()


def test_down_before_the_call(scene: Scene) -> None:
    kill(scene)
    scene.lift()
    scene.hears(scene.alex, "sorry")
    scene.alex.wait_disconnected(20)
    # Nobody was there to open a call; the next one is served again.
    scene.stack.start_server()
    scene.dial()
    scene.sam.wait_incoming()
    scene.alex.hangup()


@pytest.mark.parametrize("at", CALLER_PROMPTS)
def test_killed_while_the_caller_is_asked(scene: Scene, at: str) -> None:
    scene.lift()
    for prompt, keys in zip(
        CALLER_PROMPTS, (f"{scene.person}#", "4821#", f"{scene.number}#", "1"), strict=True
    ):
        scene.begins(scene.alex, prompt)
        if prompt == at:
            break
        scene.alex.press(keys)
    kill(scene)
    scene.hears(scene.alex, "sorry")
    scene.alex.wait_disconnected(20)
    assert not [event for event in scene.sam.events if event.name == "incoming"]
    never_joined(scene)


def test_killed_while_it_rings(scene: Scene) -> None:
    scene.dial()
    scene.sam.wait_incoming()
    kill(scene)
    scene.sam.answer()
    scene.hears(scene.sam, "sorry")
    scene.hears(scene.alex, "sorry")
    scene.alex.wait_disconnected(30)
    never_joined(scene)


@pytest.mark.parametrize("at_once", [True, False], ids=["killed", "stopped"])
def test_gone_during_the_called_partys_menu(scene: Scene, at_once: bool) -> None:
    scene.dial()
    scene.answer()
    scene.begins(scene.sam, "called-intro-1")
    if at_once:
        kill(scene)
        scene.hears(scene.sam, "sorry")
        scene.hears(scene.alex, "sorry")
    else:
        # A stop lets live scripts finish: the key is still taken.
        scene.sam.press("3")
        scene.stack.stop_server()
        scene.hears(scene.sam, "called-refused")
        scene.hears(scene.alex, "sorry")
    scene.alex.wait_disconnected(30)
    never_joined(scene)


def test_killed_during_the_talk_and_back_only_after_it(scene: Scene) -> None:
    scene.dial()
    scene.answer()
    scene.choose()
    scene.talk()
    kill(scene)
    scene.talk()
    over = scene.sam.hangup()
    scene.alex.wait_disconnected(20)
    scene.stack.start_server()
    scene.sweep()
    record = scene.sealed()
    assert record.cause == "called_hung_up"
    talked = (over.at - scene.call().accepted_at).total_seconds()
    assert abs(record.talk_ms / 1000 - talked) < 0.5
    assert record.charged_cents == record.billed_seconds * 11 // 60
    assert scene.balance().balance_cents == 2500 - record.charged_cents


def kill(scene: Scene) -> None:
    """The server dies without a word."""
    scene.stack.stop_server(at_once=True)


def never_joined(scene: Scene) -> None:
    """Once the server is back, the call is ended, on the books as the platform's failure."""
    scene.stack.start_server()
    scene.sweep()
    record = scene.record()
    assert record.charged_cents == record.talk_ms == 0
    assert "accepted" not in record.states
    assert scene.nothing_charged()
    assert not scene.audio()
    assert record.cause in ("system_failure", "declined")
