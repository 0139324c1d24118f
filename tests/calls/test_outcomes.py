"""A number that can't be talked to: told for what it is, never charged, its cause on the CDR."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from ivr_prompts.saying import name_clip
from phones.clip import RATE, Sound
from tests.calls.scene import Scene
from tests.calls.studio import HELLO
from tests.calls.test_called_party import not_joined
from tests.phones.sounds import babble, write_wav

CODES = [
    (486, "busy", "outcome-busy", "es"),
    (480, "no_answer", "outcome-no-answer", "en"),
    (404, "invalid_number", "outcome-invalid-number", "es"),
    (484, "invalid_number", "outcome-invalid-number", "en"),
    (503, "congestion", "outcome-congestion", "es"),
    (500, "congestion", "outcome-congestion", "en"),
    (603, "declined", "outcome-declined", "es"),
    (502, "unreachable", "outcome-unreachable", "en"),
]


@pytest.mark.parametrize(("code", "cause", "told", "language"), CODES)
def test_the_network_says_why(
    scene: Scene, code: int, cause: str, told: str, language: str
) -> None:
    scene.dial(language=language)
    scene.sam.wait_incoming()
    scene.sam.answer(code)
    scene.hears(scene.alex, told)
    scene.begins(scene.alex, "next-call-other" if cause == "invalid_number" else "next-call")
    not_joined(scene, cause)


@pytest.mark.parametrize(
    ("code", "cause", "told"),
    [
        (503, "carrier_announcement", "outcome-carrier-announcement"),
        (404, "invalid_number", "outcome-invalid-number"),
    ],
)
def test_a_carriers_announcement_reaches_nobody(
    scene: Scene, code: int, cause: str, told: str
) -> None:
    scene.dial(language="es" if code == 503 else "en")
    scene.sam.wait_incoming()
    scene.sam.play(scene.sounds / "en" / f"{name_clip(HELLO)}.wav")
    scene.sam.answer(183)
    # Nothing can be awaited here: it is what nobody hears.
    time.sleep(3)
    scene.sam.answer(code)
    scene.hears(scene.alex, told)
    assert scene.alex.not_heard(scene.clip(name_clip(HELLO)).first(1000))
    not_joined(scene, cause)


def tone(hertz: float, ms: int) -> Sound:
    """A pure tone."""
    at = np.arange(ms * RATE // 1000) / RATE
    return np.asarray(6000 * np.sin(2 * np.pi * hertz * at), np.int16)


def quiet(ms: int) -> Sound:
    """Silence."""
    return np.zeros(ms * RATE // 1000, np.int16)


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_fax(scene: Scene, tmp_path: Path, language: str) -> None:
    answer = np.concatenate((quiet(300), tone(2100, 3000), quiet(500)))
    scene.sam.play(write_wav(tmp_path / "fax.wav", answer))
    scene.dial(language=language)
    scene.answer()
    answered = scene.sam.wait_connected()
    assert (scene.sam.wait_disconnected(15).at - answered).total_seconds() < 6
    scene.hears(scene.alex, "outcome-fax")
    not_joined(scene, "fax")


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_voicemail(scene: Scene, tmp_path: Path, language: str) -> None:
    greeting = np.concatenate((quiet(300), babble(70, 6000), tone(1400, 500), quiet(1000)))
    scene.sam.play(write_wav(tmp_path / "voicemail.wav", greeting))
    scene.dial(language=language)
    scene.answer()
    answered = scene.sam.wait_connected()
    scene.hears(scene.sam, "called-no-key", timeout=60)
    assert (scene.sam.wait_disconnected(15).at - answered).total_seconds() < 50
    scene.hears(scene.alex, "outcome-voicemail")
    not_joined(scene, "voicemail")
