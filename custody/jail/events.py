"""One event of a jail's own system: what it may say, and what is rubbish."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from custody.places import NAME_ID, PERSON_ID, PlaceError
from store.types import to_ms

STAFF: Final = "staff"
"""The source of what this platform's own staff say; no jail's system may take it."""
FIELDS: Final = ("event_id", "kind", "person", "at", "facility", "unit", "name", "note")
# Clocks differ; but what lies in the future would outweigh everything until then.
AHEAD: Final = timedelta(minutes=10)
EARLIEST: Final = datetime(1980, 1, 1, tzinfo=UTC)
LONGEST_ID, LONGEST_NAME, LONGEST_NOTE = 80, 80, 200
_EVENT_ID = re.compile(r"[!-~]{1,80}")
_PRINTED = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]*")


class Kind(StrEnum):
    """What happened. Of what happened in the same moment, the last named here weighs most."""

    BOOKED = "booked"
    MOVED = "moved"
    RESTORED = "restored"
    SEGREGATED = "segregated"
    SUSPENDED = "suspended"
    TRANSFERRED = "transferred"
    RELEASED = "released"


@dataclass(frozen=True)
class Event:
    """What a source says of a person. ``facility`` and ``unit``: set where ``kind`` needs them.

    ``within``: the facility whose people the teller may speak of; None: all.
    """

    source: str
    event_id: str
    kind: Kind
    person_id: str
    at: datetime
    facility: str | None = None
    unit: str | None = None
    name: str | None = None
    note: str = ""
    within: str | None = field(default=None, compare=False)


def source_of(name: str) -> str:
    """The name of a jail's system, for its events. Raises :class:`PlaceError`."""
    if name == STAFF or not NAME_ID.fullmatch(name):
        raise PlaceError(f"{name!r}: a source is letters, digits, - and _, and not {STAFF!r}")
    return name


def event_of(source: str, fields: Mapping[str, object], received_at: datetime) -> Event:
    """The event that these fields say. Raises :class:`PlaceError` when they say none."""
    if strange := sorted(set(fields) - set(FIELDS)):
        raise PlaceError(f"unknown field {', '.join(strange)}; there are {', '.join(FIELDS)}")
    text = {name: _text(name, fields.get(name)) for name in FIELDS}
    _must(_EVENT_ID, text["event_id"], f"event_id is 1 to {LONGEST_ID} characters, no spaces")
    _must(PERSON_ID, text["person"], "person is up to 12 digits, and not 9 alone")
    kind = _kind(text["kind"])
    event = Event(
        source,
        text["event_id"],
        kind,
        text["person"],
        _moment(text["at"], received_at),
        text["facility"] or None,
        text["unit"] or None,
        text["name"] or None,
        text["note"],
    )
    _must_suit(event)
    return event


def _must_suit(event: Event) -> None:
    places = event.facility or event.unit
    if event.kind is Kind.BOOKED and not (event.facility and event.name):
        raise PlaceError("booked needs facility and name")
    if event.kind is Kind.MOVED and not places:
        raise PlaceError("moved needs unit or facility")
    if event.kind not in (Kind.BOOKED, Kind.MOVED) and places:
        raise PlaceError(f"{event.kind} takes no facility and no unit")
    if event.kind is not Kind.BOOKED and event.name:
        raise PlaceError(f"{event.kind} takes no name")


def _text(name: str, value: object) -> str:
    """Numbers are taken as their digits: a person's ID often is one in JSON."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise PlaceError(f"{name} is no text")
    text = str(value).strip()
    if not _PRINTED.fullmatch(text):
        raise PlaceError(f"{name} has characters that can't be printed")
    longest = {"name": LONGEST_NAME, "note": LONGEST_NOTE}.get(name, LONGEST_ID)
    if len(text) > longest:
        raise PlaceError(f"{name} has more than {longest} characters")
    return text


def _kind(text: str) -> Kind:
    try:
        return Kind(text)
    except ValueError:
        raise PlaceError(f"{text!r} is no kind of event: {', '.join(Kind)}") from None


def _moment(text: str, received_at: datetime) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise PlaceError(f"at is no moment such as 2026-11-22T10:00:00-05:00: {text!r}") from None
    if at.tzinfo is None:
        raise PlaceError(f"at needs its offset from UTC, such as -05:00 or Z: {text!r}")
    if not EARLIEST <= at <= received_at + AHEAD:
        raise PlaceError(f"at lies in the future or before {EARLIEST:%Y}: {text!r}")
    return to_ms(at)


def _must(pattern: re.Pattern[str], text: str, rule: str) -> None:
    if not pattern.fullmatch(text):
        raise PlaceError(f"{text!r}: {rule}")
