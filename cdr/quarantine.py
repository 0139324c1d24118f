"""Quarantine: recordings that nobody may hear, kept as evidence, never deleted.

A recording comes here when its number was privileged, or became so: out of the place where
recordings are looked for, readable by nobody but the system's owner, with a row that says why. The
row is written first and the file moved after it: whatever dies in between, the next try ends it.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select

from store.database import Database
from store.tables import calls, quarantines
from store.types import AnyRow
from store.upsert import insert_new

FOLDER = "quarantine"
OWNER_READS = 0o400
OWNER_ENTERS = 0o700
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Forbidden:
    """A recording that must not be heard, and why."""

    call_id: str
    number: str
    file: Path
    why: str


def set_aside(
    database: Database, found: Forbidden, recordings_dir: Path, actor: str, at: datetime
) -> Path:
    """Move a recording into quarantine; where it is then. May be repeated after a crash.

    Raises :class:`OSError` when the file can't be read or moved.
    """
    kept = _row(database, found.call_id)
    if kept is None:
        with found.file.open("rb") as audio:
            digest = hashlib.file_digest(audio, "sha256").hexdigest()
        target = recordings_dir / FOLDER / f"{at:%Y/%m/%d}" / found.file.name
        kept = _write(database, found, target, digest, actor, at)
    _move(found.file, Path(kept.path), recordings_dir)
    return Path(kept.path)


def cases(connection: Connection, facility_id: str | None = None) -> list[AnyRow]:
    """Every recording in quarantine, of a facility or of all, newest first."""
    asked = select(quarantines, calls.c.facility_id).join(calls)
    if facility_id is not None:
        asked = asked.where(calls.c.facility_id == facility_id)
    return list(connection.execute(asked.order_by(quarantines.c.at.desc())))


def _row(database: Database, call_id: str) -> AnyRow | None:
    with database.once() as connection:
        query = select(quarantines).where(quarantines.c.call_id == call_id)
        return connection.execute(query).one_or_none()


def _write(
    database: Database, found: Forbidden, target: Path, digest: str, actor: str, at: datetime
) -> AnyRow:
    row = {
        "call_id": found.call_id,
        "number": found.number,
        "path": str(target),
        "sha256": digest,
        "why": found.why,
        "actor": actor,
        "at": at,
    }
    with database.once() as connection:
        connection.execute(insert_new(connection, quarantines), row)
    kept = _row(database, found.call_id)
    assert kept is not None
    _log.critical("call %s: its recording is set aside, %s", found.call_id, found.why)
    return kept


def _move(source: Path, target: Path, recordings_dir: Path) -> None:
    """What is in quarantine is never overwritten: a second recording of a call stays, and fails.

    What an earlier try left half-way is brought to its end.
    """
    part = target.with_suffix(".part")
    if source.exists():
        if target.exists():
            raise FileExistsError(f"{target} is in quarantine already, and {source} isn't")
        target.parent.mkdir(parents=True, exist_ok=True)
        (recordings_dir / FOLDER).chmod(OWNER_ENTERS)
        source.chmod(OWNER_READS)
        shutil.move(source, part)
    if not part.exists():
        if not target.exists():
            raise FileNotFoundError(f"{target} is missing from quarantine")
        return
    part.replace(target)
    directory = os.open(target.parent, os.O_RDONLY)
    os.fsync(directory)
    os.close(directory)
