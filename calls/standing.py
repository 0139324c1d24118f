"""What is left to a person in custody: the own money, and the talking time of today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, select

from accounts.interest import interest
from accounts.paying import BY_PERSON
from store.database import Database
from store.tables import calls, cdrs, facilities, persons

MS = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Standing:
    """None: there is no own account, or no daily limit. Cents are what a call may take."""

    debit_cents: int | None
    seconds_left_today: int | None


def standing(database: Database, person_id: str, at: datetime) -> Standing:
    """The person's own money and time at this moment."""
    with database.begin() as connection:
        row = connection.execute(_STANDING, {"person": person_id}).one()
        left = seconds_left(connection, person_id, row.timezone, row.daily_minutes, at)
    return Standing(row.available_cents, left)


def inquire(database: Database, person_id: str, at: datetime) -> Standing:
    """The same for a person who asks: whoever does shows interest in the account."""
    with database.begin() as connection:
        own = connection.execute(_OWN, {"person": person_id}).scalar_one_or_none()
        if own is not None:
            interest(connection, own, at)
    return standing(database, person_id, at)


def seconds_left(
    connection: Connection, person_id: str, timezone: str, daily_minutes: int | None, at: datetime
) -> int | None:
    """What the person may still talk on this day of the facility; None without a daily limit.

    Counted is the talk of ended calls, at whichever facility, from midnight on. Privileged
    calls count for nothing: nobody has to choose between a lawyer and the family.
    """
    if daily_minutes is None:
        return None
    midnight = day_start(at, timezone)
    asked = {"person": person_id, "since": midnight - timedelta(days=1)}
    talks = connection.execute(_TALKS, asked).all()
    today: int = sum(max(0, min(ms, (ended - midnight) // MS)) for ms, ended in talks)
    return max(0, (daily_minutes * 60_000 - today) // 1000)


def day_start(at: datetime, timezone: str) -> datetime:
    """The midnight that this day of the zone began with."""
    zone = ZoneInfo(timezone)
    return datetime.combine(at.astimezone(zone).date(), time(), zone).astimezone(UTC)


_OWN = select(BY_PERSON.c.account_id).where(BY_PERSON.c.person_id == bindparam("person"))
_STANDING = (
    select(facilities.c.timezone, facilities.c.daily_minutes, BY_PERSON.c.available_cents)
    .select_from(persons)
    .join(facilities, facilities.c.id == persons.c.facility_id)
    .outerjoin(BY_PERSON, BY_PERSON.c.person_id == persons.c.id)
    .where(persons.c.id == bindparam("person"))
)
# By the day before, too: a call that began before midnight may have lasted into this day.
_TALKS = (
    select(cdrs.c.talk_ms, calls.c.ended_at)
    .join(calls, calls.c.id == cdrs.c.call_id)
    .where(
        cdrs.c.person_id == bindparam("person"),
        cdrs.c.started_at >= bindparam("since"),
        cdrs.c.talk_ms > 0,
        cdrs.c.privileged.is_(False),
    )
)
