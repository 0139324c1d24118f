"""What was played and pressed during a call: evidence for disputes, a page a leg.

Keys that identify a person (the PIN) are never among them: the scripts write stars.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from store.database import Database
from store.tables import call_journal
from store.types import epoch_ms, from_epoch_ms

LONGEST_DETAIL = 200


@dataclass(frozen=True)
class Event:
    """Something that happened on a leg: ``played`` prompts, ``pressed`` keys."""

    at: datetime
    leg: str
    kind: str
    detail: str


def keep(database: Database, call_id: str, leg: str, events: Sequence[Event]) -> None:
    """Add a page to the call's journal."""
    page = [[epoch_ms(e.at), e.kind, e.detail[:LONGEST_DETAIL]] for e in events]
    if page:
        with database.once() as connection:
            connection.execute(
                call_journal.insert(), {"call_id": call_id, "leg": leg, "events": page}
            )


def read(connection: Connection, call_id: str) -> list[Event]:
    """The call's journal in the order of time."""
    pages = connection.execute(select(call_journal).where(call_journal.c.call_id == call_id))
    events = [
        Event(from_epoch_ms(ms), page.leg, kind, detail)
        for page in pages
        for ms, kind, detail in page.events
    ]
    return sorted(events, key=lambda event: event.at)
