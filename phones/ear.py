"""Finds known audio in what a phone heard.

A clip is cut into windows of 400 ms. Each is looked for by normalised cross-correlation, which
neither gain nor mu-law touches; a clip counts as heard when most of its windows are found, each
near its place, and its very end too: one minute is not several. Near, because a jitter buffer
inserts and drops frames: a correlation of the whole clip falls apart where its windows don't.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from phones.clip import RATE, SILENCE_RMS, Clip, Signal, Sound, Window

# How far a window may lie from its place: eight frames inserted or dropped since the last one,
# which happens on a machine that is busy with many calls.
DRIFT = RATE * 160 // 1000
# A window is found at this correlation; a clip at this mean and this share of its windows. Other
# words in the same synthetic voice reach 0.6 with single words, 0.5 with sentences.
FOUND = 0.6
SHARE = 0.75
SCORE = 0.72
# A long clip can't be mistaken so easily, and has more frames to lose on a busy machine.
LONG_WINDOWS = 5
LONG_SCORE = 0.65
# The last 100 ms must be there too: over a real line true ends gave 0.9, words that end otherwise
# 0.15. A frame dropped just there leaves half.
TAIL_FOUND = 0.4
ANCHORS = 3
BLOCK = 16384


@dataclass(frozen=True)
class Match:
    """Where a clip lies in what was heard (samples) and how well it fits (0 to 1)."""

    clip: Clip
    start: int
    end: int
    score: float


class Ear:
    """What one phone has heard so far; remembers what it has looked for and how far."""

    def __init__(self) -> None:
        self._pcm = bytearray()
        self._known: dict[Clip, tuple[int, list[Match]]] = {}

    def listen(self, pcm: bytes) -> None:
        """Take in more audio: 8 kHz, 16 bit, mono."""
        self._pcm += pcm

    @property
    def heard(self) -> Sound:
        """Everything so far."""
        return np.frombuffer(bytes(self._pcm), np.int16)

    def find(self, clip: Clip) -> list[Match]:
        """Every place where ``clip`` was heard whole, in order. Looks at new audio only."""
        seen, matches = self._known.get(clip, (0, []))
        total = len(self._pcm) // 2
        if total > seen:
            begin = max(0, seen - len(clip.samples) - 2 * DRIFT)
            fresh = np.frombuffer(bytes(memoryview(self._pcm)[begin * 2 : total * 2]), np.int16)
            matches = _apart([*matches, *_find(fresh, clip, begin)])
            self._known[clip] = total, matches
        return matches

    def transcript(self, clips: Iterable[Clip]) -> list[Match]:
        """Which of ``clips`` was heard when; where several fit, the one that explains most."""
        every = [match for clip in clips for match in self.find(clip)]
        kept: list[Match] = []
        for one in sorted(every, key=lambda match: match.score * _voice(match.clip), reverse=True):
            if all(_overlap(one, other) < 0.5 for other in kept):
                kept.append(one)
        return sorted(kept, key=lambda match: match.start)


def find(heard: Sound, clip: Clip) -> list[Match]:
    """Every place in ``heard`` where ``clip`` lies whole, in order."""
    return _apart(_find(heard, clip, 0))


def transcript(heard: Sound, clips: Iterable[Clip]) -> list[tuple[int, str]]:
    """When (ms) which of ``clips`` was heard."""
    ear = Ear()
    ear.listen(heard.tobytes())
    return [(match.start * 1000 // RATE, match.clip.name) for match in ear.transcript(clips)]


def best(heard: Sound, clip: Clip) -> float:
    """The score of the best fit anywhere, found or not: to see how near a miss was."""
    starts = _candidates(heard, clip, threshold=0.0)
    return max((_fit(heard, clip, start)[0] for start in starts), default=0.0)


def _find(heard: Sound, clip: Clip, begin: int) -> list[Match]:
    matches = []
    for start in _candidates(heard, clip, FOUND):
        score, share, drift = _fit(heard, clip, start)
        if share >= SHARE and _fits(clip, score) and _ends_right(heard, clip, start):
            first = begin + start + drift
            matches.append(Match(clip, first, first + len(clip.samples), score))
    return matches


def _fits(clip: Clip, score: float) -> bool:
    return score >= (LONG_SCORE if len(clip.windows) >= LONG_WINDOWS else SCORE)


def _candidates(heard: Sound, clip: Clip, threshold: float) -> list[int]:
    """Where the clip may begin, going by its strongest windows."""
    anchors = sorted(clip.windows, key=lambda window: window.strength, reverse=True)[:ANCHORS]
    starts = {
        peak - anchor.offset
        for anchor, fit in zip(anchors, _correlate(heard, anchors), strict=True)
        for peak in _peaks(fit, threshold)
    }
    last = len(heard) - clip.voiced[1]
    merged: list[int] = []
    for start in sorted(start for start in starts if start <= last):
        if not merged or start - merged[-1] > DRIFT:
            merged.append(start)
    return merged


def _fit(heard: Sound, clip: Clip, start: int) -> tuple[float, float, int]:
    """Mean correlation, share of windows found, and how far off its place the first one lies."""
    scores: list[float] = []
    drifts: list[int] = []
    for window in clip.windows:
        # Lost frames add up: each window is looked for from where the last one was found.
        expected = start + (drifts[-1] if drifts else 0)
        low, fit = _nearby(heard, window, expected)
        place = int(fit.argmax()) if len(fit) else 0
        scores.append(float(fit[place]) if len(fit) else 0.0)
        if scores[-1] >= FOUND:
            drifts.append(low + place - start - window.offset)
    first = drifts[0] if drifts else 0
    return sum(scores) / len(scores), len(drifts) / len(scores), first


def _ends_right(heard: Sound, clip: Clip, start: int) -> bool:
    if len(clip.windows) >= LONG_WINDOWS:
        return True
    _, fit = _nearby(heard, clip.tail, start)
    return bool(fit.max(initial=0.0) >= TAIL_FOUND)


def _nearby(heard: Sound, window: Window, start: int) -> tuple[int, Signal]:
    """Correlations within the drift of a window's place, and the offset of the first of them."""
    low = max(0, start + window.offset - DRIFT)
    (fit,) = _correlate(heard[low : start + window.offset + len(window.shape) + DRIFT], [window])
    return low, fit


def _correlate(heard: Sound, windows: list[Window]) -> list[Signal]:
    """For each window (all of one size) its correlation with ``heard`` at every offset."""
    size = len(windows[0].shape)
    places = len(heard) - size + 1
    if places <= 0:
        return [np.zeros(0, np.float32)] * len(windows)
    # In overlapping blocks: a third of the time of one transform over everything.
    points = min(BLOCK, 1 << (len(heard) - 1).bit_length())
    step = points - size + 1
    padded = np.zeros(-(-places // step) * step + size - 1, np.float32)
    padded[: len(heard)] = heard
    spectra = np.fft.rfft(sliding_window_view(padded, points)[::step])
    strength = _strengths(heard, size)
    shapes = [np.conj(np.fft.rfft(window.shape, points)) for window in windows]
    products = (np.fft.irfft(spectra * shape, points)[:, :step] for shape in shapes)
    return [product.ravel()[:places] / strength for product in products]


def _strengths(heard: Sound, size: int) -> Signal:
    energy = np.concatenate(([0.0], np.cumsum(np.square(heard, dtype=np.float64))))
    floor = SILENCE_RMS**2 * size
    strengths: Signal = np.sqrt(np.maximum(energy[size:] - energy[:-size], floor))
    return strengths.astype(np.float32)


def _peaks(fit: Signal, threshold: float) -> list[int]:
    """The highest offset of each group of offsets that fit; with 0 as threshold the one best."""
    if not threshold:
        return [int(fit.argmax())] if len(fit) else []
    good = np.flatnonzero(fit >= threshold)
    groups = np.split(good, np.flatnonzero(np.diff(good) > DRIFT) + 1)
    return [int(group[fit[group].argmax()]) for group in groups if len(group)]


def _apart(matches: list[Match]) -> list[Match]:
    """The best of each set of overlapping matches of one clip, in order."""
    kept: list[Match] = []
    for one in sorted(matches, key=lambda match: match.score, reverse=True):
        if all(_overlap(one, other) < 0.5 for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda match: match.start)


def _voice(clip: Clip) -> int:
    return clip.voiced[1] - clip.voiced[0]


def _overlap(one: Match, other: Match) -> float:
    """The shared part, as a share of the shorter of the two."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared / min(one.end - one.start, other.end - other.start)
