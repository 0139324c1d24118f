"""Whose calls an entry of the registry is about, for queries: one entry in force is enough."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, or_, select

from blocklists.force import in_force
from store.tables import privileged_numbers


def is_privileged(
    number: object, facility_id: object, person_id: object, at: object
) -> ColumnElement[bool]:
    """A condition for a query: at ``at`` a call of this person to the number isn't recorded."""
    return exists(
        select(1).where(covers(number, facility_id, person_id), *in_force(privileged_numbers.c, at))
    )


def was_privileged(
    number: object, facility_id: object, person_id: object, since: object, until: object
) -> ColumnElement[bool]:
    """A condition for a query: an entry was in force at some moment from ``since`` to ``until``."""
    row = privileged_numbers.c
    overlaps = (
        row.at <= until,
        or_(row.expires_at.is_(None), row.expires_at > since),
        or_(row.lifted_at.is_(None), row.lifted_at > since),
    )
    return exists(select(1).where(covers(number, facility_id, person_id), *overlaps))


def covers(number: object, facility_id: object, person_id: object) -> ColumnElement[bool]:
    """For a query: the entry, in force or not, is about this person's calls to the number."""
    row = privileged_numbers.c
    return (
        (row.number == number)
        & or_(row.facility_id.is_(None), row.facility_id == facility_id)
        & or_(row.person_id.is_(None), row.person_id == person_id)
    )
