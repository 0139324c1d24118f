"""What the called party may do instead of accepting: nothing is joined, nothing is charged."""

from __future__ import annotations

import pytest

from blocklists.privilege import registry
from ivr_prompts.saying import name_clip
from tests.calls.conftest import Cast
from tests.calls.scene import Scene
from tests.calls.studio import HELLO


@pytest.mark.parametrize("town", ["postgres", "sqlite"], indirect=True)
def test_refused(scene: Scene) -> None:
    scene.dial()
    scene.answer()
    scene.choose("3")
    scene.hears(scene.sam, "called-refused")
    scene.hears(scene.alex, "outcome-declined")
    not_joined(scene, "declined")


@pytest.mark.long
def test_no_key_within_a_minute(scene: Scene) -> None:
    scene.dial()
    scene.answer()
    answered = scene.sam.wait_connected()
    scene.hears(scene.sam, "called-no-key", timeout=80)
    over = scene.sam.wait_disconnected(20)
    assert 60 <= (over.at - answered).total_seconds() < 75
    scene.hears(scene.alex, "outcome-no-acceptance")
    not_joined(scene, "no_acceptance")


def test_a_machine_that_talks_and_never_presses_is_never_joined(scene: Scene) -> None:
    scene.dial()
    scene.answer()
    scene.sam.play(scene.sounds / "en" / f"{name_clip(HELLO)}.wav", loop=True)
    scene.hears(scene.alex, "outcome-voicemail", timeout=90)
    assert scene.alex.not_heard(scene.clip(name_clip(HELLO)).first(1000))
    not_joined(scene, "voicemail")


def test_a_wrong_key_is_told_and_0_repeats(scene: Scene) -> None:
    scene.dial()
    scene.answer()
    scene.key_at_next(scene.sam, "called-intro-1", "8")
    scene.hears_next(scene.sam, "not-understood")
    scene.key_at_next(scene.sam, "called-menu-two-keys-1", "0")
    scene.begins_next(scene.sam, "called-intro-1")
    scene.sam.press("3")
    scene.hears(scene.alex, "outcome-declined")
    not_joined(scene, "declined")


def test_the_caller_hangs_up_during_the_menu_and_the_called_party_is_told(scene: Scene) -> None:
    scene.dial()
    scene.answer()
    scene.begins(scene.sam, "called-menu-two-keys-1")
    over = scene.alex.hangup()
    told = scene.sam.wait_heard(scene.clip("caller-hung-up"))
    assert (told.at - over.at).total_seconds() < 1
    not_joined(scene, "caller_hung_up")


@pytest.mark.parametrize("at", ["called-intro-1", "called-recorded", "called-menu-two-keys-1"])
def test_the_called_party_hangs_up_at_each_prompt(scene: Scene, at: str) -> None:
    scene.dial()
    scene.answer()
    scene.begins(scene.sam, at)
    scene.sam.hangup()
    scene.hears(scene.alex, "outcome-declined")
    not_joined(scene, "called_hung_up")


def test_the_called_party_hangs_up_at_the_price(scene: Scene) -> None:
    scene.dial()
    scene.answer()
    scene.choose("2")
    scene.begins(scene.sam, "called-price-1")
    scene.sam.hangup()
    scene.hears(scene.alex, "outcome-declined")
    not_joined(scene, "called_hung_up")


def test_busy(scene: Scene) -> None:
    scene.dial()
    scene.sam.wait_incoming()
    scene.sam.answer(486)
    scene.hears(scene.alex, "outcome-busy")
    not_joined(scene, "busy")


def test_no_answer(scene: Scene) -> None:
    scene.dial()
    scene.sam.wait_incoming()
    scene.hears(scene.alex, "outcome-no-answer", timeout=60)
    not_joined(scene, "no_answer")


def test_the_caller_hangs_up_while_it_rings(scene: Scene) -> None:
    scene.dial()
    scene.sam.wait_incoming()
    scene.alex.hangup()
    scene.sam.wait_disconnected()
    not_joined(scene, "caller_hung_up")


@pytest.mark.parametrize("whose", ["registry", "facility"])
def test_what_must_not_be_recorded_leaves_no_audio(cast: Cast, whose: str) -> None:
    scene = cast(facility="quiet" if whose == "facility" else "millbrook")
    if whose == "registry":
        with scene.stack.database.begin() as connection:
            registry.mark_privileged(connection, scene.number, "test")
    scene.dial()
    scene.hears(scene.alex, "caller-not-recorded")
    scene.answer()
    scene.hears(scene.sam, "called-not-recorded")
    scene.choose()
    scene.talk()
    assert not scene.audio()
    scene.sam.hangup()
    record = scene.record()
    assert record.talk_ms > 0
    assert record.privileged is (whose == "registry")
    assert record.recorded is False
    assert not scene.audio()
    for phone in (scene.alex, scene.sam):
        assert phone.not_heard(scene.clip("called-recorded"))


def not_joined(scene: Scene, cause: str) -> None:
    """They never heard each other, nothing is charged, the CDR says what happened."""
    scene.alex.hangup()
    record = scene.record()
    assert record.cause == cause
    assert record.charged_cents == record.talk_ms == 0
    assert "accepted" not in record.states
    assert scene.nothing_charged()
    assert not scene.audio()
