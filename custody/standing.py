"""Staff change where a person stands. It is kept beside what the jail's own system tells."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from custody.jail.events import LONGEST_NOTE, STAFF, Event, Kind
from custody.jail.kept import Taken
from custody.jail.reading import Batch
from custody.jail.taking import take
from custody.places import PlaceError
from custody.status import Status
from store.tables import persons
from store.types import AnyRow

GONE = frozenset({Status.RELEASED, Status.TRANSFERRED})
_KIND = {
    Status.IN_CUSTODY: Kind.RESTORED,
    Status.RELEASED: Kind.RELEASED,
    Status.TRANSFERRED: Kind.TRANSFERRED,
    Status.SUSPENDED: Kind.SUSPENDED,
    Status.SEGREGATED: Kind.SEGREGATED,
}


def set_status(
    connection: Connection, person_id: str, status: Status, actor: str, note: str, at: datetime
) -> Taken:
    """Say how a person stands from now on; what it changed. Raises :class:`PlaceError`.

    ``in_custody`` lifts every suspension, whoever set it, and books again who had left.
    """
    row = _person(connection, person_id)
    event = _said(row, _KIND[status], note, at)
    if status is Status.IN_CUSTODY and row.status in GONE:
        stay = {"facility": row.facility_id, "unit": row.unit_id, "name": row.name}
        event = replace(event, kind=Kind.BOOKED, **stay)
    elif status not in GONE and row.status in GONE:
        raise PlaceError(f"person {person_id} is {row.status}: set in_custody first")
    return _tell(connection, event, actor, at)


def move(
    connection: Connection,
    person_id: str,
    facility_id: str | None,
    unit_id: str | None,
    actor: str,
    note: str,
    at: datetime,
) -> Taken:
    """Move a person to a unit, or to a facility without one. Raises :class:`PlaceError`.

    The unit alone says the facility as well.
    """
    if not (facility_id or unit_id):
        raise PlaceError("say the unit or the facility to move to")
    row = _person(connection, person_id)
    if row.status in GONE:
        raise PlaceError(f"person {person_id} is {row.status}: set in_custody first")
    event = replace(_said(row, Kind.MOVED, note, at), facility=facility_id, unit=unit_id)
    return _tell(connection, event, actor, at)


def _person(connection: Connection, person_id: str) -> AnyRow:
    row = connection.execute(select(persons).where(persons.c.id == person_id)).one_or_none()
    if row is None:
        raise PlaceError(f"there is no person {person_id!r}")
    return row


def _said(row: AnyRow, kind: Kind, note: str, at: datetime) -> Event:
    """What staff say holds from now on, also where the jail's clock is ahead of ours."""
    if not note.strip() or len(note) > LONGEST_NOTE:
        raise PlaceError(f"say why, in 1 to {LONGEST_NOTE} characters: it is kept")
    latest = row.jail_at + timedelta(milliseconds=1) if row.jail_at else at
    return Event(STAFF, secrets.token_hex(10), kind, row.id, max(at, latest), note=note)


def _tell(connection: Connection, event: Event, actor: str, at: datetime) -> Taken:
    report = take(connection, Batch(STAFF, ((1, event),), "order"), actor, at)
    return report.taken[0]
