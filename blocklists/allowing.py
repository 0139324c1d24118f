"""Numbers that everybody of a facility may call, or everybody, beside the own list."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select

from blocklists.faults import NotThere
from blocklists.orders import Scope, must_be_kept, must_exist
from blocklists.pan import State, approved
from blocklists.patterns import NumberError, Pattern, parse
from store.tables import allowed_numbers
from store.turns import take_turn
from store.types import AnyRow

_row = allowed_numbers.c


def allow(
    connection: Connection,
    number: str,
    actor: str,
    at: datetime,
    facility_id: str | None = None,
    note: str = "",
    expires_at: datetime | None = None,
) -> int:
    """Let a facility's people call a number or a pattern, or everybody; the entry's id.

    What is allowed just so already isn't put twice. Raises :class:`NumberError`.
    """
    must_be_kept(actor, note)
    must_exist(connection, Scope(facility_id))
    if expires_at is not None and expires_at <= at:
        raise NumberError("the number would have left the list already")
    pattern = parse(number)
    allow_new(connection, [pattern], actor, at, facility_id, note, expires_at)
    same = select(_row.id).where(*_same(at, facility_id), _row.number == pattern.number)
    return int(connection.execute(same.order_by(_row.id.desc()).limit(1)).scalar_one())


def allow_new(
    connection: Connection,
    patterns: Collection[Pattern],
    actor: str,
    at: datetime,
    facility_id: str | None = None,
    note: str = "",
    expires_at: datetime | None = None,
) -> int:
    """Allow those that aren't allowed just so yet; how many there were."""
    take_turn(connection, allowed_numbers)
    query = select(_row.number).where(
        *_same(at, facility_id), _row.expires_at.is_not_distinct_from(expires_at)
    )
    there = set(connection.execute(query).scalars())
    shared: dict[str, Any] = {
        "facility_id": facility_id,
        "person_id": None,
        "relationship": "",
        "note": note,
    }
    shared |= {"state": State.APPROVED.value, "learned": False, "actor": actor, "at": at}
    shared |= {"expires_at": expires_at, "decided_by": actor, "decided_at": at}
    new = {one.number: {**one.columns(), **shared} for one in patterns if one.number not in there}
    if new:
        connection.execute(allowed_numbers.insert(), list(new.values()))
    return len(new)


def disallow(
    connection: Connection, entry: int, actor: str, at: datetime, facility_id: str | None = None
) -> AnyRow:
    """Take a number off such a list; the row as it was. Raises :class:`NumberError`.

    With ``facility_id`` as that facility's staff may: off their own list.
    """
    chosen = select(allowed_numbers).where(_row.id == entry, _row.person_id.is_(None))
    row = connection.execute(chosen.with_for_update()).one_or_none()
    if row is None or (facility_id is not None and row.facility_id != facility_id):
        raise NotThere(f"there is no entry {entry} here: 'parloir number allowed' shows them")
    if row.state == State.APPROVED:
        done = {"state": State.REMOVED.value, "decided_by": actor, "decided_at": at}
        connection.execute(allowed_numbers.update().where(_row.id == entry).values(done))
    return row


def one(connection: Connection, entry: int) -> AnyRow:
    """The entry of an id that is known."""
    return connection.execute(select(allowed_numbers).where(_row.id == entry)).one()


def allowed(connection: Connection, at: datetime, facility_id: str | None) -> list[AnyRow]:
    """What a facility's people may call beside their own lists now, oldest first."""
    here = or_(_row.facility_id.is_(None), _row.facility_id == facility_id)
    query = select(allowed_numbers).where(approved(at), _row.person_id.is_(None), here)
    return list(connection.execute(query.order_by(_row.id)))


def _same(at: datetime, facility_id: str | None) -> tuple[ColumnElement[bool], ...]:
    where = _row.facility_id.is_not_distinct_from(facility_id)
    return approved(at), _row.person_id.is_(None), where
