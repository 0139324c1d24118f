"""What the platform's own books say of the calls that were placed."""

from __future__ import annotations

import time
from datetime import datetime

from sqlalchemy import Connection, func, select

from calls import journal
from parloir.check import findings_by_rule
from store.database import Database
from store.settings import Settings
from store.tables import balances, calls, cdrs, recordings
from store.types import epoch_ms

CONFIRMED = "1"
WAIT_SECONDS = 15.0
LOOK_AGAIN_SECONDS = 0.2


def wait_closed(database: Database, since: datetime) -> None:
    """Return once no call since then is open or waits for its recording, or the wait is over."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        with database.begin() as connection:
            if not _unfinished(connection, since):
                return
        time.sleep(LOOK_AGAIN_SECONDS)


def faults(settings: Settings, database: Database, since: datetime, placed: int) -> list[str]:
    """What is wrong with the calls since then and with the books as a whole; empty when clean."""
    with database.begin() as connection:
        talked = connection.execute(
            select(func.count()).where(cdrs.c.started_at >= since, cdrs.c.talk_ms > 0)
        ).scalar_one()
        causes = connection.execute(
            select(cdrs.c.cause, func.count())
            .where(cdrs.c.started_at >= since, cdrs.c.talk_ms == 0)
            .group_by(cdrs.c.cause)
        ).all()
        held = connection.execute(select(func.sum(balances.c.held_cents))).scalar_one()
        open_ = _unfinished(connection, since)
    found = [one for _, broken in findings_by_rule(settings, database) for one in broken]
    if talked != placed:
        why = ", ".join(f"{count} {cause}" for cause, count in causes)
        found.append(f"{placed} calls placed, {talked} talked, {why}")
    if held:
        found.append(f"{held} cents still held")
    if open_:
        found.append(f"{open_} calls or recordings not closed")
    return found


def decision_ms(database: Database, since: datetime) -> list[int]:
    """For each call, from the key that confirmed the number to the moment before Dial.

    The first is the script's clock as it reads Asterisk's reply, the second Asterisk's own; both
    in whole milliseconds of one machine.
    """
    with database.begin() as connection:
        rung = select(calls.c.id, calls.c.ringing_at).where(
            calls.c.offhook_at >= since, calls.c.ringing_at.is_not(None)
        )
        return [
            epoch_ms(call.ringing_at) - _confirmed_ms(connection, call.id)
            for call in connection.execute(rung).all()
        ]


def _confirmed_ms(connection: Connection, call_id: str) -> int:
    return max(
        epoch_ms(event.at)
        for event in journal.read(connection, call_id)
        if (event.leg, event.kind, event.detail) == ("caller", "pressed", CONFIRMED)
    )


def _unfinished(connection: Connection, since: datetime) -> int:
    ended = select(func.count()).where(calls.c.offhook_at >= since, calls.c.ended_at.is_(None))
    unsealed = (
        select(func.count())
        .select_from(cdrs.outerjoin(recordings, recordings.c.call_id == cdrs.c.call_id))
        .where(cdrs.c.started_at >= since, cdrs.c.recorded, recordings.c.call_id.is_(None))
    )
    counts = (connection.execute(query).scalar_one() for query in (ended, unsealed))
    return sum(int(count) for count in counts)
