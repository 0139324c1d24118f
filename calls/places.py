"""Facilities, phones and people: what has to be known before anyone can call."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection, Table, select
from sqlalchemy.exc import IntegrityError

from calls.decision import ALLOWED_STATUS
from calls.people import pin_hash
from store.database import Database
from store.tables import facilities, persons, phones

PERSON_ID = re.compile(r"[0-9]{1,12}")
NPA_NXX = re.compile(r"([2-9][0-9]{2}){2}")
PIN = re.compile(r"[0-9]{4,6}")
NAME_ID = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,39}")


class PlaceError(ValueError):
    """A facility, phone or person can't be added; the message says why and how to mend it."""


@dataclass(frozen=True)
class Facility:
    """A jail or prison. ``adp`` is last year's average daily population (47 CFR 64.6000).

    ``exchange`` is the NPA-NXX of the street address, such as 512555, where it is known.
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


def add_facility(database: Database, facility: Facility) -> None:
    """Add a facility. Raises :class:`PlaceError`."""
    _must(NAME_ID, facility.id, "a facility's id is letters, digits, - and _")
    if facility.facility_type not in ("jail", "prison"):
        raise PlaceError("a facility is a jail or a prison")
    if facility.adp < 0 or facility.longest_call_seconds < 1:
        raise PlaceError("average population and longest call can't be negative")
    _must_be_exchange(facility.exchange)
    try:
        ZoneInfo(facility.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise PlaceError(f"{facility.timezone!r} is no zone such as America/Chicago") from None
    _add(database, facilities, vars(facility), f"facility {facility.id}")


def move_facility(database: Database, facility_id: str, exchange: str) -> None:
    """Say in which exchange (NPA-NXX) a facility lies; empty: not known. Raises PlaceError."""
    _must_be_exchange(exchange)
    change = facilities.update().where(facilities.c.id == facility_id)
    with database.begin() as connection:
        if connection.execute(change.values(exchange=exchange)).rowcount != 1:
            raise PlaceError(f"there is no facility {facility_id!r}")


def add_phone(database: Database, phone_id: str, facility_id: str) -> str:
    """Add a phone to a facility; its SIP password. Raises :class:`PlaceError`."""
    _must(NAME_ID, phone_id, "a phone's id is letters, digits, - and _")
    password = secrets.token_urlsafe(18)
    row = {"id": phone_id, "facility_id": facility_id, "sip_password": password, "active": True}
    _add(database, phones, row, f"phone {phone_id}")
    return password


def add_person(
    database: Database, key: bytes, person_id: str, facility_id: str, name: str, pin: str
) -> None:
    """Add a person in custody, who may call from now on. Raises :class:`PlaceError`."""
    _must(PERSON_ID, person_id, "a person's ID is up to 12 digits: it is keyed on the phone")
    _must(PIN, pin, "a PIN has 4 to 6 digits")
    if not name.strip():
        raise PlaceError("a person needs a name: it is spoken to the called party")
    row = {
        "id": person_id,
        "facility_id": facility_id,
        "name": name,
        "status": ALLOWED_STATUS,
        "pin_hash": pin_hash(key, person_id, pin),
        "pin_failures": 0,
    }
    _add(database, persons, row, f"person {person_id}")


def sip_logins(connection: Connection) -> list[tuple[str, str]]:
    """The id and SIP password of each phone that is in service."""
    in_service = select(phones.c.id, phones.c.sip_password).where(phones.c.active)
    return [(row.id, row.sip_password) for row in connection.execute(in_service)]


def spoken_names(connection: Connection) -> list[str]:
    """The names that a call may have to speak: facilities' and people's."""
    names = select(facilities.c.name).union(select(persons.c.name))
    return sorted(connection.execute(names).scalars())


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
