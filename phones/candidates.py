"""Where in a recording a clip may begin, going by its strongest windows."""

from __future__ import annotations

import numpy as np

from phones.clip import Clip, Signal, Window
from phones.fit import DRIFT, FOUND
from phones.recording import Pattern, Recording

ANCHORS = 3


class Candidates:
    """Follows a recording that grows: each window is correlated with each offset once."""

    def __init__(self, heard: Recording, clip: Clip, begin: int) -> None:
        self._heard = heard
        self._length = clip.voiced[1]
        self._anchors = _anchors(clip)
        self._pattern = Pattern(self._anchors)
        self._peaks = [_Peaks() for _ in self._anchors]
        self._next = begin

    def starts(self) -> list[int]:
        """Where the clip may have begun, if it has ended by now."""
        self._correlate()
        starts = {
            place - anchor.offset
            for anchor, peaks in zip(self._anchors, self._peaks, strict=True)
            for place in peaks.places
        }
        merged: list[int] = []
        for start in sorted(one for one in starts if one + self._length <= len(self._heard)):
            if not merged or start - merged[-1] > DRIFT:
                merged.append(start)
        return merged

    def _correlate(self) -> None:
        for low, fits in self._heard.correlate(self._pattern, self._next, FOUND):
            if fits.max() >= FOUND:
                for peaks, fit in zip(self._peaks, fits, strict=True):
                    peaks.add(low, fit)
        self._next = max(self._next, len(self._heard) - self._pattern.size + 1)


def best_starts(heard: Recording, clip: Clip) -> list[int]:
    """Where each of the strongest windows fits best, however badly that is."""
    anchors = _anchors(clip)
    tops = [(-1.0, 0)] * len(anchors)
    for low, fits in heard.correlate(Pattern(anchors), 0, 0.0):
        places = fits.argmax(axis=1)
        news = [(float(fit[at]), low + int(at)) for fit, at in zip(fits, places, strict=True)]
        tops = [max(pair) for pair in zip(tops, news, strict=True)]
    return [place - anchor.offset for anchor, (_, place) in zip(anchors, tops, strict=True)]


def _anchors(clip: Clip) -> list[Window]:
    return sorted(clip.windows, key=lambda window: window.strength, reverse=True)[:ANCHORS]


class _Peaks:
    """The highest offset of each group of offsets that fit, as they come in."""

    def __init__(self) -> None:
        self.places: list[int] = []
        self._height = 0.0
        self._last = 0

    def add(self, low: int, fit: Signal) -> None:
        good = np.flatnonzero(fit >= FOUND)
        if len(good):
            for group in np.split(good, np.flatnonzero(np.diff(good) > DRIFT) + 1):
                place = int(group[fit[group].argmax()])
                self._take(low + int(group[0]), low + place, float(fit[place]))
                self._last = low + int(group[-1])

    def _take(self, first: int, place: int, height: float) -> None:
        if not self.places or first - self._last > DRIFT:
            self.places.append(place)
            self._height = height
        elif height > self._height:
            self.places[-1] = place
            self._height = height
