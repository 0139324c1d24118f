"""The tone after which a caller speaks: AGI's ``RECORD FILE ... BEEP`` fails without it."""

from __future__ import annotations

import math
import struct
import wave
from pathlib import Path

RATE = 8000
HERTZ = 1000
SECONDS = 0.25
LEVEL = 8000


def write(path: Path) -> None:
    """Write the tone as 8 kHz, 16-bit, mono."""
    turn = 2 * math.pi * HERTZ / RATE
    tone = [round(LEVEL * math.sin(turn * at)) for at in range(round(SECONDS * RATE))]
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, RATE, 0, "NONE", ""))
        out.writeframes(struct.pack(f"<{len(tone)}h", *tone))
