"""How well a clip fits what was heard at one place, and whether that counts as heard."""

from __future__ import annotations

from dataclasses import dataclass

from phones.clip import RATE, Clip, Signal, Window
from phones.recording import Recording

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


@dataclass(frozen=True)
class Fit:
    """Mean correlation (0 to 1), share of windows found, how far off its place the first of them
    lies, and how far into the recording this looked (samples)."""

    score: float
    share: float
    drift: int
    reach: int


def fit(heard: Recording, clip: Clip, start: int) -> Fit:
    """How well ``clip`` fits if it begins at ``start``."""
    scores: list[float] = []
    drifts: list[int] = []
    for window in clip.windows:
        # Lost frames add up: each window is looked for from where the last one was found.
        low, around = _nearby(heard, window, start + (drifts[-1] if drifts else 0))
        place = int(around.argmax()) if len(around) else 0
        scores.append(float(around[place]) if len(around) else 0.0)
        if scores[-1] >= FOUND:
            drifts.append(low + place - start - window.offset)
    first, furthest = (drifts[0], max(0, *drifts)) if drifts else (0, 0)
    reach = start + furthest + clip.voiced[1] + DRIFT
    return Fit(sum(scores) / len(scores), len(drifts) / len(scores), first, reach)


def is_heard(heard: Recording, clip: Clip, start: int, found: Fit) -> bool:
    """Whether this fit of ``clip`` at ``start`` means that it was said, whole."""
    long = len(clip.windows) >= LONG_WINDOWS
    fits = found.share >= SHARE and found.score >= (LONG_SCORE if long else SCORE)
    return fits and (long or _ends_right(heard, clip, start))


def _ends_right(heard: Recording, clip: Clip, start: int) -> bool:
    _, around = _nearby(heard, clip.tail, start)
    return bool(around.max(initial=0.0) >= TAIL_FOUND)


def _nearby(heard: Recording, window: Window, start: int) -> tuple[int, Signal]:
    """Correlations within the drift of a window's place, and the offset of the first of them."""
    low = max(0, start + window.offset - DRIFT)
    return low, heard.nearby(window, low, start + window.offset + len(window.shape) + DRIFT)
