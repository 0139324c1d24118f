"""The name in the caller's own voice: recorded once, heard by the called party, reset by staff."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr_prompts.saying import name_clip
from tests.calls.conftest import Cast
from tests.calls.scene import Scene
from tests.calls.studio import OWN_VOICE, PERSON_NAME

SPOKEN = name_clip(OWN_VOICE)
BY_STAFF = ("--by", "sergeant", "--note", "checked")
both_languages = pytest.mark.parametrize("language", ["en", "es"])


@both_languages
def test_the_called_party_hears_the_callers_own_voice(cast: Cast, language: str) -> None:
    scene = cast(facility="named")
    scene.lift(language)
    scene.identify()
    scene.hears(scene.alex, "name-record")
    scene.hears(scene.alex, "./beep")
    scene.alex.play(scene.sounds / "en" / f"{SPOKEN}.wav")
    scene.hears(scene.alex, f"en/{SPOKEN}")
    scene.key_at(scene.alex, "name-check-2", "1")
    scene.hears(scene.alex, "name-kept")
    scene.enter()
    hears_the_name(scene)
    scene.choose()
    scene.talk()
    scene.sam.hangup()
    scene.begins(scene.alex, "called-hung-up")
    scene.alex.hangup()
    record = scene.record()
    assert (record.cause, record.charged_cents) == ("called_hung_up", paid(scene))

    scene.dial(language=language)
    hears_the_name(scene)
    scene.sam.hangup()
    assert scene.record().cause == "called_hung_up"
    assert "name-record" not in scene.played()

    shown = scene.order("person", "name", "show", scene.person, *BY_STAFF)
    assert Path(shown.strip()).is_file()
    scene.order("person", "name", "reset", scene.person, *BY_STAFF)
    scene.alex.hangup()
    scene.lift(language)
    scene.identify()
    scene.begins(scene.alex, "name-record")
    scene.alex.hangup()
    assert scene.record().cause == "caller_hung_up"
    assert Path(shown.strip()).is_file(), "what was said is evidence"


@both_languages
def test_of_one_who_says_nothing_the_written_name_is_said(cast: Cast, language: str) -> None:
    scene = cast(facility="named")
    scene.lift(language)
    scene.identify()
    for _ in range(3):
        scene.hears_next(scene.alex, "name-record")
        scene.hears_next(scene.alex, "name-not-heard")
    scene.enter()
    scene.answer()
    scene.hears(scene.sam, name_clip(PERSON_NAME))
    scene.sam.hangup()
    scene.hears(scene.alex, "outcome-declined")
    scene.alex.hangup()
    assert scene.record().cause == "called_hung_up"
    assert scene.nothing_charged()
    assert not list((scene.sounds / "names").glob(f"{scene.person}-*"))


def hears_the_name(scene: Scene) -> None:
    """Sam answers, and hears that recording and not the written name."""
    scene.answer()
    scene.hears(scene.sam, f"en/{SPOKEN}")
    scene.begins(scene.sam, "called-recorded")
    assert scene.sam.not_heard(scene.clip(name_clip(PERSON_NAME)))


def paid(scene: Scene) -> int:
    """What is gone from Sam's account, in cents."""
    return 2500 - scene.balance().balance_cents
