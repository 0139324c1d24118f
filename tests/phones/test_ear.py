"""The ear finds a clip wherever it was said, and nothing that was not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phones import ear
from phones.clip import RATE, Clip, Signal, Sound
from phones.ear import Ear, Match
from phones.recording import Recording
from tests.phones.sounds import babble, clip, through_mulaw, write_wav

CLIPS = [clip(seed, ms) for seed, ms in enumerate((300, 500, 900, 1500, 3000))]
OTHER = babble(1000, 9000)
MS = RATE // 1000

SPOKEN = np.concatenate([CLIPS[number].samples for number in (3, 0, 4, 0, 3, 1)])

offsets = st.integers(0, 5000)
gains = st.floats(0.3, 1.0)


def line(
    said: Sound, offset: int, gain: float, *, noise: float = 60.0, around: Sound = OTHER
) -> Sound:
    """What a phone hears: other speech, ``said`` at ``offset`` ms, other speech again."""
    at = offset * MS
    whole = np.concatenate((around[:at], said, around[at:])).astype(np.float64) * gain
    return through_mulaw(whole + np.random.default_rng(offset).normal(0, noise, len(whole)))


def conversation(offset: int, gain: float) -> Sound:
    """Several clips, some of them twice, from ``offset`` ms on."""
    return line(SPOKEN, offset, gain)


def assert_same(some: list[Match], others: list[Match]) -> None:
    """The same matches, but for what rounding does."""
    assert len(some) == len(others)
    for one, other in zip(some, others, strict=True):
        assert abs(one.start - other.start) <= 1
        assert one.score == pytest.approx(other.score, abs=1e-3)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(CLIPS), offsets, gains, st.booleans())
def test_a_clip_is_found_where_it_is(wanted: Clip, offset: int, gain: float, quiet: bool) -> None:
    around = np.zeros_like(OTHER) if quiet else OTHER
    (match,) = ear.find(line(wanted.samples, offset, gain, around=around), wanted)
    assert abs(match.start - offset * MS) <= 20 * MS
    assert match.score > 0.9


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(CLIPS), st.integers(2000, 3000), gains)
def test_a_clip_that_was_not_said_is_not_found(wanted: Clip, seed: int, gain: float) -> None:
    assert ear.find(line(babble(seed, 4000), 0, gain), wanted) == []


@pytest.mark.parametrize("noise", [0.0, 30.0, 3000.0])
def test_nothing_is_found_in_silence_and_noise(noise: float) -> None:
    heard = line(np.zeros(0, np.int16), 0, 1.0, noise=noise, around=np.zeros(40000, np.int16))
    assert [ear.find(heard, wanted) for wanted in CLIPS] == [[]] * len(CLIPS)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(5, 149), st.booleans()), max_size=3))
def test_frames_dropped_and_inserted_do_not_hide_a_clip(slips: list[tuple[int, bool]]) -> None:
    wanted = CLIPS[4]
    frames = [wanted.samples[at : at + 20 * MS] for at in range(0, len(wanted.samples), 20 * MS)]
    for place, inserted in sorted(slips, reverse=True):
        frames[place : place + 1] = [frames[place]] * 2 if inserted else []
    (match,) = ear.find(line(np.concatenate(frames), 1000, 0.7), wanted)
    assert abs(match.start - 1000 * MS) <= 60 * MS


def test_a_few_lost_frames_do_not_hide_a_clip() -> None:
    said = CLIPS[4].samples.copy()
    for at in range(100, 2900, 400):
        said[at * MS : (at + 20) * MS] = 0
    assert len(ear.find(line(said, 700, 1.0), CLIPS[4])) == 1


def test_a_clip_cut_short_matches_by_its_beginning_only() -> None:
    wanted = CLIPS[4]
    heard = line(wanted.first(1200).samples, 500, 1.0)
    assert ear.find(heard, wanted) == []
    assert len(ear.find(heard, wanted.first(1000))) == 1


@pytest.mark.parametrize("missed", [100, 140])
def test_a_clip_whose_very_beginning_was_missed_is_found(missed: int) -> None:
    heard = line(CLIPS[4].samples[missed * MS :], 0, 1.0)
    (match,) = ear.find(heard, CLIPS[4])
    assert abs(match.start + missed * MS) <= 20 * MS


def test_words_that_differ_in_a_faint_ending_are_told_apart() -> None:
    hiss = np.random.default_rng(5).normal(0, 300, 130 * MS)
    several = Clip("minutes", np.concatenate((CLIPS[1].samples, hiss)).astype(np.int16))
    pause = np.zeros(400 * MS, np.int16)
    said = np.concatenate((CLIPS[1].samples, pause, several.samples, pause))
    told = ear.transcript(line(said, 300, 0.5, around=np.zeros_like(OTHER)), [CLIPS[1], several])
    assert [name for _, name in told] == [CLIPS[1].name, "minutes"]


def test_every_repetition_is_found_in_order() -> None:
    said = np.concatenate((CLIPS[2].samples, np.zeros(4000, np.int16)) * 3)
    starts = [match.start for match in ear.find(line(said, 100, 1.0), CLIPS[2])]
    assert len(starts) == 3
    assert starts == sorted(starts)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 30000), min_size=1, max_size=12), offsets, gains)
def test_listening_in_pieces_hears_the_same_at_every_step(
    pieces: list[int], offset: int, gain: float
) -> None:
    heard, listener = conversation(offset, gain), Ear()
    ends = [0, *np.cumsum(pieces), len(heard)]
    for begin, end in pairwise(ends):
        listener.listen(heard[begin:end].tobytes())
        for wanted in CLIPS:
            assert_same(listener.find(wanted), ear.find(heard[:end], wanted))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 130000), min_size=1, max_size=5), offsets, gains)
def test_what_came_after_a_moment_is_what_was_heard_from_there_on(
    moments: list[int], offset: int, gain: float
) -> None:
    heard, listener = conversation(offset, gain), Ear()
    listener.listen(heard.tobytes())
    for wanted in CLIPS:
        every = ear.find(heard, wanted)
        for since in moments:
            later = [match for match in every if match.start >= since]
            assert_same(listener.find(wanted, since), later)


def test_each_offset_is_correlated_once_however_often_one_looks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard, listener = line(CLIPS[3].samples, 3000, 0.7), Ear()
    seen: list[int] = []
    correlate = Recording.correlate

    def counted(*details: Any) -> Iterator[tuple[int, Signal]]:
        for low, fits in correlate(*details):
            seen.extend(range(low, low + fits.shape[1]))
            yield low, fits

    monkeypatch.setattr(Recording, "correlate", counted)
    for begin in range(0, len(heard), 100 * MS):
        listener.listen(heard[begin : begin + 100 * MS].tobytes())
        listener.find(CLIPS[3])
    assert len(seen) > len(heard) / 2
    assert len(seen) == len(set(seen))


def test_the_transcript_says_what_was_said_in_order() -> None:
    said = np.concatenate([one.samples for one in (CLIPS[3], CLIPS[0], CLIPS[3], CLIPS[1])])
    told = ear.transcript(line(said, 2000, 0.6), CLIPS)
    assert [name for _, name in told] == ["babble-3", "babble-0", "babble-3", "babble-1"]
    assert abs(told[0][0] - 2000) <= 20


def test_a_transcript_prefers_the_clip_that_explains_more() -> None:
    sentence = CLIPS[4]
    beginning = Clip("beginning", sentence.first(700).samples)
    assert [name for _, name in ear.transcript(sentence.samples, [beginning, sentence])] == [
        sentence.name
    ]


def test_half_a_minute_is_searched_quickly() -> None:
    heard = line(CLIPS[4].samples, 0, 1.0, around=babble(7, 27000))
    began = time.process_time()
    ear.find(heard, CLIPS[4])
    assert time.process_time() - began < 0.2  # 0.03 s on an idle core


def test_a_clip_of_another_shape_is_refused(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "clip.wav", CLIPS[0].samples)
    loaded = Clip.load(path)
    assert loaded.name == "clip"
    assert loaded.length_ms == 300
    wrong = tmp_path / "wrong.wav"
    wrong.write_bytes(path.read_bytes().replace(b"\x40\x1f\x00\x00", b"\x80\x3e\x00\x00"))
    with pytest.raises(ValueError, match="8 kHz"):
        Clip.load(wrong)


def test_a_silent_clip_cannot_be_listened_for() -> None:
    with pytest.raises(ValueError, match="silence"):
        ear.find(OTHER, Clip("hush", np.zeros(8000, np.int16)))
