"""The jail's events as the database keeps them: each once, never changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection, select

from custody.jail.events import STAFF, Event, Kind
from custody.status import Status
from store.tables import jail_events, persons
from store.types import EPOCH, AnyRow

T = TypeVar("T")
AT_ONCE = 500
_OF_STATUS = {
    Status.RELEASED: Kind.RELEASED,
    Status.TRANSFERRED: Kind.TRANSFERRED,
    Status.SUSPENDED: Kind.SUSPENDED,
    Status.SEGREGATED: Kind.SEGREGATED,
}


class Outcome(StrEnum):
    """What became of an event here.

    ``late``: something that happened after it was told before it. ``waiting``: the person isn't
    known yet; it counts as soon as the booking is told. ``repeated``: it was told before.
    """

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    LATE = "late"
    WAITING = "waiting"
    REPEATED = "repeated"


@dataclass(frozen=True)
class Taken:
    """An event with its number in the batch, what became of it and what it changed."""

    number: int
    event: Event
    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True)
class History:
    """What was told before about some people. ``rows``: those who are known, as they stand."""

    rows: Mapping[str, AnyRow]
    events: Mapping[str, Sequence[Event]]


def told_before(connection: Connection, source: str, ids: Iterable[str]) -> dict[str, Event]:
    """Those of the source's events that are kept already, by their ids."""
    row = jail_events.c
    found: dict[str, Event] = {}
    for some in _some(ids):
        chosen = select(jail_events).where(row.source == source, row.event_id.in_(some))
        found |= {one.event_id: _event(one) for one in connection.execute(chosen)}
    return found


def history(connection: Connection, person_ids: Iterable[str]) -> History:
    """All that is kept of these people."""
    rows: dict[str, AnyRow] = {}
    events: dict[str, list[Event]] = defaultdict(list)
    for some in _some(person_ids):
        chosen = select(jail_events).where(jail_events.c.person_id.in_(some))
        for row in connection.execute(chosen):
            events[row.person_id].append(_event(row))
        rows |= {
            row.id: row for row in connection.execute(select(persons).where(persons.c.id.in_(some)))
        }
    return History(rows, events)


def keep(connection: Connection, taken: Sequence[Taken], actor: str, received_at: datetime) -> None:
    """Keep events with what became of them."""
    shared = {"actor": actor, "received_at": received_at}
    if taken:
        connection.execute(jail_events.insert(), [{**_row(one), **shared} for one in taken])


def first_known(row: AnyRow) -> list[Event]:
    """What a person who came by no event would have come by, before everything else."""
    booked = Event(
        STAFF,
        f"{row.id}.known",
        Kind.BOOKED,
        row.id,
        EPOCH,
        row.facility_id,
        row.unit_id,
        row.name,
        "added to the platform",
    )
    if row.status == Status.IN_CUSTODY:
        return [booked]
    kind, later = _OF_STATUS[Status(row.status)], EPOCH + timedelta(milliseconds=1)
    stood = Event(STAFF, f"{row.id}.stood", kind, row.id, later, note="as it stood")
    return [booked, stood]


def of_person(connection: Connection, person_id: str) -> list[AnyRow]:
    """The rows of a person's events, in the order they happened."""
    row = jail_events.c
    return list(
        connection.execute(
            select(jail_events).where(row.person_id == person_id).order_by(row.at, row.id)
        )
    )


def _row(taken: Taken) -> dict[str, object]:
    event = taken.event
    facts = {name: getattr(event, name) for name in ("facility", "unit", "name", "note", "within")}
    return {
        "source": event.source,
        "event_id": event.event_id,
        "person_id": event.person_id,
        "kind": event.kind.value,
        "at": event.at,
        "facts": facts,
        "outcome": taken.outcome.value,
        "detail": taken.detail,
    }


def _event(row: AnyRow) -> Event:
    named = (row.source, row.event_id, Kind(row.kind), row.person_id, row.at)
    return Event(*named, **row.facts)


def _some(ids: Iterable[T]) -> Iterator[list[T]]:
    """So many at once as a statement bears."""
    left = iter(ids)
    while some := list(islice(left, AT_ONCE)):
        yield some
