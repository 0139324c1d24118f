"""Who is calling: the person's ID, PIN and name.

A PIN is compared in constant time, and locked after repeated failures. The one that staff gave is
for the first use only: then the person chooses one that nobody else has seen.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from itertools import pairwise

from sqlalchemy import bindparam, case, exists, select

from accounts.debit import INMATE_DEBIT
from calls.states import State
from custody.pins import PIN, pin_hash
from store.database import Database
from store.tables import accounts, calls, facilities, person_orders, persons
from store.types import AnyRow

PIN_TRIES = 5
PIN_LOCK = timedelta(minutes=30)
THE_PERSON = "the person"


@dataclass(frozen=True)
class Locked:
    """The PIN was wrong too often. Nobody gets in until then, unless staff unlock it.

    ``timezone`` is the facility's.
    """

    until: datetime
    timezone: str


class PinFault(Enum):
    """Why a PIN can't be the person's own."""

    LENGTH = "length"
    TOO_EASY = "too_easy"


class PinKept(Exception):
    """The person has chosen another PIN meanwhile, on another phone."""


@dataclass(frozen=True)
class Person:
    """A person in custody, as far as a call needs to know.

    ``must_choose_pin``: the PIN is the one that staff gave. ``name_clip`` is the recording of
    the name, ``records_name`` whether the facility wants one, ``debit_account`` whether the
    person has an own account.
    """

    id: str
    name: str
    facility_id: str
    timezone: str
    facility_records: bool
    must_choose_pin: bool = False
    name_clip: str | None = None
    records_name: bool = False
    debit_account: bool = False


def identify(
    database: Database, key: bytes, call_id: str, person_id: str, pin: str, at: datetime
) -> Person | Locked | None:
    """Check ID and PIN and note on the call who it is.

    An unknown ID and a wrong PIN give the same answer, None, so that IDs can't be tried out.
    """
    with database.once() as connection:
        row = connection.execute(_PERSON, {"person": person_id}).one_or_none()
    expected = row.pin_hash if row else ""
    matches = hmac.compare_digest(pin_hash(key, person_id, pin), expected)
    if row is None:
        return None
    if row.pin_locked_until and row.pin_locked_until > at:
        return Locked(row.pin_locked_until, row.timezone)
    if not matches:
        return _failed(database, row, at)
    if row.pin_failures:
        _forgive(database, row.id)
    with database.once() as connection:
        connection.execute(_IDENTIFIED, {"call": call_id, "who": row.id, "now": at})
    return person_of(row)


def choose_pin(
    database: Database, key: bytes, person_id: str, pin: str, at: datetime
) -> PinFault | None:
    """Keep the PIN that the person has chosen instead of the one that staff gave.

    None: it is kept. Asked again with the same PIN, it answers the same. Raises
    :class:`PinKept` when another PIN was chosen meanwhile.
    """
    if not PIN.fullmatch(pin):
        return PinFault.LENGTH
    if is_easy(person_id, pin):
        return PinFault.TOO_EASY
    chosen = pin_hash(key, person_id, pin)
    with database.begin() as connection:
        if connection.execute(_CHOOSE, {"person": person_id, "chosen": chosen}).rowcount:
            connection.execute(person_orders.insert(), _done(person_id, "chose_pin", at))
            return None
        now = connection.execute(_PIN, {"person": person_id}).one()
    if now.must_choose_pin:
        return PinFault.TOO_EASY
    if not hmac.compare_digest(now.pin_hash, chosen):
        raise PinKept(f"person {person_id} has chosen another PIN")
    return None


def is_easy(person_id: str, pin: str) -> bool:
    """Whether others would try this PIN first: one digit, a run, a part of the ID."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    return steps in ({0}, {1}, {9}) or person_id.startswith(pin) or person_id.endswith(pin)


def keep_name(database: Database, person_id: str, clip: str, at: datetime) -> None:
    """Keep the recording of the name that the person has confirmed."""
    with database.begin() as connection:
        connection.execute(_NAMED, {"person": person_id, "clip": clip})
        connection.execute(person_orders.insert(), _done(person_id, "kept_name", at, clip))


def person_of(row: AnyRow) -> Person:
    """The person in a row of :data:`PEOPLE`."""
    return Person(
        id=row.id,
        name=row.name,
        facility_id=row.facility_id,
        timezone=row.timezone,
        facility_records=row.records,
        must_choose_pin=row.must_choose_pin,
        name_clip=row.name_clip,
        records_name=row.records_name,
        debit_account=row.debit_account,
    )


def _failed(database: Database, row: AnyRow, at: datetime) -> Locked | None:
    until = at + PIN_LOCK
    with database.once() as connection:
        counted = {"person": row.id, "until": until}
        failures = connection.execute(_FAILED, counted).scalar_one()
    return None if failures else Locked(until, row.timezone)


def _forgive(database: Database, person_id: str) -> None:
    with database.once() as connection:
        connection.execute(_FORGIVE, {"person": person_id})


def _done(person_id: str, kind: str, at: datetime, note: str = "") -> dict[str, object]:
    return {"person_id": person_id, "kind": kind, "actor": THE_PERSON, "at": at, "note": note}


_ACCOUNTS = select(1).where(
    accounts.c.person_id == persons.c.id,
    accounts.c.product == INMATE_DEBIT,
    accounts.c.status != "closed",
)
PEOPLE = select(
    persons,
    facilities.c.records,
    facilities.c.timezone,
    facilities.c.records_name,
    exists(_ACCOUNTS).label("debit_account"),
).join_from(persons, facilities, facilities.c.id == persons.c.facility_id)
"""For a query: people with what a call needs to know of them."""

_THIS = persons.c.id == bindparam("person")
_PERSON = PEOPLE.where(_THIS)
_PIN = select(persons.c.pin_hash, persons.c.must_choose_pin).where(_THIS)
_LAST_TRY = persons.c.pin_failures + 1 >= PIN_TRIES
_FAILED = (
    persons.update()
    .where(_THIS)
    .values(
        pin_failures=case((_LAST_TRY, 0), else_=persons.c.pin_failures + 1),
        pin_locked_until=case(
            (_LAST_TRY, bindparam("until", type_=persons.c.pin_locked_until.type)),
            else_=persons.c.pin_locked_until,
        ),
    )
    .returning(persons.c.pin_failures)
)
_FORGIVE = persons.update().where(_THIS).values(pin_failures=0, pin_locked_until=None)
_CHOOSE = (
    persons.update()
    .where(_THIS, persons.c.must_choose_pin, persons.c.pin_hash != bindparam("chosen"))
    .values(pin_hash=bindparam("chosen"), must_choose_pin=False)
)
_NAMED = persons.update().where(_THIS).values(name_clip=bindparam("clip"))
_IDENTIFIED = (
    calls.update()
    .where(
        calls.c.id == bindparam("call"),
        calls.c.ended_at.is_(None),
        calls.c.outcome.is_(None),
        calls.c.authorized_at.is_(None),
    )
    .values(
        {
            calls.c.person_id: bindparam("who"),
            calls.c[f"{State.IDENTIFIED}_at"]: bindparam("now"),
        }
    )
)
