"""Spanish on one leg and English on the other: each is told everything in its own language."""

from __future__ import annotations

import pytest

from calls.reasons import Reason
from ivr_prompts.saying import Duration, Money, Rate, Sentence, name_clip
from tests.calls.conftest import Cast
from tests.calls.refusing import hears, hears_why
from tests.calls.scene import Scene
from tests.calls.studio import PERSON_NAME


def test_only_the_caller_hears_spanish(scene: Scene) -> None:
    scene.lift()
    scene.hears(scene.alex, "es/language-offer-pound")
    scene.alex.press("9#")
    scene.languages[scene.alex.user] = "es"
    scene.identify()
    scene.hears(scene.alex, "calls-are-recorded")
    scene.key_at_next(scene.alex, "enter-number", f"{scene.number}#")
    scene.key_at_next(scene.alex, "confirm-number-2", "1")
    scene.answer()
    scene.hears(scene.sam, "called-recorded")
    scene.choose()
    scene.talk()
    scene.sam.hangup()
    scene.hears(scene.alex, "called-hung-up")
    scene.begins(scene.alex, "next-call")
    for clip in ("en/called-hung-up", "en/next-call", "en/calls-are-recorded"):
        assert scene.alex.not_heard(scene.clip(clip))
    scene.alex.hangup()

    record = scene.sealed()
    assert record.cause == "called_hung_up"
    assert scene.noted("language") == ["es"]
    assert scene.pressed() == ["9", scene.person, "****", scene.number, "1", "1"]
    assert scene.balance().balance_cents == 2500 - record.charged_cents < 2500


@pytest.mark.long
def test_only_the_called_party_hears_spanish_up_to_the_limit(cast: Cast) -> None:
    scene = cast(facility="brief")
    scene.dial()
    scene.answer("es")
    for clip in ("called-intro-1", "called-intro-2", name_clip(PERSON_NAME), "called-recorded"):
        scene.begins(scene.sam, clip)
    scene.sam.press("2")
    scene.told(
        scene.sam,
        Sentence("called-price", rate=Rate(1100), longest=Duration(66), total=Money(12)),
    )
    scene.sam.press("1")
    scene.hears(scene.alex, "en/one-minute-left")
    scene.hears(scene.sam, "es/one-minute-left")
    scene.talk()
    over = [
        scene.hears(scene.alex, "en/time-is-over", 75),
        scene.hears(scene.sam, "es/time-is-over", 75),
    ]
    assert abs((over[0].at - over[1].at).total_seconds()) < 1
    for clip in ("one-minute-left", "time-is-over"):
        assert scene.alex.not_heard(scene.clip(f"es/{clip}"))
        assert scene.sam.not_heard(scene.clip(f"en/{clip}"))
    scene.alex.hangup()

    record = scene.sealed()
    assert (record.cause, record.charged_cents) == ("limit", 66 * 11 // 60)
    assert scene.balance().balance_cents == 2500 - record.charged_cents
    assert scene.balance().held_cents == 0


@hears(Reason.EMERGENCY)
def test_a_refusal_in_spanish_with_its_code(scene: Scene) -> None:
    scene.dial("911", language="es")
    hears_why(scene, Reason.EMERGENCY)
    scene.begins(scene.alex, "next-call-other")
    assert scene.alex.not_heard(scene.clip("en/refused-emergency"))
    scene.alex.hangup()
    assert scene.nothing_charged()
