"""Hotlines: free numbers that every phone of a facility reaches, without PIN, money or record.

Asterisk carries them without asking anybody; here is who set them, and which phone called when.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from custody.facilities import must_be_facility
from custody.lines.shared import keep_order
from custody.places import PlaceError
from store.tables import hotline_calls, hotlines, phones
from store.types import AnyRow
from store.upsert import insert_new

CODE = re.compile(r"[0-9]{2,6}")
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
SHORT = re.compile(r"(?!911|999)[2-9][0-9]{2}")
_SPELLING = re.compile(r"[\s().-]")
# Who dials these looks for the emergency services, which are no facility's choice.
NEVER = ("911", "112", "999", "988")
LONGEST_NAME = 80


class HotlineKind(StrEnum):
    """What a hotline is for."""

    ABUSE_REPORT = "abuse_report"
    PUBLIC_DEFENDER = "public_defender"
    CONSULATE = "consulate"
    CRISIS = "crisis"


def number_of(text: str) -> str:
    """The number that is meant, as ``+12025550143``; toll-free and abroad, too, or three digits
    such as 988. Raises :class:`PlaceError`."""
    bare = _SPELLING.sub("", text)
    if re.fullmatch(r"1?[2-9][0-9]{9}", bare):
        bare = f"+1{bare[-10:]}"
    if not E164.fullmatch(bare) and not SHORT.fullmatch(bare):
        raise PlaceError(f"{text!r} is no number such as +12025550143 or 988")
    return bare


def add_hotline(
    connection: Connection,
    facility_id: str,
    code: str,
    number: str,
    kind: HotlineKind,
    name: str,
    actor: str,
    at: datetime,
) -> None:
    """Have ``code`` reach ``number`` from a facility's phones.

    Raises :class:`PlaceError`.
    """
    must_be_facility(connection, facility_id)
    if not CODE.fullmatch(code) or code in NEVER:
        raise PlaceError(f"a code has 2 to 6 digits, and is none of {', '.join(NEVER)}")
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise PlaceError(f"a hotline needs a name of at most {LONGEST_NAME} characters")
    meant = number_of(number)
    row = {"facility_id": facility_id, "code": code, "number": meant, "kind": kind.value}
    known = {"name": name, "active": True, "actor": actor, "at": at}
    try:
        with connection.begin_nested():
            connection.execute(hotlines.insert(), {**row, **known})
    except IntegrityError:
        raise PlaceError(f"{facility_id} has a hotline {code} already") from None
    keep_order(connection, "hotline", _line(facility_id, code), "add", actor, meant, at)


def switch_hotline(
    connection: Connection,
    facility_id: str,
    code: str,
    active: bool,
    actor: str,
    note: str,
    at: datetime,
) -> None:
    """Take a hotline away, or give it back. Raises :class:`PlaceError`."""
    this = (hotlines.c.facility_id == facility_id) & (hotlines.c.code == code)
    changed = hotlines.update().where(this).values(active=active, actor=actor, at=at)
    if connection.execute(changed).rowcount != 1:
        raise PlaceError(f"{facility_id} has no hotline {code!r}")
    kind = "on" if active else "off"
    keep_order(connection, "hotline", _line(facility_id, code), kind, actor, note, at)


def every_hotline(connection: Connection, facility_id: str | None = None) -> list[AnyRow]:
    """The hotlines of a facility, or of all, those that were taken away included."""
    asked = select(hotlines).order_by(hotlines.c.facility_id, hotlines.c.code)
    if facility_id is not None:
        asked = asked.where(hotlines.c.facility_id == facility_id)
    return list(connection.execute(asked))


def reaches(connection: Connection, phone_id: str, code: str) -> bool:
    """Whether a phone reaches a hotline by this code."""
    asked = (
        select(hotlines.c.id)
        .join(phones, phones.c.facility_id == hotlines.c.facility_id)
        .where(phones.c.id == phone_id, hotlines.c.code == code, hotlines.c.active)
    )
    return connection.execute(asked).one_or_none() is not None


def keep_call(connection: Connection, row: Mapping[str, object]) -> bool:
    """Keep that a phone has called a hotline, once; False where the phone is none of ours."""
    known = select(phones.c.id).where(phones.c.id == row["phone_id"])
    if connection.execute(known).one_or_none() is None:
        return False
    connection.execute(insert_new(connection, hotline_calls).values(row))
    return True


def calls_of(connection: Connection, facility_id: str, most: int = 100) -> list[AnyRow]:
    """The latest calls from a facility's phones to its hotlines."""
    asked = select(hotline_calls).join(phones).where(phones.c.facility_id == facility_id)
    return list(connection.execute(asked.order_by(hotline_calls.c.began_at.desc()).limit(most)))


def _line(facility_id: str, code: str) -> str:
    return f"{facility_id}/{code}"
