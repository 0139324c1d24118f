"""People in custody, looked up; and first PINs for those who have none."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import Connection, select

from custody.jail.taking import NO_PIN
from custody.pins import pin_hash
from custody.places import PlaceError
from custody.status import MAY_CALL_PRIVILEGED, Status
from store.tables import person_orders, persons
from store.types import AnyRow

MOST_AT_ONCE = 500
FIRST_PIN_DIGITS = 6
_SEEN = ("id", "facility_id", "unit_id", "name", "status", "jail_at", "pin_hash")
_COLUMNS = tuple(persons.c[name] for name in _SEEN)


def people_of(
    connection: Connection,
    facility_id: str,
    status: Status | None = None,
    unit_id: str | None = None,
    after: str = "",
) -> list[AnyRow]:
    """A facility's people by their ids, those behind ``after``; at most 500 at once."""
    chosen = select(*_COLUMNS).where(persons.c.facility_id == facility_id, persons.c.id > after)
    if status is not None:
        chosen = chosen.where(persons.c.status == status.value)
    if unit_id is not None:
        chosen = chosen.where(persons.c.unit_id == unit_id)
    return list(connection.execute(chosen.order_by(persons.c.id).limit(MOST_AT_ONCE)))


def person(connection: Connection, person_id: str) -> AnyRow:
    """How a person stands. Raises :class:`PlaceError` when there is none."""
    row = connection.execute(select(*_COLUMNS).where(persons.c.id == person_id)).one_or_none()
    if row is None:
        raise PlaceError(f"there is no person {person_id!r}")
    return row


def has_pin(row: AnyRow) -> bool:
    """Whether there is a PIN at all: who was booked by the jail's system has none at first."""
    return bool(row.pin_hash != NO_PIN)


def give_first_pins(
    connection: Connection, key: bytes, facility_id: str, actor: str, at: datetime
) -> dict[str, str]:
    """A first PIN for everybody held in the facility who has none; by their ids.

    They are told this once. Each is good for one use: then the person chooses an own one.
    """
    without = (
        select(persons.c.id)
        .where(
            persons.c.facility_id == facility_id,
            persons.c.pin_hash == NO_PIN,
            persons.c.status.in_(sorted(MAY_CALL_PRIVILEGED)),
        )
        .order_by(persons.c.id)
        .with_for_update()
    )
    made = {one: _first_pin() for one in connection.execute(without).scalars()}
    for person_id, pin in made.items():
        changed = {"pin_hash": pin_hash(key, person_id, pin), "must_choose_pin": True}
        connection.execute(persons.update().where(persons.c.id == person_id).values(changed))
        done = {"person_id": person_id, "kind": "new_first_pin", "actor": actor, "at": at}
        connection.execute(person_orders.insert(), {**done, "note": "had none"})
    return made


def _first_pin() -> str:
    return f"{secrets.randbelow(10**FIRST_PIN_DIGITS):0{FIRST_PIN_DIGITS}}"
