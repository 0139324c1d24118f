"""A recording's correlations are those of the textbook, wherever they begin and however it grew."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from phones.clip import SILENCE_RMS, Clip, Signal, Window
from phones.recording import STEP, Pattern, Recording
from tests.phones.sounds import babble, clip

SOUND = np.concatenate((babble(50, 1500), np.zeros(3 * STEP, np.int16), babble(51, 2500)))
CLIPS = (clip(52, 300), clip(53, 2000), Clip("said", SOUND[500:9000]))


def textbook(window: Window) -> Signal:
    """Normalised correlation as it is defined; silence counts as its least loudness."""
    size, sound = len(window.shape), SOUND.astype(np.float64)
    energy = np.convolve(np.square(sound), np.ones(size), "valid")
    product = np.correlate(sound, window.shape.astype(np.float64), "valid")
    return np.asarray(product / np.sqrt(np.maximum(energy, SILENCE_RMS**2 * size)))


TEXTBOOK = {one: [textbook(window) for window in one.windows[:2]] for one in CLIPS}


def grown(pieces: Sequence[int], windows: Pattern) -> Recording:
    """The sound, added in pieces and looked at after each."""
    recording, begin = Recording(), 0
    for size in (*pieces, len(SOUND)):
        recording.add(SOUND[begin : begin + size])
        begin += size
        assert all(fits.size for _, fits in recording.correlate(windows, 0, 0.0))
    assert len(recording) == len(SOUND)
    return recording


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.integers(1, 9000), max_size=5),
    st.integers(0, len(SOUND)),
    st.sampled_from(CLIPS),
)
def test_every_offset_is_correlated(pieces: list[int], begin: int, wanted: Clip) -> None:
    pattern, whole = Pattern(wanted.windows[:2]), np.stack(TEXTBOOK[wanted])
    at = begin
    for low, fits in grown(pieces, pattern).correlate(pattern, begin, 0.0):
        assert low == at
        assert_allclose(fits, whole[:, low : low + fits.shape[1]], atol=1e-3)
        at += fits.shape[1]
    assert at == max(begin, whole.shape[1])


def test_only_what_is_too_quiet_is_left_out() -> None:
    pattern = Pattern(CLIPS[1].windows[:1])
    whole = TEXTBOOK[CLIPS[1]][0]
    rest = np.ones(len(whole), np.bool_)
    for low, fits in grown([], pattern).correlate(pattern, 0, 0.5):
        rest[low : low + fits.shape[1]] = False
    assert rest.sum() >= STEP
    assert np.abs(whole[rest]).max() < 0.5


@settings(max_examples=20, deadline=None)
@given(st.integers(0, len(SOUND)), st.integers(-9000, 9000), st.sampled_from(CLIPS))
def test_nearby_is_the_same_in_a_stretch(begin: int, size: int, wanted: Clip) -> None:
    window = wanted.windows[0]
    fit = grown([], Pattern([window])).nearby(window, begin, begin + size)
    places = min(begin + size, len(SOUND)) - begin - len(window.shape) + 1
    assert len(fit) == max(0, places)
    assert_allclose(fit, TEXTBOOK[wanted][0][begin : begin + len(fit)], atol=1e-3)
