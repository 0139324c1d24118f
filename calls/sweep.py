"""Calls that nobody ended: found by asking Asterisk what still lives.

A leg whose hangup handler can't reach the platform leaves a report behind, which is taken first.
Where even that is missing (Asterisk itself was killed), the call is charged for no more than the
talk that is proven: by its recording, or by the monitor, which saw its channels in Asterisk's list.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from sqlalchemy import select

from calls.ending import SWEEPER, Ending, end
from store.database import Database
from store.tables import calls
from store.types import AnyRow

# A channel appears in Asterisk's list before its call appears in ours; this is for the reverse.
YOUNG = timedelta(seconds=5)
logger = logging.getLogger(__name__)


def sweep(
    database: Database,
    live_channels: Collection[str],
    proven_ms: Callable[[str], int],
    now: datetime,
) -> list[str]:
    """End every call that no channel carries any more; the ids of those that were ended.

    ``live_channels`` are Asterisk's unique ids, ``proven_ms`` the milliseconds of talk that a
    call's recording proves. Sweeping twice, or two sweepers at once, is harmless.
    """
    gone = [call for call in _open_calls(database, now) if not _lives(call, live_channels)]
    return [call.id for call in gone if _end(database, call, proven_ms)]


def _end(database: Database, call: AnyRow, proven_ms: Callable[[str], int]) -> bool:
    try:
        return end(database, call.id, _unreported(call, proven_ms(call.id)))
    except Exception:
        # One call that can't be ended must not keep the others open.
        logger.exception("call %s can't be ended", call.id)
        return False


def _open_calls(database: Database, now: datetime) -> list[AnyRow]:
    with database.begin() as connection:
        return list(
            connection.execute(
                select(calls).where(calls.c.ended_at.is_(None), calls.c.offhook_at < now - YOUNG)
            )
        )


def _lives(call: AnyRow, live_channels: Collection[str]) -> bool:
    return call.caller_channel in live_channels or call.called_channel in live_channels


def _unreported(call: AnyRow, proven_ms: int) -> Ending:
    latest: datetime = max(
        at for at in (call.accepted_at, call.answered_at, call.authorized_at, call.offhook_at) if at
    )
    if call.accepted_at is None:
        return Ending(SWEEPER, latest, failed=True)
    recorded_until = call.accepted_at + timedelta(milliseconds=proven_ms)
    talked_until = max(recorded_until, call.seen_at or call.accepted_at)
    joined = call.accepted_at if talked_until > call.accepted_at else None
    return Ending(SWEEPER, talked_until, joined_at=joined, failed=True)
