"""A piece of known audio to listen for: 8 kHz, 16-bit, mono."""

from __future__ import annotations

import math
import wave
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.int16]
Signal = NDArray[np.floating]

RATE = 8000
WINDOW = RATE * 400 // 1000
TAIL = RATE * 100 // 1000
# Below this level (16-bit units, RMS) a line is silent: mu-law's own noise stays under it.
SILENCE_RMS = 30.0
# What is this much weaker than the loudest window is a pause: its shape says nothing.
PAUSE_RATIO = 0.1
BEGINNINGS_MS = (500, 900, 1600)


@dataclass(frozen=True)
class Window:
    """A stretch of a clip, scaled to unit energy, and where in the clip it begins."""

    offset: int
    shape: Signal
    strength: float


@dataclass(frozen=True, eq=False)
class Clip:
    """Known audio. Two clips are the same only when they are the same object."""

    name: str
    samples: Sound = field(repr=False)

    @classmethod
    def load(cls, path: Path, name: str = "") -> Clip:
        """Read a WAV file; ``name`` defaults to the file's. ValueError unless 8 kHz 16-bit mono."""
        with wave.open(str(path), "rb") as source:
            shape = (source.getframerate(), source.getsampwidth(), source.getnchannels())
            if shape != (RATE, 2, 1):
                raise ValueError(f"{path}: not 8 kHz, 16 bit, mono")
            frames = source.readframes(source.getnframes())
        return cls(name or path.stem, np.frombuffer(frames, np.int16))

    def first(self, ms: int) -> Clip:
        """The first ``ms`` of speech, lead-in not counted: what a barge-in may leave of a clip."""
        start = self.voiced[0]
        return Clip(f"{self.name}[:{ms}]", self.samples[: start + ms * RATE // 1000])

    @cached_property
    def beginnings(self) -> tuple[Clip, ...]:
        """Its first pieces, longer and longer, or the whole where it is shorter than all."""
        return tuple(self.first(ms) for ms in BEGINNINGS_MS if ms < self.length_ms) or (self,)

    @property
    def length_ms(self) -> int:
        """How long it is, in ms."""
        return len(self.samples) * 1000 // RATE

    @cached_property
    def voiced(self) -> tuple[int, int]:
        """First and last sample of what is no silence. ValueError when all is."""
        loud = np.flatnonzero(np.abs(self.samples.astype(np.int32)) > SILENCE_RMS * 3)
        if not len(loud):
            raise ValueError(f"{self.name}: nothing but silence")
        return int(loud[0]), int(loud[-1]) + 1

    @cached_property
    def tail(self) -> Window:
        """The end of the speech: all that tells "minutos" from "minuto"."""
        start, end = self.voiced
        size = min(TAIL, end - start)
        return _window(self.samples, end - size, size)

    @cached_property
    def windows(self) -> tuple[Window, ...]:
        """The stretches that have to be heard, pauses left out."""
        start, end = self.voiced
        size = (end - start) // math.ceil((end - start) / WINDOW)
        offsets = range(start, end - size + 1, size)
        every = [_window(self.samples, offset, size) for offset in offsets]
        loudest = max(window.strength for window in every)
        return tuple(one for one in every if one.strength >= loudest * PAUSE_RATIO)


def _window(samples: Sound, offset: int, size: int) -> Window:
    piece = samples[offset : offset + size].astype(np.float32)
    piece -= piece.mean()
    strength = float(np.linalg.norm(piece))
    return Window(offset, piece / max(strength, 1.0), strength)
