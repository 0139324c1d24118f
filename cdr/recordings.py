"""Recordings: sealed once the call is over, with length and hash, in a place of their own.

Asterisk writes the two directions as one raw stream of interleaved samples (MixMonitor ``D``):
the channel that is recorded first, then what it hears. Sealing makes it a WAV file of two
channels, hashes it and makes it read-only. A privileged call has no raw stream, unless it became
privileged while it was recorded: that stream goes to quarantine as it is. Where one is found
nevertheless it is set aside, and the checks tell of it until a person has looked into it.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import shutil
import wave
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, bindparam, exists, func, not_, select

from cdr import quarantine
from cdr.quarantine import Forbidden
from store.database import Database
from store.tables import call_orders, cdrs, recordings
from store.types import AnyRow, epoch_ms, now
from store.upsert import insert_new

SAMPLE_RATE = 8000
FRAME_BYTES = 4
ACTOR = "the platform"
CHUNK_FRAMES = 1 << 18
QUARANTINE = quarantine.FOLDER
STOPPED = "stop_recording"
# A recording may miss this much of the talk at its ends; more was lost, most likely to a full disk.
MISSING_MS = 2000
SEALED_WITHIN = timedelta(minutes=1)
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sealed:
    """A recording as it was sealed. ``length_ms`` in milliseconds; ``sha256`` of the WAV file."""

    path: Path
    length_ms: int
    bytes: int
    sha256: str


def incomplete(connection: Connection) -> list[str]:
    """The calls whose recordings miss a part of the talk, or are missing altogether."""
    return list(connection.execute(_INCOMPLETE, {"since": now() - SEALED_WITHIN}).scalars())


def raw_length_ms(raw: Path) -> int:
    """How much talk a raw stream proves, in milliseconds; 0 where there is none."""
    return raw.stat().st_size // FRAME_BYTES * 1000 // SAMPLE_RATE if raw.exists() else 0


def seal(database: Database, raw: Path, recordings_dir: Path) -> Sealed | None:
    """Seal the recording of the ended call that the raw file is named after.

    None while the call has no CDR yet, when nothing was recorded, or when the call must not be
    recorded: the file is then in quarantine and the log says so. May be repeated after a crash
    at any point, and by several at once: the raw stream goes last, when all else is stored.
    """
    try:
        source = raw.open("rb")
    except FileNotFoundError:
        return None
    with source:
        fcntl.flock(source, fcntl.LOCK_EX)
        return _seal_alone(database, raw, recordings_dir) if raw.exists() else None


def _seal_alone(database: Database, raw: Path, recordings_dir: Path) -> Sealed | None:
    with database.once() as connection:
        cdr = connection.execute(_SEALABLE, {"call": raw.stem}).one_or_none()
    if cdr is None:
        return None
    if not cdr.recorded:
        _keep_from_all(database, raw, recordings_dir, cdr)
        return None
    target = _place(recordings_dir, cdr.started_at, raw.stem)
    part, sealed = _write(raw, target)
    if cdr.stopped is None and sealed.length_ms < cdr.talk_ms - MISSING_MS:
        lengths = raw.stem, sealed.length_ms, cdr.talk_ms
        logger.critical("call %s: %d of %d ms are recorded: is the disk full?", *lengths)
    if cdr.sha256 not in (None, sealed.sha256):
        part.unlink()
        _set_aside(raw, recordings_dir, "is sealed with another recording")
        return None
    _publish(part, target)
    _book(database, raw.stem, sealed)
    raw.unlink()
    return sealed


def _book(database: Database, call_id: str, sealed: Sealed) -> None:
    with database.once() as connection:
        connection.execute(
            insert_new(connection, recordings),
            {
                "call_id": call_id,
                "path": str(sealed.path),
                "length_ms": sealed.length_ms,
                "bytes": sealed.bytes,
                "sha256": sealed.sha256,
                "sealed_at": now(),
            },
        )


def _place(recordings_dir: Path, at: datetime, call_id: str) -> Path:
    return recordings_dir / f"{at:%Y/%m/%d}" / f"{call_id}.wav"


def _keep_from_all(database: Database, raw: Path, recordings_dir: Path, cdr: AnyRow) -> None:
    """Into quarantine: what was ordered to stop is accounted for there, anything else is wrong."""
    if cdr.stopped is None:
        _set_aside(raw, recordings_dir, "must not be recorded")
        return
    found = Forbidden(raw.stem, cdr.number, raw, cdr.stopped)
    try:
        quarantine.set_aside(database, found, recordings_dir, ACTOR, now())
    except FileExistsError:
        _set_aside(raw, recordings_dir, "is in quarantine with another recording")


def _set_aside(raw: Path, recordings_dir: Path, why: str) -> None:
    # By the moment, so that nothing in quarantine is ever overwritten.
    target = recordings_dir / QUARANTINE / str(epoch_ms(now())) / raw.name
    target.parent.mkdir(parents=True)
    shutil.move(raw, target)
    logger.critical("call %s %s, but audio was found: set aside", raw.stem, why)


def _write(raw: Path, target: Path) -> tuple[Path, Sealed]:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    # What a crash left behind may be read-only already.
    part.unlink(missing_ok=True)
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
    length_ms = frames * 1000 // SAMPLE_RATE
    return part, Sealed(target, length_ms, part.stat().st_size, digest)


def _publish(part: Path, target: Path) -> None:
    part.chmod(0o440)
    part.replace(target)
    directory = os.open(target.parent, os.O_RDONLY)
    os.fsync(directory)
    os.close(directory)


_STOP = select(1).where(call_orders.c.kind == STOPPED)
_INCOMPLETE = (
    select(cdrs.c.call_id)
    .outerjoin(recordings, recordings.c.call_id == cdrs.c.call_id)
    .where(
        cdrs.c.recorded,
        cdrs.c.written_at < bindparam("since"),
        func.coalesce(recordings.c.length_ms, 0) < cdrs.c.talk_ms - MISSING_MS,
        # Which ends before the talk, as it was ordered.
        not_(exists(_STOP.where(call_orders.c.call_id == cdrs.c.call_id))),
    )
    .order_by(cdrs.c.started_at)
)
_SEALABLE = (
    select(
        cdrs.c.started_at,
        cdrs.c.recorded,
        cdrs.c.talk_ms,
        cdrs.c.number,
        recordings.c.sha256,
        call_orders.c.cause.label("stopped"),
    )
    .outerjoin(recordings, recordings.c.call_id == cdrs.c.call_id)
    .outerjoin(
        call_orders,
        (call_orders.c.call_id == cdrs.c.call_id) & (call_orders.c.kind == STOPPED),
    )
    .where(cdrs.c.call_id == bindparam("call"))
)
