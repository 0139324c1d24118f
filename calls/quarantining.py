"""The nightly sweep: every recording against the registry as it is now, and as it was then.

A recording goes to quarantine when its call is privileged by an entry in force now, or was by one
that was in force at any moment of it, though lifted since. Its lawyers are told. Nothing is
deleted, nothing is heard.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import bindparam, func, or_, select

from blocklists.privilege import notices
from blocklists.privilege.covering import is_privileged, was_privileged
from cdr import quarantine
from cdr.quarantine import Forbidden
from store.database import Database
from store.tables import calls, quarantines, recordings
from store.types import AnyRow

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Swept:
    """What a sweep has looked at and done; ``failed`` files are tried again the next time."""

    recordings: int = 0
    quarantined: int = 0
    failed: int = 0
    notices: int = 0


def sweep(database: Database, recordings_dir: Path, actor: str, at: datetime) -> Swept:
    """Compare all recordings with the registry, and set aside what nobody may hear."""
    with database.begin() as connection:
        looked: int = connection.execute(_COUNT).scalar_one()
        found = list(connection.execute(_FORBIDDEN, {"now": at}))
        expiring = notices.tell_expiring(connection, at)
    moved = [_set_aside(database, row, recordings_dir, actor, at) for row in found]
    # Nobody is told that a recording is locked away before it is.
    kept = [row for row, done in zip(found, moved, strict=True) if done is not None]
    told = sum(_tell(database, row, at) for row in kept)
    return Swept(looked, moved.count(True), moved.count(None), told + expiring)


def pending(database: Database, at: datetime) -> Iterator[str]:
    """The calls whose recordings the next sweep would set aside."""
    with database.begin() as connection:
        for row in connection.execute(_FORBIDDEN, {"now": at}):
            if row.kept is None:
                yield row.id


def _set_aside(
    database: Database, row: AnyRow, recordings_dir: Path, actor: str, at: datetime
) -> bool | None:
    """Whether it was moved now; None when it couldn't be."""
    source = Path(row.path)
    if row.kept is not None and Path(row.kept).exists() and not source.exists():
        return False
    try:
        case = Forbidden(row.id, row.number, source, _why(row))
        quarantine.set_aside(database, case, recordings_dir, actor, at)
    except OSError as error:
        _log.critical("call %s: its recording can't be set aside: %s", row.id, error)
        return None
    return True


def _why(row: AnyRow) -> str:
    if row.privileged:
        return "the call itself was privileged"
    now = f"{row.number} is privileged now"
    return now if row.now_privileged else f"{row.number} was privileged then"


def _tell(database: Database, row: AnyRow, at: datetime) -> int:
    with database.begin() as connection:
        return notices.tell_recorded(connection, row, at)


_CALL = (calls.c.number, calls.c.facility_id, calls.c.person_id)
_NOW = is_privileged(*_CALL, bindparam("now"))
_THEN = was_privileged(
    *_CALL, calls.c.offhook_at, func.coalesce(calls.c.ended_at, bindparam("now"))
)
_COUNT = select(func.count()).select_from(recordings)
_FORBIDDEN = (
    select(
        calls.c.id,
        *_CALL,
        calls.c.offhook_at,
        calls.c.ended_at,
        calls.c.privileged,
        recordings.c.path,
        _NOW.label("now_privileged"),
        quarantines.c.path.label("kept"),
    )
    .join(recordings, recordings.c.call_id == calls.c.id)
    .outerjoin(quarantines, quarantines.c.call_id == calls.c.id)
    .where(or_(_NOW, _THEN, calls.c.privileged))
    .order_by(calls.c.offhook_at)
)
