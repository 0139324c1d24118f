"""The caller hangs up at each prompt: one CDR, no hold, nothing rings."""

from __future__ import annotations

import pytest

from tests.calls.scene import PIN, Scene

PROMPTS = ("enter-id", "enter-pin", "calls-are-recorded", "enter-number", "confirm-number-1")


@pytest.mark.parametrize("at", PROMPTS)
def test_the_caller_hangs_up_at_each_prompt(scene: Scene, at: str) -> None:
    keys = {
        "enter-id": f"{scene.person}#",
        "enter-pin": f"{PIN}#",
        "enter-number": f"{scene.number}#",
    }
    scene.lift()
    for prompt in PROMPTS[: PROMPTS.index(at)]:
        scene.begins(scene.alex, prompt)
        if prompt in keys:
            scene.alex.press(keys[prompt])
    scene.begins(scene.alex, at)
    scene.alex.hangup()
    record = scene.record()
    assert record.cause == "caller_hung_up"
    assert ("identified" in record.states) is (PROMPTS.index(at) > 1)
    assert scene.nothing_charged()
    assert not [event for event in scene.sam.events if event.name == "incoming"]
