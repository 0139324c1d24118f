"""The calls that were accepted and haven't ended: who talks, until when it is paid for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select

from store.database import Database
from store.tables import calls
from store.types import AnyRow


@dataclass(frozen=True)
class Live:
    """A call that was accepted and hasn't ended. The channels are Asterisk's unique ids."""

    call_id: str
    caller_channel: str
    called_channel: str
    accepted_at: datetime
    paid_seconds: int
    limit_seconds: int
    number: str
    facility_id: str
    person_id: str
    account_id: str | None

    @property
    def paid_until(self) -> datetime:
        """When the money that is held ends."""
        return self.accepted_at + timedelta(seconds=self.paid_seconds)


def live(database: Database) -> list[Live]:
    """Every call that was accepted and hasn't ended."""
    with database.begin() as connection:
        return [live_of(row) for row in connection.execute(LIVE)]


def live_of(row: AnyRow) -> Live:
    """The live call of a row that begins with the columns of :data:`LIVE`."""
    return Live(*row[: len(LIVE.selected_columns)])


def seen(database: Database, call_ids: list[str], at: datetime) -> None:
    """Asterisk has shown that these calls' channels live: what a sweep may charge up to."""
    if call_ids:
        with database.begin() as connection:
            connection.execute(_SEEN, [{"call": one, "now": at} for one in call_ids])


LIVE = (
    select(
        calls.c.id,
        calls.c.caller_channel,
        calls.c.called_channel,
        calls.c.accepted_at,
        calls.c.paid_seconds,
        calls.c.limit_seconds,
        calls.c.number,
        calls.c.facility_id,
        calls.c.person_id,
        calls.c.account_id,
    )
    .where(calls.c.accepted_at.is_not(None), calls.c.ended_at.is_(None))
    .order_by(calls.c.accepted_at)
)
"""For a query: the columns of a :class:`Live`."""
_SEEN = (
    calls.update()
    .where(calls.c.id == bindparam("call"), calls.c.ended_at.is_(None))
    .values(seen_at=bindparam("now"))
)
