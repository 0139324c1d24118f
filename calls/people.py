"""Who is calling: the person's ID and PIN.

A PIN of four digits can be tried out whatever the hash, so it is kept as an HMAC under a key
outside the database, compared in constant time, and locked after repeated failures.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import bindparam, select

from calls.states import State
from store.database import Database
from store.tables import calls, facilities, persons

PIN_TRIES = 5
PIN_LOCK = timedelta(minutes=30)


class NotIdentified(Enum):
    """Why the keys are not this person's."""

    WRONG = "wrong"
    LOCKED = "locked"


@dataclass(frozen=True)
class Person:
    """A person in custody, as far as a call needs to know."""

    id: str
    name: str
    facility_records: bool


def pin_hash(key: bytes, person_id: str, pin: str) -> str:
    """What the database keeps instead of the PIN."""
    return hmac.new(key, f"{person_id}:{pin}".encode(), hashlib.sha256).hexdigest()


def identify(
    database: Database, key: bytes, call_id: str, person_id: str, pin: str, at: datetime
) -> Person | NotIdentified:
    """Check ID and PIN and note on the call who it is.

    An unknown ID and a wrong PIN give the same answer, so that IDs can't be tried out.
    """
    with database.once() as connection:
        row = connection.execute(_PERSON, {"person": person_id}).one_or_none()
    expected = row.pin_hash if row else ""
    matches = hmac.compare_digest(pin_hash(key, person_id, pin), expected)
    if row is None:
        return NotIdentified.WRONG
    if row.pin_locked_until and row.pin_locked_until > at:
        return NotIdentified.LOCKED
    if not matches:
        return _failed(database, row.id, at)
    if row.pin_failures:
        _set_failures(database, row.id, 0, None)
    with database.once() as connection:
        connection.execute(_IDENTIFIED, {"call": call_id, "who": row.id, "now": at})
    return Person(row.id, row.name, row.records)


def _failed(database: Database, person_id: str, at: datetime) -> NotIdentified:
    with database.begin() as connection:
        failures = connection.execute(_FAILED, {"person": person_id}).scalar_one()
    if failures < PIN_TRIES:
        return NotIdentified.WRONG
    _set_failures(database, person_id, 0, at + PIN_LOCK)
    return NotIdentified.LOCKED


def _set_failures(
    database: Database, person_id: str, failures: int, locked_until: datetime | None
) -> None:
    with database.once() as connection:
        connection.execute(
            persons.update()
            .where(persons.c.id == person_id)
            .values(pin_failures=failures, pin_locked_until=locked_until)
        )


_PERSON = (
    select(persons, facilities.c.records)
    .join(facilities, facilities.c.id == persons.c.facility_id)
    .where(persons.c.id == bindparam("person"))
)
_FAILED = (
    persons.update()
    .where(persons.c.id == bindparam("person"))
    .values(pin_failures=persons.c.pin_failures + 1)
    .returning(persons.c.pin_failures)
)
_IDENTIFIED = (
    calls.update()
    .where(calls.c.id == bindparam("call"), calls.c.ended_at.is_(None))
    .values(
        {
            calls.c.person_id: bindparam("who"),
            calls.c[f"{State.IDENTIFIED}_at"]: bindparam("now"),
        }
    )
)
