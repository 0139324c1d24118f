"""Made-up speech for the ear's tests: no two alike, with pitch, syllables and pauses."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

from phones.clip import RATE, Clip, Signal, Sound


def babble(seed: int, ms: int) -> Sound:
    """Speech-like sound: a gliding voice through changing formants, in syllables."""
    random = np.random.default_rng(seed)
    size = ms * RATE // 1000
    pitch = 110 * 2 ** (_wander(random, size) / 3)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    voice: Signal = np.zeros(size)
    for harmonic in range(1, 24):
        voice += np.sin(harmonic * phase) * np.exp(_wander(random, size)) / harmonic
    voice += random.normal(0, 0.3, size) * np.clip(_wander(random, size), 0, 2)
    syllables = np.clip(_wander(random, size) + 0.7, 0, 1.5)
    shaped = voice * syllables
    return np.asarray(shaped / np.abs(shaped).max() * 16000, np.int16)


def through_mulaw(sound: Signal) -> Sound:
    """What mu-law (G.711) leaves of a sound."""
    level = np.clip(sound / 32768, -1, 1)
    code = np.round(np.sign(level) * np.log1p(255 * np.abs(level)) / np.log(256) * 127) / 127
    return np.asarray(np.sign(code) * (256 ** np.abs(code) - 1) / 255 * 32767, np.int16)


def write_wav(path: Path, sound: Sound) -> Path:
    """Write a sound as 8 kHz, 16-bit, mono."""
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, RATE, 0, "NONE", ""))
        out.writeframes(sound.tobytes())
    return path


def clip(seed: int, ms: int) -> Clip:
    """Made-up speech as a clip."""
    return Clip(f"babble-{seed}", babble(seed, ms))


def _wander(random: np.random.Generator, size: int) -> Signal:
    # A new aim about every 90 ms: the pace of speech.
    aims = random.normal(0, 1, size // (RATE * 9 // 100) + 2)
    return np.interp(np.arange(size), np.linspace(0, size, len(aims)), aims)
