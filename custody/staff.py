"""Who is on a staff, in which role, and who gave it to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from custody.places import NAME_ID, PlaceError
from custody.roles import Role
from store.tables import facilities, staff, staff_orders
from store.types import AnyRow

LONGEST_NAME = 80


def add_staff(
    connection: Connection,
    staff_id: str,
    facility_id: str | None,
    name: str,
    role: Role,
    actor: str,
    note: str,
    at: datetime,
) -> None:
    """Add somebody to a facility's staff; None: the provider's. Raises :class:`PlaceError`."""
    if not NAME_ID.fullmatch(staff_id):
        raise PlaceError(f"{staff_id!r}: an id on the staff is letters, digits, - and _")
    if not name.strip() or len(name) > LONGEST_NAME:
        raise PlaceError(f"a name of at most {LONGEST_NAME} characters is needed")
    known = select(facilities.c.id).where(facilities.c.id == facility_id)
    if facility_id is not None and connection.execute(known).one_or_none() is None:
        raise PlaceError(f"there is no facility {facility_id!r}")
    row = {"id": staff_id, "facility_id": facility_id, "name": name, "role": role.value}
    try:
        with connection.begin_nested():
            connection.execute(staff.insert(), {**row, "active": True, "actor": actor, "at": at})
    except IntegrityError:
        raise PlaceError(f"{staff_id} is on the staff already, or was") from None
    _record(connection, staff_id, "added", role, actor, note, at)


def give_role(
    connection: Connection, staff_id: str, role: Role, actor: str, note: str, at: datetime
) -> bool:
    """Give another role, which counts at once; False: it was that. Raises PlaceError."""
    before = _locked(connection, staff_id)
    return before.role != role and _change(
        connection, staff_id, {"role": role.value}, "role", role, actor, note, at
    )


def turn(
    connection: Connection, staff_id: str, active: bool, actor: str, note: str, at: datetime
) -> bool:
    """Let somebody do nothing any more, or again; False: so it was. Raises PlaceError.

    Their tokens open nothing while they are off.
    """
    before = _locked(connection, staff_id)
    kind, role = "on" if active else "off", Role(before.role)
    return before.active != active and _change(
        connection, staff_id, {"active": active}, kind, role, actor, note, at
    )


def staff_of(connection: Connection, facility_id: str | None) -> list[AnyRow]:
    """A facility's staff by their ids; None: the provider's."""
    chosen = select(staff).where(staff.c.facility_id == facility_id).order_by(staff.c.id)
    return list(connection.execute(chosen))


def one_of_staff(connection: Connection, staff_id: str) -> AnyRow:
    """Somebody on a staff. Raises :class:`PlaceError` when there is none."""
    row = connection.execute(select(staff).where(staff.c.id == staff_id)).one_or_none()
    if row is None:
        raise PlaceError(f"nobody on the staff is {staff_id!r}")
    return row


def orders_on(connection: Connection, staff_id: str) -> list[AnyRow]:
    """What was decided about somebody on a staff, in the order of time."""
    row = staff_orders.c
    chosen = select(staff_orders).where(row.staff_id == staff_id).order_by(row.id)
    return list(connection.execute(chosen))


def _locked(connection: Connection, staff_id: str) -> AnyRow:
    connection.execute(select(staff.c.id).where(staff.c.id == staff_id).with_for_update())
    return one_of_staff(connection, staff_id)


def _change(
    connection: Connection,
    staff_id: str,
    changed: dict[str, object],
    kind: str,
    role: Role,
    actor: str,
    note: str,
    at: datetime,
) -> bool:
    connection.execute(staff.update().where(staff.c.id == staff_id).values(changed))
    _record(connection, staff_id, kind, role, actor, note, at)
    return True


def _record(
    connection: Connection,
    staff_id: str,
    kind: str,
    role: Role,
    actor: str,
    note: str,
    at: datetime,
) -> None:
    if not note.strip():
        raise PlaceError("say why: it is kept")
    row = {"staff_id": staff_id, "kind": kind, "role": role.value, "actor": actor}
    connection.execute(staff_orders.insert(), {**row, "at": at, "note": note})
