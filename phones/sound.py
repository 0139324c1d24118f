"""What a test phone hears and says: its ends of the conference bridge.

Part of the phone program (pjsua2, GPL): imported by :mod:`phones.program` only.
"""

from __future__ import annotations

import ctypes
import time
import wave
from pathlib import Path
from typing import Any

import pjsua2

CLOCK_RATE = 8000
FRAME_MS = 20
# The bridge's clock makes up for half a second by itself; what is more is lost.
LOST_SECONDS = 0.8


class Recorder(pjsua2.AudioMediaPort):
    """Appends every frame that reaches it to a file as 8 kHz 16-bit mono PCM, at once.

    ``started`` is the wall-clock time (seconds since the epoch) of the first sample. The port is
    fed without a gap from then on, so that sample ``n`` was heard at ``started + n / 8000``. Where
    a starved machine lost time, silence takes its place.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = path.open("wb", buffering=0)
        self.started = 0.0
        self.samples = 0
        shape = pjsua2.MediaFormatAudio()
        shape.init(pjsua2.PJMEDIA_FORMAT_PCM, CLOCK_RATE, 1, FRAME_MS * 1000, 16)
        self.createPort("recorder", shape)

    def onFrameReceived(self, frame: Any) -> None:
        """Keep one frame. Called by the bridge's clock, on a thread of the library."""
        pcm = _bytes_of(frame.buf) or _silence(FRAME_MS / 1000)
        now = time.time()
        if not self.samples:
            self.started = now - FRAME_MS / 1000
        lag = now - self.started - self.samples / CLOCK_RATE
        if lag > LOST_SECONDS:
            pcm = _silence(lag) + pcm
        self._file.write(pcm)
        self.samples += len(pcm) // 2


class Player(pjsua2.AudioMediaPlayer):
    """A WAV file as a source."""

    def __init__(self, path: str, *, loop: bool) -> None:
        super().__init__()
        self.createPlayer(path, 0 if loop else pjsua2.PJMEDIA_FILE_NO_LOOP)


def silent_wav(path: Path) -> str:
    """Write a second of silence; its path as text."""
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, CLOCK_RATE, 0, "NONE", ""))
        out.writeframes(bytes(CLOCK_RATE * 2))
    return str(path)


def _silence(seconds: float) -> bytes:
    return bytes(round(seconds * CLOCK_RATE) * 2)


def _bytes_of(vector: Any) -> bytes:
    # Iterating over the wrapped std::vector costs 0.37 ms a frame, most of a phone's CPU; its
    # first two words are where its bytes begin and end. (2.16 brings copy_to_bytearray.)
    begin, end = (ctypes.c_size_t * 2).from_address(int(vector.this))
    return ctypes.string_at(begin, end - begin)
