"""The lines as the database has them, handed to Asterisk: phones, trunks, hotlines."""

from __future__ import annotations

from asterisk_conf.instance import Instance
from asterisk_conf.lines import Hotline, Phone, Trunk
from custody.lines import hotlines, phones, trunks
from store.database import Database
from store.types import AnyRow


def take_lines(asterisk: Instance, database: Database) -> None:
    """Let Asterisk's next configuration have them as they are now.

    A phone that is off stays known to Asterisk: its callers are told so, and reach hotlines.
    """
    with database.begin() as connection:
        asterisk.phones = tuple(_phone(row) for row in phones.phones_of(connection))
        found = trunks.in_service(connection)
        asterisk.trunks = None if found is None else tuple(_trunk(row) for row in found)
        every = hotlines.every_hotline(connection)
        asterisk.hotlines = tuple(_hotline(row) for row in every if row.active)


def _phone(row: AnyRow) -> Phone:
    return Phone(
        row.id,
        row.sip_password,
        row.facility_id,
        row.transport,
        row.encrypts,
        row.codecs,
        row.addresses,
        row.caller_id,
    )


def _trunk(row: AnyRow) -> Trunk:
    return Trunk(
        row.id,
        row.host,
        row.port,
        row.facility_id or "",
        row.transport,
        row.encrypts,
        row.codecs,
        row.username,
        row.password,
        row.capacity,
    )


def _hotline(row: AnyRow) -> Hotline:
    return Hotline(row.facility_id, row.code, row.number.removeprefix("+"))
