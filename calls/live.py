"""The calls that have not ended, for those who look on: how far each is, how long it may last."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from calls import warnings
from calls.states import State
from store.live_calls import LiveCall
from store.tables import calls
from store.types import AnyRow


def live_now(connection: Connection, facility_id: str | None = None) -> list[LiveCall]:
    """Every call that hasn't ended, of a facility or of all, the oldest first."""
    ends = warnings.ends(connection)
    asked = _NOT_ENDED
    if facility_id is not None:
        asked = asked.where(calls.c.facility_id == facility_id)
    return [_live_call(row, ends) for row in connection.execute(asked)]


def _live_call(row: AnyRow, ends: Mapping[str, datetime]) -> LiveCall:
    return LiveCall(
        row.id,
        [state for state in State if getattr(row, f"{state}_at")][-1],
        row.facility_id,
        row.person_id,
        row.number,
        row.account_id,
        row.offhook_at,
        row.accepted_at,
        ends.get(row.id, _own_end(row)),
    )


def _own_end(row: AnyRow) -> datetime | None:
    """The end of a call that isn't renewed: all of its talk is paid for, or nobody pays more."""
    if row.accepted_at is None:
        return None
    end: datetime = row.accepted_at + timedelta(seconds=row.paid_seconds or row.limit_seconds)
    return end


_NOT_ENDED = select(calls).where(calls.c.ended_at.is_(None)).order_by(calls.c.offhook_at)
