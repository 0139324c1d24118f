"""Finds known audio in what a phone heard.

A clip is cut into windows of 400 ms. Each is looked for by normalised cross-correlation, which
neither gain nor mu-law touches; a clip counts as heard when most of its windows are found, each
near its place, and its very end too: one minute is not several. Near, because a jitter buffer
inserts and drops frames: a correlation of the whole clip falls apart where its windows don't.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from phones.candidates import Candidates, best_starts
from phones.clip import RATE, Clip, Sound
from phones.fit import DRIFT, fit, is_heard
from phones.recording import Recording


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
        self._heard = Recording()
        self._searches: dict[Clip, _Search] = {}

    def listen(self, pcm: bytes) -> None:
        """Take in more audio: 8 kHz, 16 bit, mono."""
        self._heard.add(np.frombuffer(pcm, np.int16))

    def find(self, clip: Clip, since: float = -math.inf) -> list[Match]:
        """Every place, from sample ``since`` on, where ``clip`` was heard whole, in order. It may
        have begun a little before all that was heard."""
        search = self._searches.get(clip)
        if search is None or since < search.since:
            search = self._searches[clip] = _Search(self._heard, clip, since)
        return [match for match in search.matches() if match.start >= since]

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
    return _ear(heard).find(clip)


def transcript(heard: Sound, clips: Iterable[Clip]) -> list[tuple[int, str]]:
    """When (ms) which of ``clips`` was heard."""
    told = _ear(heard).transcript(clips)
    return [(match.start * 1000 // RATE, match.clip.name) for match in told]


def best(heard: Sound, clip: Clip) -> float:
    """The score of the best fit anywhere, found or not: to see how near a miss was."""
    recording = Recording()
    recording.add(heard)
    return max(fit(recording, clip, start).score for start in best_starts(recording, clip))


def _ear(heard: Sound) -> Ear:
    ear = Ear()
    ear.listen(heard.tobytes())
    return ear


class _Search:
    """One clip looked for in a recording that grows. What it finds depends on what was heard
    only, not on when it was asked."""

    def __init__(self, heard: Recording, clip: Clip, since: float) -> None:
        self.since = since
        self._heard = heard
        self._clip = clip
        # What began earlier and reaches into it may be the better match.
        begin = int(max(0, since - len(clip.samples) - DRIFT))
        self._candidates = Candidates(heard, clip, begin)
        self._settled: dict[int, Match | None] = {}
        self._known: tuple[int, list[Match]] = 0, []

    def matches(self) -> list[Match]:
        if self._known[0] < len(self._heard):
            judged = [self._judge(start) for start in self._candidates.starts()]
            matches = _apart([match for match in judged if match])
            self._known = len(self._heard), matches
        return self._known[1]

    def _judge(self, start: int) -> Match | None:
        if start in self._settled:
            return self._settled[start]
        found = fit(self._heard, self._clip, start)
        first = start + found.drift
        match = Match(self._clip, first, first + len(self._clip.samples), found.score)
        heard = match if is_heard(self._heard, self._clip, start, found) else None
        if found.reach <= len(self._heard):  # more audio changes nothing
            self._settled[start] = heard
        return heard


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
