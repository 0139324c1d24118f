"""Another call from the same off-hook: no new PIN, a call and a CDR of its own."""

from __future__ import annotations

import pytest

from tests.calls.scene import Scene

both_languages = pytest.mark.parametrize("language", ["en", "es"])


@both_languages
def test_the_same_number_again(scene: Scene, language: str) -> None:
    scene.dial(language=language)
    for more in (True, False):
        scene.answer()
        scene.choose()
        scene.talk()
        scene.sam.hangup()
        scene.hears_next(scene.alex, "called-hung-up")
        if more:
            scene.key_at_next(scene.alex, "next-call", "1")
    scene.begins_next(scene.alex, "next-call")
    scene.alex.hangup()

    first, second = scene.records()
    assert first.cause == second.cause == "called_hung_up"
    assert first.number == second.number == f"+1{scene.number}"
    assert scene.call().follows == first.call_id
    assert not {"enter-id", "enter-pin", "confirm-number"} & set(scene.played())
    cents = first.charged_cents + second.charged_cents
    assert min(first.charged_cents, second.charged_cents) > 0
    assert scene.balance().balance_cents == 2500 - cents
    assert scene.balance().held_cents == 0


@both_languages
def test_another_number_after_busy_and_after_a_refusal(scene: Scene, language: str) -> None:
    scene.dial(language=language)
    scene.sam.wait_incoming()
    scene.sam.answer(486)
    scene.hears(scene.alex, "outcome-busy")
    scene.key_at_next(scene.alex, "next-call", "2")
    another(scene, "911")
    scene.hears(scene.alex, "refused-emergency")
    scene.key_at_next(scene.alex, "next-call-other", "2")
    another(scene, scene.number)
    scene.answer()
    scene.choose()
    scene.talk()
    scene.alex.hangup()
    scene.sam.wait_disconnected()

    busy, refused, talked = scene.records()
    assert [one.cause for one in (busy, refused, talked)] == ["busy", "refused", "caller_hung_up"]
    assert [one.charged_cents for one in (busy, refused)] == [0, 0]
    assert "enter-pin" not in scene.played()
    assert scene.balance().balance_cents == 2500 - talked.charged_cents < 2500
    assert scene.balance().held_cents == 0


def another(scene: Scene, dialled: str) -> None:
    """Alex keys another number and confirms it."""
    scene.key_at_next(scene.alex, "enter-number", f"{dialled}#")
    scene.key_at_next(scene.alex, "confirm-number-1", "1")
