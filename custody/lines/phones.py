"""The phones that people in custody call from: added, changed, switched off and on again."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from custody.facilities import must_be_facility
from custody.lines.shared import keep_order, must_be_wire, network
from custody.places import NAME_ID, PlaceError
from store.tables import facilities, phones, units
from store.types import AnyRow

LONGEST_LABEL = 80


@dataclass(frozen=True)
class Phone:
    """A phone as staff describe it.

    ``transport``: how SIP reaches it (udp, tcp, tls); ``encrypts``: its sound is SRTP or there is
    none; ``codecs``: best first; ``addresses``: where it may come from, separated by commas, empty
    for anywhere.
    """

    id: str
    facility_id: str
    unit_id: str | None = None
    label: str = ""
    transport: str = "udp"
    encrypts: bool = False
    codecs: str = "ulaw,alaw"
    addresses: str = ""


def add_phone(connection: Connection, phone: Phone, actor: str, at: datetime) -> str:
    """Add a phone; its SIP password, which is told this once. Raises :class:`PlaceError`."""
    if not NAME_ID.fullmatch(phone.id):
        raise PlaceError(f"{phone.id!r}: a phone's id is letters, digits, - and _")
    must_be_facility(connection, phone.facility_id)
    password = secrets.token_urlsafe(18)
    row = {**_checked(connection, phone), "sip_password": password, "active": True}
    try:
        with connection.begin_nested():
            connection.execute(phones.insert(), row)
    except IntegrityError:
        raise PlaceError(f"phone {phone.id} exists already") from None
    keep_order(connection, "phone", phone.id, "add", actor, "", at)
    return password


def change_phone(connection: Connection, phone: Phone, actor: str, note: str, at: datetime) -> None:
    """Describe a phone anew; it stays in its facility. Raises :class:`PlaceError`."""
    before = find_phone(connection, phone.id)
    if before.facility_id != phone.facility_id:
        raise PlaceError("a phone stays in its facility: add another one there")
    _update(connection, phone.id, _checked(connection, phone))
    keep_order(connection, "phone", phone.id, "change", actor, note, at)


def new_password(connection: Connection, phone_id: str, actor: str, note: str, at: datetime) -> str:
    """Give a phone another SIP password; the old one is good until Asterisk is told.

    Raises :class:`PlaceError`.
    """
    find_phone(connection, phone_id)
    password = secrets.token_urlsafe(18)
    _update(connection, phone_id, {"sip_password": password})
    keep_order(connection, "phone", phone_id, "password", actor, note, at)
    return password


def switch_phone(
    connection: Connection, phone_id: str, active: bool, actor: str, note: str, at: datetime
) -> None:
    """Switch a phone on or off, from the next decision on. Raises :class:`PlaceError`.

    Who calls from one that is off is told so; its facility's hotlines are reached from it.
    """
    find_phone(connection, phone_id)
    _update(connection, phone_id, {"active": active})
    keep_order(connection, "phone", phone_id, "on" if active else "off", actor, note, at)


def find_phone(connection: Connection, phone_id: str) -> AnyRow:
    """A phone. Raises :class:`PlaceError`."""
    row = connection.execute(select(phones).where(phones.c.id == phone_id)).one_or_none()
    if row is None:
        raise PlaceError(f"there is no phone {phone_id!r}")
    return row


def phones_of(connection: Connection, facility_id: str | None = None) -> list[AnyRow]:
    """The phones of a facility, or of all, with what their called parties see (``caller_id``)."""
    asked = select(phones, facilities.c.caller_id).join(facilities)
    if facility_id is not None:
        asked = asked.where(phones.c.facility_id == facility_id)
    return list(connection.execute(asked.order_by(phones.c.facility_id, phones.c.id)))


def _checked(connection: Connection, phone: Phone) -> dict[str, object]:
    must_be_wire(phone.transport, phone.codecs, encrypts=phone.encrypts)
    if len(phone.label) > LONGEST_LABEL or not phone.label.isprintable():
        raise PlaceError(f"a label has at most {LONGEST_LABEL} characters on one line")
    if phone.unit_id is not None:
        _must_be_unit(connection, phone.unit_id, phone.facility_id)
    networks = [network(one) for one in phone.addresses.split(",") if one.strip()]
    return {**vars(phone), "addresses": ",".join(networks)}


def _must_be_unit(connection: Connection, unit_id: str, facility_id: str) -> None:
    of = connection.execute(select(units.c.facility_id).where(units.c.id == unit_id)).scalar()
    if of != facility_id:
        raise PlaceError(f"{facility_id} has no unit {unit_id!r}")


def _update(connection: Connection, phone_id: str, changes: dict[str, object]) -> None:
    connection.execute(phones.update().where(phones.c.id == phone_id).values(changes))
