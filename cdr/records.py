"""The call detail records: one a call, written once, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from store.tables import cdrs, quarantines, recordings
from store.types import AnyRow


def write(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write a call's record; the database refuses a second one."""
    connection.execute(cdrs.insert(), dict(row))


def find(connection: Connection, call_id: str) -> AnyRow | None:
    """The record of a call with its recording, or None while the call lives."""
    return connection.execute(_WITH_RECORDING.where(cdrs.c.call_id == call_id)).one_or_none()


def newest(connection: Connection, limit: int) -> list[AnyRow]:
    """The latest records, newest first."""
    query = _WITH_RECORDING.order_by(cdrs.c.started_at.desc(), cdrs.c.call_id).limit(limit)
    return list(connection.execute(query))


_WITH_RECORDING = (
    select(
        cdrs,
        recordings.c.path.label("recording_path"),
        quarantines.c.why.label("quarantined"),
        quarantines.c.path.label("quarantine_path"),
        recordings.c.length_ms.label("recording_ms"),
        recordings.c.bytes.label("recording_bytes"),
        recordings.c.sha256.label("recording_sha256"),
    )
    .outerjoin(recordings, recordings.c.call_id == cdrs.c.call_id)
    .outerjoin(quarantines, quarantines.c.call_id == cdrs.c.call_id)
)
