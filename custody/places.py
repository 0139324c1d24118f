"""People in custody, who may call from now on; and the ids that staff give."""

from __future__ import annotations

import re

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from custody.pins import PIN, pin_hash
from custody.status import Status
from store.database import Database
from store.tables import facilities, person_orders, persons
from store.types import now

# The key 9 alone changes the language.
PERSON_ID = re.compile(r"(?!9\Z)[0-9]{1,12}")
NAME_ID = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,39}")


class PlaceError(ValueError):
    """A facility, phone or person can't be added; the message says why and how to mend it."""


def add_person(
    database: Database,
    key: bytes,
    person_id: str,
    facility_id: str,
    name: str,
    pin: str,
    actor: str,
    *,
    chosen: bool = True,
) -> None:
    """Add a person in custody, who may call from now on. Raises :class:`PlaceError`.

    A PIN that the person hasn't ``chosen`` is good for its first use only.
    """
    _must(PERSON_ID, person_id, "a person's ID is up to 12 digits, and not 9 alone: it is keyed")
    must_be_pin(pin)
    if not name.strip() or not name.isprintable():
        raise PlaceError("a person needs a name: it is spoken to the called party")
    row = {
        "id": person_id,
        "facility_id": facility_id,
        "name": name,
        "status": Status.IN_CUSTODY.value,
        "pin_hash": pin_hash(key, person_id, pin),
        "pin_failures": 0,
        "must_choose_pin": not chosen,
    }
    try:
        with database.begin() as connection:
            connection.execute(persons.insert(), row)
            done = {"person_id": person_id, "kind": "add", "actor": actor, "at": now()}
            connection.execute(person_orders.insert(), {**done, "note": ""})
    except IntegrityError:
        raise PlaceError(f"person {person_id} exists already, or the facility doesn't") from None


def spoken_names(connection: Connection) -> list[str]:
    """The names that a call may have to speak: facilities' and people's."""
    names = select(facilities.c.name).union(select(persons.c.name))
    return sorted(connection.execute(names).scalars())


def must_be_pin(pin: str) -> None:
    """Raises :class:`PlaceError` when it can't be one."""
    _must(PIN, pin, "a PIN has 4 to 6 digits")


def _must(pattern: re.Pattern[str], value: str, rule: str) -> None:
    if not pattern.fullmatch(value):
        raise PlaceError(f"{value!r}: {rule}")
