"""Trunks: the ways to the telephone network, best first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import IntegrityError

from custody.facilities import must_be_facility
from custody.lines.shared import keep_order, must_be_wire
from custody.places import NAME_ID, PlaceError
from store.tables import trunks
from store.types import AnyRow

HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
USERNAME = re.compile(r"([A-Za-z0-9_+][A-Za-z0-9_.+-]{0,63})?")
PASSWORD = re.compile(r"[A-Za-z0-9_.~+=/-]{0,128}")
WORST_PRIORITY, MOST_LINES = 1000, 100_000


@dataclass(frozen=True)
class Trunk:
    """A trunk as staff describe it.

    The lowest ``priority`` is tried first. ``capacity``: so many calls at once, None for any
    number. ``facility_id``: whose calls it carries, None for everybody's. Without a ``username``
    it knows us by our address.
    """

    id: str
    host: str
    port: int = 5060
    facility_id: str | None = None
    transport: str = "udp"
    encrypts: bool = False
    codecs: str = "ulaw,alaw"
    username: str = ""
    password: str = ""
    priority: int = 10
    capacity: int | None = None


def add_trunk(connection: Connection, trunk: Trunk, actor: str, at: datetime) -> None:
    """Add a trunk. Raises :class:`PlaceError`."""
    _must_be_sound(trunk)
    if trunk.facility_id is not None:
        must_be_facility(connection, trunk.facility_id)
    row = {**vars(trunk), "active": True, "actor": actor, "at": at}
    try:
        with connection.begin_nested():
            connection.execute(trunks.insert(), row)
    except IntegrityError:
        raise PlaceError(f"trunk {trunk.id} exists already") from None
    keep_order(connection, "trunk", trunk.id, "add", actor, "", at)


def switch_trunk(
    connection: Connection, trunk_id: str, active: bool, actor: str, note: str, at: datetime
) -> None:
    """Take a trunk out of use, or into it again. Raises :class:`PlaceError`."""
    find_trunk(connection, trunk_id)
    changes = {"active": active, "actor": actor, "at": at}
    connection.execute(trunks.update().where(trunks.c.id == trunk_id).values(changes))
    keep_order(connection, "trunk", trunk_id, "on" if active else "off", actor, note, at)


def find_trunk(connection: Connection, trunk_id: str) -> AnyRow:
    """A trunk. Raises :class:`PlaceError`."""
    row = connection.execute(select(trunks).where(trunks.c.id == trunk_id)).one_or_none()
    if row is None:
        raise PlaceError(f"there is no trunk {trunk_id!r}")
    return row


def every_trunk(connection: Connection) -> list[AnyRow]:
    """All trunks, in the order in which they are tried."""
    return list(connection.execute(select(trunks).order_by(trunks.c.priority, trunks.c.id)))


def in_service(connection: Connection) -> list[AnyRow] | None:
    """The trunks to try, best first; None when none was ever added: then the settings' is used."""
    if not connection.execute(select(func.count()).select_from(trunks)).scalar_one():
        return None
    return [row for row in every_trunk(connection) if row.active]


def _must_be_sound(trunk: Trunk) -> None:
    if not NAME_ID.fullmatch(trunk.id):
        raise PlaceError(f"{trunk.id!r}: a trunk's id is letters, digits, - and _")
    if not HOST.fullmatch(trunk.host) or not 1 <= trunk.port <= 65535:
        raise PlaceError("a trunk is at a host's name or address, and a port from 1 to 65535")
    must_be_wire(trunk.transport, trunk.codecs, encrypts=trunk.encrypts)
    if not USERNAME.fullmatch(trunk.username) or not PASSWORD.fullmatch(trunk.password):
        raise PlaceError("user name and password: letters, digits and . _ ~ + = / - only")
    if trunk.password and not trunk.username:
        raise PlaceError("a password needs a user name")
    if not 0 <= trunk.priority <= WORST_PRIORITY:
        raise PlaceError(f"a priority is from 0 (tried first) to {WORST_PRIORITY}")
    if trunk.capacity is not None and not 1 <= trunk.capacity <= MOST_LINES:
        raise PlaceError("a capacity is at least 1 call; leave it out for no limit")
