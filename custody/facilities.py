"""Facilities, what is set for each, and who set it: every change is kept with what was before."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection, Select, select
from sqlalchemy.exc import IntegrityError

from custody.places import NAME_ID, PlaceError
from store.database import Database
from store.tables import facilities, facility_orders
from store.types import AnyRow, now

STATE = re.compile(r"[A-Z]{2}")
NPA_NXX = re.compile(r"([2-9][0-9]{2}){2}")
# More often nobody could talk.
SHORTEST_OVERLAY = 10
CALLER_ID = re.compile(r"[0-9]{3,15}")
LONGEST_NOTE = 500


@dataclass(frozen=True)
class Facility:
    """A jail or prison. ``adp`` is last year's average daily population (47 CFR 64.6000).

    ``exchange`` is the NPA-NXX of the street address, such as 512555, where it is known.
    ``records_name``: whether people say their names for the called party to hear;
    ``overlay_seconds``: how often both parties are told where the call comes from, 0 for never;
    ``daily_minutes``: what a person may talk in a day of this zone, None for no limit;
    ``holds_whole_call``: whether a call holds the money of its longest talk from the beginning,
    instead of slice after slice. ``caller_id`` is what called parties see, in digits; empty: the
    platform's own. ``ends_live_calls``: whether a call ends at once when its caller is released,
    transferred or suspended.
    """

    id: str
    name: str
    facility_type: str
    adp: Decimal
    state: str
    timezone: str
    longest_call_seconds: int
    records: bool
    exchange: str = ""
    records_name: bool = False
    overlay_seconds: int = 0
    daily_minutes: int | None = None
    holds_whole_call: bool = False
    caller_id: str = ""
    ends_live_calls: bool = False


def add_facility(database: Database, facility: Facility, actor: str) -> None:
    """Add a facility. Raises :class:`PlaceError`."""
    if not NAME_ID.fullmatch(facility.id):
        raise PlaceError(f"{facility.id!r}: a facility's id is letters, digits, - and _")
    if facility.facility_type not in ("jail", "prison"):
        raise PlaceError("a facility is a jail or a prison")
    if not facility.name.strip() or not facility.name.isprintable():
        raise PlaceError("a facility needs a name: it is spoken to the called party")
    if not STATE.fullmatch(facility.state):
        raise PlaceError(f"{facility.state!r} is no state: two letters such as OH")
    if not facility.adp.is_finite() or facility.adp < 0 or facility.longest_call_seconds < 1:
        raise PlaceError("average population and longest call are numbers, and not negative")
    _must_be_sound(vars(facility))
    try:
        ZoneInfo(facility.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise PlaceError(f"{facility.timezone!r} is no zone such as America/Chicago") from None
    try:
        with database.begin() as connection:
            connection.execute(facilities.insert(), vars(facility))
            keep(connection, facility.id, "add", {}, actor, "", now())
    except IntegrityError:
        raise PlaceError(f"facility {facility.id} exists already") from None


def set_facility(
    database: Database, facility_id: str, given: Mapping[str, object], actor: str, note: str
) -> None:
    """Change what is given, fields of :class:`Facility`; None: it stays. 0 daily minutes take
    the limit away. What was so already is no change. Raises :class:`PlaceError`.
    """
    changes = {name: value for name, value in given.items() if value is not None}
    if changes.get("daily_minutes") == 0:
        changes["daily_minutes"] = None
    if len(note) > LONGEST_NOTE or not note.isprintable():
        raise PlaceError(f"a note has at most {LONGEST_NOTE} characters on one line")
    if not changes:
        raise PlaceError("say what is to change")
    _must_be_sound(changes)
    this = facilities.c.id == facility_id
    with database.begin() as connection:
        before = _locked(connection, facility_id)._mapping
        new = {name: value for name, value in changes.items() if before[name] != value}
        if new:
            connection.execute(facilities.update().where(this).values(new))
            kept = {name: [before[name], value] for name, value in new.items()}
            keep(connection, facility_id, "set", kept, actor, note, now())


def find_facility(connection: Connection, facility_id: str) -> AnyRow:
    """A facility. Raises :class:`PlaceError` when there is none."""
    return _known(connection.execute(_one(facility_id)).one_or_none(), facility_id)


def must_be_facility(connection: Connection, facility_id: str | None) -> None:
    """Raises :class:`PlaceError` when one is named that there isn't."""
    if facility_id is not None:
        find_facility(connection, facility_id)


def every_facility(connection: Connection) -> list[AnyRow]:
    """Every facility, by its id."""
    return list(connection.execute(select(facilities).order_by(facilities.c.id)))


def orders(connection: Connection, facility_id: str) -> list[AnyRow]:
    """What was set for a facility, in the order of time.

    ``changes``: of each field the value before and the value since.
    """
    rows = facility_orders.c
    asked = select(facility_orders).where(rows.facility_id == facility_id).order_by(rows.id)
    return list(connection.execute(asked))


def _one(facility_id: str) -> Select[*tuple[Any, ...]]:
    return select(facilities).where(facilities.c.id == facility_id)


def _locked(connection: Connection, facility_id: str) -> AnyRow:
    """Calls, which only refer to their facility, don't wait for this."""
    row = connection.execute(_one(facility_id).with_for_update(key_share=True)).one_or_none()
    return _known(row, facility_id)


def _known(row: AnyRow | None, facility_id: str) -> AnyRow:
    if row is None:
        raise PlaceError(f"there is no facility {facility_id!r}")
    return row


def keep(
    connection: Connection,
    facility_id: str,
    kind: str,
    changes: dict[str, list[object]],
    actor: str,
    note: str,
    at: datetime,
) -> None:
    """Keep what was set for a facility: of each field the value before and the value since."""
    row = {"facility_id": facility_id, "kind": kind, "changes": changes, "actor": actor}
    connection.execute(facility_orders.insert(), {**row, "note": note, "at": at})


def _must_be_sound(given: Mapping[str, Any]) -> None:
    """Raises :class:`PlaceError` for a value that no facility can have."""
    exchange, caller_id = given.get("exchange"), given.get("caller_id")
    if exchange and not NPA_NXX.fullmatch(exchange):
        raise PlaceError(f"{exchange!r}: an exchange is NPA and NXX, six digits such as 512555")
    if caller_id and not CALLER_ID.fullmatch(caller_id):
        raise PlaceError(f"{caller_id!r}: a caller ID is 3 to 15 digits, such as 2125550100")
    if (overlay := given.get("overlay_seconds")) and overlay < SHORTEST_OVERLAY:
        raise PlaceError(f"an overlay comes every {SHORTEST_OVERLAY} seconds at most; 0: never")
    if (minutes := given.get("daily_minutes")) is not None and minutes < 1:
        raise PlaceError("the daily limit is at least a minute")
