"""What must always hold of recordings; each finding is one line that names what is broken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, func, select

from cdr.quarantine import OWNER_READS
from store.tables import calls, quarantines, recordings


def no_privileged_audio(
    connection: Connection, spool_dir: Path, recordings_dir: Path
) -> Iterator[str]:
    """No call that must not be recorded has audio, but for what is accounted for in quarantine."""
    kept = {row.call_id: row.path for row in connection.execute(select(quarantines))}
    forbidden = set(
        connection.execute(
            select(calls.c.id).where(calls.c.recorded.is_not(True) | calls.c.privileged)
        ).scalars()
    )
    for call_id in connection.execute(select(recordings.c.call_id)).scalars():
        if call_id in forbidden and call_id not in kept:
            yield f"call {call_id} must not be recorded, but a recording is on the books"
    for path in _audio(spool_dir, recordings_dir):
        if path.stem in forbidden and str(path) != kept.get(path.stem):
            yield f"call {path.stem} must not be recorded, but there is {path}"


def recordings_are_whole(connection: Connection) -> Iterator[str]:
    """Every recording on the books is on disk, as long as it was when it was sealed."""
    for row in connection.execute(_SEALED):
        path = Path(row.path)
        if not path.exists():
            yield f"call {row.call_id}: the recording {path} is missing"
        elif path.stat().st_size != row.bytes:
            yield f"call {row.call_id}: the recording {path} isn't the one that was sealed"


def quarantine_is_closed(connection: Connection) -> Iterator[str]:
    """Everything in quarantine is still there, and nobody but its owner can read it."""
    for row in connection.execute(select(quarantines)):
        path = Path(row.path)
        if not path.exists():
            yield f"call {row.call_id}: {path} is missing from quarantine"
        elif path.stat().st_mode & 0o777 != OWNER_READS:
            yield f"call {row.call_id}: {path} in quarantine isn't closed to others"


def _audio(spool_dir: Path, recordings_dir: Path) -> Iterator[Path]:
    # Quarantine lies within the recordings: what is set aside is still to be looked into.
    for place in (spool_dir, recordings_dir):
        yield from (path for path in place.rglob("*") if path.suffix in (".raw", ".wav"))


_SEALED = select(
    recordings.c.call_id,
    func.coalesce(quarantines.c.path, recordings.c.path).label("path"),
    recordings.c.bytes,
).outerjoin(quarantines, quarantines.c.call_id == recordings.c.call_id)
