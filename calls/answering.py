"""The called party's leg: answered, greeted; and what it has to know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, func, not_, or_

from blocklists.privilege.covering import is_privileged
from calls.conditions import LIVES
from rating.terms import Quote
from store.database import Database
from store.tables import calls

# Whoever accepts when the hours are over is told so at once, in seconds.
SHORTEST_TALK = 1


@dataclass(frozen=True)
class Answered:
    """What the called party's leg has to know: as decided before the dial, but for the recording.

    ``recorded`` and ``privileged`` are as they stand at the answer.
    """

    number: str
    recorded: bool
    limit_seconds: int
    decision: dict[str, Any]
    account_id: str | None = None
    privileged: bool = False

    @property
    def caller_was_told_otherwise(self) -> bool:
        """The caller has dialled a call that was to be recorded, and it isn't any more."""
        to_be_recorded: bool = self.decision.get("recorded", self.recorded)
        return to_be_recorded and not self.recorded

    @property
    def product(self) -> str | None:
        """Which product pays; None for a call that is free."""
        product: str | None = self.decision.get("product")
        return product

    @property
    def terms(self) -> Quote:
        """The price that was decided on."""
        return Quote.from_json(self.decision["terms"])

    @property
    def affordable_seconds(self) -> int:
        """As much of the longest talk as could be paid for when it was decided."""
        seconds: int = self.decision["affordable_seconds"]
        return seconds

    def longest_from(self, at: datetime) -> int:
        """Seconds of the longest talk from ``at`` on: the hours of calls may end before it."""
        shuts_at = self.decision.get("shuts_at")
        if shuts_at is None:
            return self.limit_seconds
        left = (datetime.fromisoformat(shuts_at) - at) // timedelta(seconds=1)
        return min(self.limit_seconds, max(left, SHORTEST_TALK))

    @property
    def needs_no_key(self) -> bool:
        """Acceptance is asked wherever a call is charged or recorded, and nowhere else."""
        return not self.recorded and self.terms.free

    @property
    def overlay_seconds(self) -> int:
        """How often both parties are told where the call comes from; 0: never."""
        every: int = self.decision.get("overlay_seconds", 0)
        return every


def answered(
    database: Database,
    call_id: str,
    channel: str,
    ringing_at: datetime,
    at: datetime,
    trunk: str | None = None,
) -> Answered | None:
    """The called party has answered; None when the call is over or was never authorized.

    A number that became privileged while it rang is privileged from here on at the latest. May be
    asked again: the first answer's moment stands, and the recording is told as it is then.
    """
    seen = {"call": call_id, "channel": channel, "rang": ringing_at, "now": at, "trunk": trunk}
    with database.once() as connection:
        row = connection.execute(_ANSWERED, seen).one_or_none()
    return Answered(*row) if row else None


def greeted(database: Database, call_id: str, at: datetime) -> None:
    """The called party has been told who calls and what can be pressed."""
    with database.once() as connection:
        connection.execute(_GREETED, {"call": call_id, "now": at})


_PRIVILEGED = is_privileged(
    calls.c.number, calls.c.facility_id, calls.c.person_id, bindparam("now")
)
_ANSWERED = (
    calls.update()
    .where(*LIVES, calls.c.authorized_at.is_not(None))
    .values(
        called_channel=func.coalesce(calls.c.called_channel, bindparam("channel")),
        ringing_at=func.coalesce(calls.c.ringing_at, bindparam("rang")),
        answered_at=func.coalesce(calls.c.answered_at, bindparam("now")),
        trunk_id=func.coalesce(calls.c.trunk_id, bindparam("trunk")),
        privileged=or_(calls.c.privileged, _PRIVILEGED),
        recorded=and_(calls.c.recorded, or_(calls.c.accepted_at.is_not(None), not_(_PRIVILEGED))),
    )
    .returning(
        calls.c.number,
        calls.c.recorded,
        calls.c.limit_seconds,
        calls.c.decision,
        calls.c.account_id,
        calls.c.privileged,
    )
)
_GREETED = (
    calls.update()
    .where(*LIVES, calls.c.answered_at.is_not(None))
    .values(greeted_at=func.coalesce(calls.c.greeted_at, bindparam("now")))
)
