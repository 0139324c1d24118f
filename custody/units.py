"""Housing units: the parts of a facility in which people are held and phones hang."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from custody.facilities import keep, must_be_facility
from custody.places import NAME_ID, PlaceError
from store.tables import units
from store.types import AnyRow

LONGEST_NAME = 80


def add_unit(
    connection: Connection, unit_id: str, facility_id: str, name: str, actor: str, at: datetime
) -> None:
    """Add a unit to a facility; its id is of its own everywhere. Raises :class:`PlaceError`."""
    if not NAME_ID.fullmatch(unit_id):
        raise PlaceError(f"{unit_id!r}: a unit's id is letters, digits, - and _")
    if not name.strip() or len(name) > LONGEST_NAME:
        raise PlaceError(f"a unit needs a name of at most {LONGEST_NAME} characters")
    must_be_facility(connection, facility_id)
    row = {"id": unit_id, "facility_id": facility_id, "name": name}
    try:
        with connection.begin_nested():
            connection.execute(units.insert(), row)
    except IntegrityError:
        raise PlaceError(f"unit {unit_id} exists already") from None
    keep(connection, facility_id, "add unit", {unit_id: [None, name]}, actor, "", at)


def units_of(connection: Connection, facility_id: str | None = None) -> list[AnyRow]:
    """The units of a facility, or of all, by their ids."""
    chosen = select(units).order_by(units.c.facility_id, units.c.id)
    if facility_id is not None:
        chosen = chosen.where(units.c.facility_id == facility_id)
    return list(connection.execute(chosen))
