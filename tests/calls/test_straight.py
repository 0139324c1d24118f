"""The straight way through the house: called, accepted, talked, hung up, charged."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import wave
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from ivr_prompts.saying import name_clip
from parloir.sample import FACILITY
from phones.clip import Clip
from phones.ear import Ear
from rating.engine import charge
from rating.terms import Quote
from tests.calls.conftest import Cast
from tests.calls.scene import Scene
from tests.calls.studio import HELLO, PERSON_NAME, REPLY


@pytest.mark.parametrize("town", ["postgres", "sqlite"], indirect=True)
def test_accepted_and_hung_up_by_the_called_party(scene: Scene) -> None:
    scene.lift()
    scene.identify()
    scene.hears(scene.alex, "calls-are-recorded")
    scene.enter()
    scene.answer()
    for clip in ("called-intro-1", name_clip("Parloir"), "called-intro-2", name_clip(PERSON_NAME)):
        scene.begins(scene.sam, clip)
    scene.begins(scene.sam, name_clip(FACILITY.name))
    scene.hears(scene.sam, "called-recorded")
    scene.choose()
    scene.talk()
    over = scene.sam.hangup()
    told = scene.alex.wait_heard(scene.clip("called-hung-up"))
    assert (told.at - over.at).total_seconds() < 1
    scene.alex.hangup()

    record = scene.sealed()
    assert record.cause == "called_hung_up"
    assert list(record.states) == [
        *("offhook", "identified", "authorized", "ringing", "answered", "greeted", "accepted"),
        *("talking", "ended"),
    ]
    assert record.billed_seconds == record.talk_ms // 1000 > 0
    priced = charge(Quote.from_json(record.quote), record.billed_seconds)
    assert record.charged_cents == priced.total_cents
    assert scene.balance().balance_cents == 2500 - record.charged_cents
    assert scene.balance().held_cents == 0
    assert scene.pressed() == [f"{scene.person}", "****", scene.number, "1", "1"]


def test_the_recording_has_each_side_on_its_own_channel(scene: Scene) -> None:
    scene.dial()
    scene.answer()
    scene.choose()
    scene.talk()
    scene.alex.hangup()
    scene.sam.wait_disconnected()

    record = scene.sealed()
    assert record.cause == "caller_hung_up"
    path = Path(record.recording_path)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == record.recording_sha256
    assert abs(record.recording_ms - record.talk_ms) < 500
    with wave.open(str(path)) as audio:
        sides = np.frombuffer(audio.readframes(audio.getnframes()), np.int16).reshape(-1, 2)
    hello, reply = scene.clip(name_clip(HELLO)), scene.clip(name_clip(REPLY))
    assert _found(sides[:, 0], reply)
    assert not _found(sides[:, 0], hello)
    assert _found(sides[:, 1], hello)
    assert not _found(sides[:, 1], reply)


def test_speech_starts_within_a_second_of_the_answer(scene: Scene) -> None:
    scene.lift()
    first = scene.alex.wait_begun(scene.clip("enter-id"))
    assert (first.at - scene.alex.wait_connected()).total_seconds() < 1
    scene.identify()
    scene.enter()
    scene.answer()
    first = scene.sam.wait_begun(scene.clip("called-intro-1"))
    assert (first.at - scene.sam.wait_connected()).total_seconds() < 1
    scene.sam.hangup()


def test_the_second_accept_key_accepts_too(scene: Scene) -> None:
    scene.dial()
    scene.answer()
    scene.choose("5")
    scene.talk()
    scene.sam.hangup()
    assert scene.record().cause == "called_hung_up"


def test_the_price_is_said_as_it_is_charged(scene: Scene) -> None:
    scene.dial()
    scene.answer()
    scene.choose("2")
    # Eleven cents a minute: the federal cap of a jail of 212; fifteen minutes at most.
    for clip in ("called-price-1", "number-11", "unit-cent-many", "called-price-2", "number-15"):
        scene.begins(scene.sam, clip)
    scene.key_at(scene.sam, "called-menu-two-keys-1", "1")
    scene.talk()
    scene.sam.hangup()
    terms = Quote.from_json(scene.record().quote)
    assert (terms.base_e4, terms.additive_e4) == (1100, 0)


def _found(samples: np.ndarray, clip: Clip) -> bool:
    ear = Ear()
    ear.listen(samples.tobytes())
    return bool(ear.find(clip))


def test_the_price_said_the_price_quoted_and_the_price_charged_are_one(cast: Cast) -> None:
    scene = cast(facility="county")
    scene.dial()
    scene.answer()
    scene.choose("2")
    # Nine and a half cents: eight by the contract, one and a half for the facility's own costs.
    for clip in ("called-price-1", "number-9", "word-point", "number-5", "called-price-2"):
        scene.begins(scene.sam, clip)
    scene.key_at(scene.sam, "called-menu-two-keys-1", "1")
    scene.talk()
    scene.sam.hangup()
    record = scene.record()
    quoted = quote(
        *("--facility", "county", "--to", f"1{scene.number}", "--json"),
        *("--at", record.states["accepted"], "--seconds", str(record.billed_seconds)),
        settings=scene.stack.settings_file,
    )
    assert Decimal(quoted["total"]) * 100 == record.charged_cents
    assert [Decimal(quoted[line]) * 100 for line, _ in record.lines] == [c for _, c in record.lines]
    assert (quoted["base_per_minute"], quoted["additive_per_minute"]) == ("0.08", "0.015")
    assert quoted["deck"] == record.deck_version != ""


def quote(*words: str, settings: Path) -> dict[str, str]:
    """What ``parloir rate quote`` says."""
    command = [sys.executable, "-m", "parloir", "--settings", str(settings), "rate", "quote"]
    said = subprocess.run([*command, *words], capture_output=True, text=True, check=True)
    found: dict[str, str] = json.loads(said.stdout)
    return found
