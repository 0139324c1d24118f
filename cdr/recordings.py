"""Recordings: sealed once the call is over, with length and hash, in a place of their own.

Asterisk writes the two directions as one raw stream of interleaved samples (MixMonitor ``D``):
the channel that is recorded first, then what it hears. Sealing makes it a WAV file of two
channels, hashes it and makes it read-only. A privileged call has no raw stream; where one is
found nevertheless it is set aside, never opened, never deleted.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import wave
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from store.database import Database
from store.tables import cdrs, recordings
from store.types import now
from store.upsert import insert_new

SAMPLE_RATE = 8000
FRAME_BYTES = 4
CHUNK_FRAMES = 1 << 18
QUARANTINE = "quarantine"
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sealed:
    """A recording as it was sealed. ``length_ms`` in milliseconds; ``sha256`` of the WAV file."""

    path: Path
    length_ms: int
    bytes: int
    sha256: str


def raw_length_ms(raw: Path) -> int:
    """How much talk a raw stream proves, in milliseconds; 0 where there is none."""
    return raw.stat().st_size // FRAME_BYTES * 1000 // SAMPLE_RATE if raw.exists() else 0


def seal(database: Database, raw: Path, recordings_dir: Path) -> Sealed | None:
    """Seal the recording of the ended call that the raw file is named after.

    None while the call has no CDR yet, when nothing was recorded, or when the call must not be
    recorded: the file is then in quarantine and the log says so. May be repeated.
    """
    with database.begin() as connection:
        cdr = connection.execute(
            select(cdrs.c.started_at, cdrs.c.recorded).where(cdrs.c.call_id == raw.stem)
        ).one_or_none()
    if cdr is None or not raw.exists():
        return None
    if not cdr.recorded:
        _set_aside(raw, recordings_dir)
        return None
    sealed = _seal_file(raw, _place(recordings_dir, cdr.started_at, raw.stem))
    with database.begin() as connection:
        connection.execute(
            insert_new(connection, recordings),
            {
                "call_id": raw.stem,
                "path": str(sealed.path),
                "length_ms": sealed.length_ms,
                "bytes": sealed.bytes,
                "sha256": sealed.sha256,
                "sealed_at": now(),
            },
        )
    raw.unlink()
    return sealed


def _place(recordings_dir: Path, at: datetime, call_id: str) -> Path:
    return recordings_dir / f"{at:%Y/%m/%d}" / f"{call_id}.wav"


def _set_aside(raw: Path, recordings_dir: Path) -> None:
    target = recordings_dir / QUARANTINE / raw.name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(raw, target)
    logger.critical("call %s must not be recorded, but audio was found: set aside", raw.stem)


def _seal_file(raw: Path, target: Path) -> Sealed:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    frames = raw.stat().st_size // FRAME_BYTES
    with raw.open("rb") as source, wave.open(str(part), "wb") as sink:
        sink.setnchannels(2)
        sink.setsampwidth(2)
        sink.setframerate(SAMPLE_RATE)
        left = frames
        while left:
            chunk = source.read(min(left, CHUNK_FRAMES) * FRAME_BYTES)
            sink.writeframes(chunk)
            left -= len(chunk) // FRAME_BYTES
    with part.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256").hexdigest()
        os.fsync(written.fileno())
    part.chmod(0o440)
    part.replace(target)
    return Sealed(target, frames * 1000 // SAMPLE_RATE, target.stat().st_size, digest)
