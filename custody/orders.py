"""What staff do about a person's PIN and name, each kept with its actor and its reason."""

from __future__ import annotations

from sqlalchemy import Connection, select

from custody.pins import pin_hash
from custody.places import PlaceError, must_be_pin
from store.database import Database
from store.tables import person_orders, persons
from store.types import AnyRow, now


def unlock(database: Database, person_id: str, actor: str, note: str) -> None:
    """Let the person try the PIN again at once. Raises :class:`PlaceError`."""
    _order(database, person_id, "unlock", actor, note, _UNLOCKED)


def new_first_pin(
    database: Database, key: bytes, person_id: str, pin: str, actor: str, note: str
) -> None:
    """Give a PIN for the next use only, then the person chooses one. Raises :class:`PlaceError`."""
    must_be_pin(pin)
    changes = {"pin_hash": pin_hash(key, person_id, pin), "must_choose_pin": True, **_UNLOCKED}
    _order(database, person_id, "new_first_pin", actor, note, changes)


def reset_name(database: Database, person_id: str, actor: str, note: str) -> str | None:
    """Have the name recorded again; the clip that is spoken no more. Raises :class:`PlaceError`."""
    return _order(database, person_id, "reset_name", actor, note, {"name_clip": None})


def name_heard(database: Database, person_id: str, actor: str, note: str) -> str | None:
    """Note that staff listen to the recorded name; its clip. Raises :class:`PlaceError`."""
    return _order(database, person_id, "name_heard", actor, note, {})


def orders(connection: Connection, person_id: str) -> list[AnyRow]:
    """What was done about a person, by staff and by the person, in the order of time."""
    rows = person_orders.c
    return list(
        connection.execute(
            select(person_orders).where(rows.person_id == person_id).order_by(rows.id)
        )
    )


def _order(
    database: Database,
    person_id: str,
    kind: str,
    actor: str,
    note: str,
    changes: dict[str, object],
) -> str | None:
    """Do it and keep it; the clip of the name as it was before."""
    this = persons.c.id == person_id
    with database.begin() as connection:
        before = connection.execute(
            select(persons.c.name_clip).where(this).with_for_update()
        ).one_or_none()
        if before is None:
            raise PlaceError(f"there is no person {person_id!r}")
        if changes:
            connection.execute(persons.update().where(this).values(changes))
        row = {"person_id": person_id, "kind": kind, "actor": actor, "at": now(), "note": note}
        connection.execute(person_orders.insert(), row)
    clip: str | None = before.name_clip
    return clip


_UNLOCKED: dict[str, object] = {"pin_failures": 0, "pin_locked_until": None}
