"""The registry as it is looked at: its entries, and what a number's owner is told."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum, unique

from sqlalchemy import Connection, or_, select

from blocklists.force import in_force
from blocklists.patterns import dialable
from store.tables import privileged_numbers
from store.types import AnyRow


def find(connection: Connection, entry_id: int) -> AnyRow | None:
    """An entry, in force or not."""
    query = select(privileged_numbers).where(privileged_numbers.c.id == entry_id)
    return connection.execute(query).one_or_none()


def listed(
    connection: Connection,
    at: datetime,
    *,
    number: str | None = None,
    attorney_id: str | None = None,
    facility_id: str | None = None,
    past: bool = False,
) -> list[AnyRow]:
    """The entries in force, oldest first; with ``past`` those that were, too.

    ``facility_id``: those that bind there, which those that hold everywhere do.
    """
    row = privileged_numbers.c
    query = select(privileged_numbers).order_by(row.id)
    if not past:
        query = query.where(*in_force(row, at))
    if number is not None:
        query = query.where(row.number == dialable(number))
    if facility_id is not None:
        query = query.where(or_(row.facility_id.is_(None), row.facility_id == facility_id))
    if attorney_id is not None:
        query = query.where(row.attorney_id == attorney_id)
    return list(connection.execute(query))


@unique
class Registered(StrEnum):
    """What a number's owner is told."""

    EVERYWHERE = "everywhere"
    PARTLY = "partly"
    NOT = "not"


def registered(connection: Connection, number: str, at: datetime) -> Registered:
    """Whether calls from custody to this number are never recorded, or only some of them."""
    found = listed(connection, at, number=number)
    if any(one.facility_id is None and one.person_id is None for one in found):
        return Registered.EVERYWHERE
    return Registered.PARTLY if found else Registered.NOT
