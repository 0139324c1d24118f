"""Sound files as Asterisk wants them: 8 kHz, 16-bit, mono, even in level, speech from the start.

Asterisk refuses any other rate or width. A called party hangs up on dead air, so the silence
before the first sound is cut; clips are joined into sentences, so the one behind is cut too and
a short, even gap put in its place.
"""

from __future__ import annotations

import math
import subprocess
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from ivr_prompts.voices import BuildError, need_program

Samples: TypeAlias = np.ndarray[tuple[int], np.dtype[np.int16]]

RATE = 8000
VERSION = "1"
"""Part of every cache key: raise it when anything here changes how a clip sounds."""

SPEECH_LEVEL_DB = -20.0
HIGHEST_PEAK_DB = -1.5
_SILENT_DB = -50.0
PAUSE_SECONDS = 0.2

_FRAME = RATE // 50
_FULL_SCALE = 32768
_TRIM = ("silence", "1", "0.01", "-50d")
# Sound files are little-endian whatever the machine.
_IN_FILES = np.dtype("<i2")


@dataclass(frozen=True)
class Measure:
    """Of one clip. Levels in dB below full scale; ``speech`` leaves gaps between words out."""

    seconds: float
    lead_seconds: float
    peak_db: float
    speech_db: float


def to_telephone(source: Path, target: Path, gap_seconds: float) -> None:
    """Convert any sound file that sox reads. Raises :class:`BuildError`."""
    # Some room first: a full-scale sound overshoots when its rate is changed.
    trim_both = ("gain", "-3", "rate", str(RATE), *_TRIM, "reverse", *_TRIM, "reverse")
    edges = ("pad", "0.01", str(gap_seconds))
    form = ("-r", str(RATE), "-b", "16", "-c", "1", "-e", "signed-integer", "-t", "wav")
    command = [need_program("sox", "sox"), "-V1", "-D", str(source), *form, str(target)]
    run = subprocess.run([*command, *trim_both, *edges], capture_output=True, text=True)
    if run.returncode:
        raise BuildError(f"sox can't convert {source}: {run.stderr.strip()}")
    _write(target, _levelled(read(target)))


def silence(target: Path, seconds: float) -> None:
    """Write a pause."""
    _write(target, np.zeros(int(RATE * seconds), np.int16))


def gap_after(text: str) -> float:
    """Seconds of silence that follow words when another clip comes next."""
    if text.endswith((".", "!", "?")):
        return 0.3
    return 0.15 if text.endswith((",", ";", ":")) else 0.03


def read(file: Path) -> Samples:
    """The samples of a telephone sound file. Raises :class:`BuildError` if it isn't one."""
    with wave.open(str(file), "rb") as sound:
        if (sound.getframerate(), sound.getsampwidth(), sound.getnchannels()) != (RATE, 2, 1):
            raise BuildError(f"{file} is not 8 kHz, 16-bit, mono")
        return np.frombuffer(sound.readframes(sound.getnframes()), _IN_FILES).astype(np.int16)


def measure(samples: Samples) -> Measure:
    """Length, silence before the first sound, and levels."""
    frames = _frame_levels(samples)
    loudest = max(frames, default=0.0)
    first = next((place for place, level in enumerate(frames) if level > loudest / 50), 0)
    return Measure(
        seconds=len(samples) / RATE,
        lead_seconds=first * _FRAME / RATE,
        # Wider, as the lowest sample has no opposite.
        peak_db=_db(int(np.abs(samples.astype(np.int32)).max(initial=0))),
        speech_db=_db(_speech_level(frames)),
    )


def fault(found: Measure, text: str, *, studio: bool = False) -> str | None:
    """Why a clip can't be a reading of ``text``, if so: silent, clipped, too short, too long.

    How long a person in a studio takes is their affair.
    """
    letters = sum(letter.isalnum() for letter in text)
    shortest, longest = 0.08 + 0.02 * letters, 1.0 + 0.15 * letters
    if found.speech_db < SPEECH_LEVEL_DB - 12:
        return "is nearly silent"
    if found.peak_db > -0.1:
        return "is clipped"
    if not studio and not shortest <= found.seconds <= longest:
        return f"lasts {found.seconds:.2f} s, not {shortest:.2f} to {longest:.2f} s"
    return None


def _levelled(samples: Samples) -> Samples:
    found = measure(samples)
    if found.speech_db < _SILENT_DB:
        return samples
    gain_db = min(SPEECH_LEVEL_DB - found.speech_db, HIGHEST_PEAK_DB - found.peak_db)
    levelled: Samples = np.rint(samples * 10 ** (gain_db / 20)).astype(np.int16)
    return levelled


def _frame_levels(samples: Samples) -> list[float]:
    """The root mean square of each frame; the last one may be short."""
    starts = np.arange(0, len(samples), _FRAME)
    sums = np.add.reduceat(samples.astype(np.int64) ** 2, starts) if len(starts) else starts
    lengths = np.minimum(_FRAME, len(samples) - starts)
    return [float(level) for level in np.sqrt(sums / lengths)]


def _speech_level(frames: list[float]) -> float:
    loudest = max(frames, default=0.0)
    spoken = [level for level in frames if level > loudest / 18]
    return math.sqrt(sum(level * level for level in spoken) / len(spoken)) if spoken else 0.0


def _db(level: float) -> float:
    return 20 * math.log10(level / _FULL_SCALE) if level else -math.inf


def _write(target: Path, samples: Samples) -> None:
    with wave.open(str(target), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(samples.astype(_IN_FILES).tobytes())
