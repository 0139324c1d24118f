"""What is left to a person in custody: the own money, and the talking time of today."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, select

from accounts.interest import interest
from accounts.paying import BY_PERSON
from blocklists.policy import controls, history
from blocklists.policy.kinds import Kind, Question
from blocklists.policy.rules import Layer, counts_since, evaluate, of
from calls.permission import standing_rules
from store.database import Database
from store.tables import facilities, persons
from store.types import AnyRow


@dataclass(frozen=True)
class Standing:
    """None: there is no own account, or no daily limit. Cents are what a call may take."""

    debit_cents: int | None
    seconds_left_today: int | None


def standing(database: Database, person_id: str, at: datetime) -> Standing:
    """The person's own money and time at this moment."""
    with database.begin() as connection:
        row = connection.execute(_STANDING, {"person": person_id, "now": at}).one()
        left = _seconds_left(connection, person_id, row, at)
    return Standing(row.available_cents, left)


def inquire(database: Database, person_id: str, at: datetime) -> Standing:
    """The same for a person who asks: whoever does shows interest in the account."""
    with database.begin() as connection:
        own = connection.execute(_OWN, {"person": person_id}).scalar_one_or_none()
        if own is not None:
            interest(connection, own, at)
    return standing(database, person_id, at)


def _seconds_left(connection: Connection, person_id: str, row: AnyRow, at: datetime) -> int | None:
    """What the person may still talk on this day of the facility; None without a daily limit."""
    rules = of(standing_rules(row), (Kind.MINUTES_PER_DAY,))
    question = Question(at, ZoneInfo(row.timezone), "")
    since = counts_since(rules, question)
    if since is None:
        return None
    past = history.history(connection, person_id, since)
    return evaluate(rules, replace(question, history=past)).seconds


_OWN = select(BY_PERSON.c.account_id).where(BY_PERSON.c.person_id == bindparam("person"))
_STANDING = (
    select(
        facilities.c.timezone,
        facilities.c.records,
        facilities.c.longest_call_seconds,
        facilities.c.daily_minutes,
        BY_PERSON.c.available_cents,
        controls.of_call(
            {
                Layer.FACILITY: [persons.c.facility_id],
                Layer.UNIT: [persons.c.unit_id],
                Layer.PERSON: [persons.c.id],
            },
            bindparam("now"),
        ).label("controls"),
    )
    .select_from(persons)
    .join(facilities, facilities.c.id == persons.c.facility_id)
    .outerjoin(BY_PERSON, BY_PERSON.c.person_id == persons.c.id)
    .where(persons.c.id == bindparam("person"))
)
