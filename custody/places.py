"""Facilities, phones and people: what has to be known before anyone can call."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection, Table, select
from sqlalchemy.exc import IntegrityError

from custody.pins import PIN, pin_hash
from custody.status import Status
from store.database import Database
from store.tables import facilities, persons
from store.types import AnyRow

# The key 9 alone changes the language.
PERSON_ID = re.compile(r"(?!9\Z)[0-9]{1,12}")
NPA_NXX = re.compile(r"([2-9][0-9]{2}){2}")
# More often nobody could talk.
SHORTEST_OVERLAY = 10
CALLER_ID = re.compile(r"[0-9]{3,15}")
NAME_ID = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,39}")


class PlaceError(ValueError):
    """A facility, phone or person can't be added; the message says why and how to mend it."""


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


def add_facility(database: Database, facility: Facility) -> None:
    """Add a facility. Raises :class:`PlaceError`."""
    _must(NAME_ID, facility.id, "a facility's id is letters, digits, - and _")
    if facility.facility_type not in ("jail", "prison"):
        raise PlaceError("a facility is a jail or a prison")
    if facility.adp < 0 or facility.longest_call_seconds < 1:
        raise PlaceError("average population and longest call can't be negative")
    _must_be_exchange(facility.exchange)
    _must_be_times(facility.overlay_seconds, facility.daily_minutes)
    try:
        ZoneInfo(facility.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise PlaceError(f"{facility.timezone!r} is no zone such as America/Chicago") from None
    _add(database, facilities, vars(facility), f"facility {facility.id}")


def move_facility(database: Database, facility_id: str, exchange: str) -> None:
    """Say in which exchange (NPA-NXX) a facility lies; empty: not known. Raises PlaceError."""
    _must_be_exchange(exchange)
    _change(database, facility_id, {"exchange": exchange})


def set_facility(
    database: Database,
    facility_id: str,
    *,
    records_name: bool | None = None,
    overlay_seconds: int | None = None,
    daily_minutes: int | None = None,
    holds_whole_call: bool | None = None,
    ends_live_calls: bool | None = None,
    caller_id: str | None = None,
) -> None:
    """Change what is given; 0 daily minutes take the limit away. Raises :class:`PlaceError`."""
    if caller_id:
        _must(CALLER_ID, caller_id, "a caller ID is 3 to 15 digits, such as 2125550100")
    _must_be_times(overlay_seconds or 0, daily_minutes or None)
    given = {
        "records_name": records_name,
        "overlay_seconds": overlay_seconds,
        "daily_minutes": daily_minutes,
        "holds_whole_call": holds_whole_call,
        "ends_live_calls": ends_live_calls,
        "caller_id": caller_id,
    }
    changes: dict[str, object] = {name: one for name, one in given.items() if one is not None}
    if not changes:
        raise PlaceError("say what is to change")
    if daily_minutes == 0:
        changes["daily_minutes"] = None
    _change(database, facility_id, changes)


def add_person(
    database: Database,
    key: bytes,
    person_id: str,
    facility_id: str,
    name: str,
    pin: str,
    *,
    chosen: bool = True,
) -> None:
    """Add a person in custody, who may call from now on. Raises :class:`PlaceError`.

    A PIN that the person hasn't ``chosen`` is good for its first use only.
    """
    _must(PERSON_ID, person_id, "a person's ID is up to 12 digits, and not 9 alone: it is keyed")
    must_be_pin(pin)
    if not name.strip():
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
    _add(database, persons, row, f"person {person_id}")


def facility(connection: Connection, facility_id: str) -> AnyRow:
    """A facility. Raises :class:`PlaceError` when there is none."""
    chosen = select(facilities).where(facilities.c.id == facility_id)
    row = connection.execute(chosen).one_or_none()
    if row is None:
        raise PlaceError(f"there is no facility {facility_id!r}")
    return row


def facilities_all(connection: Connection) -> list[AnyRow]:
    """Every facility, by its id."""
    return list(connection.execute(select(facilities).order_by(facilities.c.id)))


def spoken_names(connection: Connection) -> list[str]:
    """The names that a call may have to speak: facilities' and people's."""
    names = select(facilities.c.name).union(select(persons.c.name))
    return sorted(connection.execute(names).scalars())


def must_be_pin(pin: str) -> None:
    """Raises :class:`PlaceError` when it can't be one."""
    _must(PIN, pin, "a PIN has 4 to 6 digits")


def _change(database: Database, facility_id: str, changes: dict[str, object]) -> None:
    change = facilities.update().where(facilities.c.id == facility_id).values(changes)
    with database.once() as connection:
        if connection.execute(change).rowcount != 1:
            raise PlaceError(f"there is no facility {facility_id!r}")


def _must_be_times(overlay_seconds: int, daily_minutes: int | None) -> None:
    if overlay_seconds and overlay_seconds < SHORTEST_OVERLAY:
        raise PlaceError(f"an overlay comes every {SHORTEST_OVERLAY} seconds at most; 0: never")
    if daily_minutes is not None and daily_minutes < 1:
        raise PlaceError("the daily limit is at least a minute")


def _must_be_exchange(exchange: str) -> None:
    if exchange:
        _must(NPA_NXX, exchange, "an exchange is NPA and NXX, six digits such as 512555")


def _must(pattern: re.Pattern[str], value: str, rule: str) -> None:
    if not pattern.fullmatch(value):
        raise PlaceError(f"{value!r}: {rule}")


def _add(database: Database, table: Table, row: dict[str, object], what: str) -> None:
    try:
        with database.begin() as connection:
            connection.execute(table.insert(), row)
    except IntegrityError:
        raise PlaceError(f"{what} exists already, or its facility doesn't") from None
