"""What a jail's own system tells, and how a person stands then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from custody.jail.reading import read_objects
from custody.jail.taking import Report, take
from store.database import Database
from store.tables import persons
from tests.builders import FACILITY

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=1)
NEW = "200001"


def event(
    number: int, kind: str, minute: int = 0, person: str = NEW, **more: Any
) -> dict[str, Any]:
    """An event of the jail's system, as it comes."""
    if kind == "booked":
        more = {"facility": FACILITY, "unit": "a", "name": "Kim Novak", **more}
    at = (NOON + timedelta(minutes=minute)).isoformat()
    return {"event_id": f"e{number}", "kind": kind, "person": person, "at": at, **more}


def tell(
    database: Database, *events: dict[str, Any], source: str = "jms", only: str | None = None
) -> Report:
    """Tell them all at once."""
    with database.begin() as connection:
        return take(connection, read_objects(events, source, LATER), "an import", LATER, only)


def stands(database: Database, person: str = NEW) -> tuple[str, str | None, str] | None:
    """Facility, unit and status."""
    with database.begin() as connection:
        row = connection.execute(persons.select().where(persons.c.id == person)).one_or_none()
    return (row.facility_id, row.unit_id, row.status) if row else None


def outcomes(report: Report) -> list[str]:
    """What became of each."""
    return [one.outcome.value for one in report.taken]
