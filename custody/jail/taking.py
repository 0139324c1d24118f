"""Jail events become people's standing: all of a batch in one step, or nothing of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from custody.jail import kept
from custody.jail.events import Event, Kind
from custody.jail.faults import JailRefused
from custody.jail.kept import History, Outcome, Taken
from custody.jail.reading import Batch
from custody.jail.standing import Standing, order, standing
from custody.status import Status
from store.tables import facilities, persons, units
from store.types import AnyRow

NO_PIN = ""
"""In the place of a PIN's hash: no PIN matches it, so the person can't call yet."""


@dataclass(frozen=True)
class Report:
    """What became of a batch, in the order it came."""

    source: str
    taken: tuple[Taken, ...]

    def count(self, outcome: Outcome) -> int:
        """How many events came out so."""
        return Counter(one.outcome for one in self.taken)[outcome]


def take(
    connection: Connection, batch: Batch, actor: str, at: datetime, only: str | None = None
) -> Report:
    """Keep the events and bring their people's standing up to date.

    ``only``: the one facility that the batch may speak of. The same event told again changes
    nothing. Raises :class:`JailRefused`; then nothing was kept.
    """
    unit_of = _serialized(connection)
    before = kept.told_before(connection, batch.source, (one.event_id for _, one in batch.events))
    events = tuple((number, replace(one, within=only)) for number, one in batch.events)
    new, repeated = _sorted_out(replace(batch, events=events), before, unit_of)
    past = kept.history(connection, sorted({one.person_id for _, one in new}))
    if only is not None:
        _refuse_strangers(batch, new, past, only)
    taken = _settle(connection, new, past, actor, at)
    return Report(batch.source, tuple(sorted([*taken, *repeated], key=lambda one: one.number)))


def _serialized(connection: Connection) -> Mapping[str, dict[str, str]]:
    """The units of each facility. Whoever else tells events waits until this is done.

    The lock is one that calls, which only refer to their facility, don't wait for.
    """
    every = select(facilities.c.id).order_by(facilities.c.id).with_for_update(key_share=True)
    found: dict[str, dict[str, str]] = {one: {} for one in connection.execute(every).scalars()}
    for row in connection.execute(select(units)):
        found[row.facility_id][row.id] = row.name
    return found


def _sorted_out(
    batch: Batch, before: Mapping[str, Event], unit_of: Mapping[str, Mapping[str, str]]
) -> tuple[list[tuple[int, Event]], list[Taken]]:
    """What is new, and what was told before. Raises :class:`JailRefused`."""
    seen, new, repeated, faults = dict(before), [], [], list(batch.faults)
    for number, one in batch.events:
        event = _placed(one, unit_of)
        if fault := _place_fault(event, unit_of):
            faults.append((number, fault))
        elif event.event_id not in seen:
            seen[event.event_id] = event
            new.append((number, event))
        elif seen[event.event_id] == event:
            repeated.append(Taken(number, event, Outcome.REPEATED))
        else:
            faults.append((number, f"event {event.event_id} was told before, otherwise"))
    if faults:
        raise JailRefused(faults, batch.what)
    return new, repeated


def _placed(event: Event, unit_of: Mapping[str, Mapping[str, str]]) -> Event:
    """A unit alone says the facility as well."""
    if event.facility or not event.unit:
        return event
    facility = next((one for one, its in unit_of.items() if event.unit in its), None)
    return replace(event, facility=facility)


def _place_fault(event: Event, unit_of: Mapping[str, Mapping[str, str]]) -> str:
    if event.facility and event.facility not in unit_of:
        return f"there is no facility {event.facility!r}"
    if event.unit and event.unit not in unit_of.get(event.facility or "", {}):
        where = f" in {event.facility}" if event.facility else ""
        return f"there is no unit {event.unit!r}{where}: 'parloir unit add' makes one"
    return ""


def _refuse_strangers(
    batch: Batch, new: Sequence[tuple[int, Event]], past: History, only: str
) -> None:
    faults = []
    for number, event in new:
        row = past.rows.get(event.person_id)
        if event.facility not in (None, only):
            faults.append((number, "that is another facility's"))
        elif row and row.facility_id != only and not _may_come(row, event):
            faults.append((number, f"person {event.person_id} isn't held here"))
    if faults:
        raise JailRefused(faults, batch.what)


def _may_come(row: AnyRow, event: Event) -> bool:
    """Who has left elsewhere may be booked here."""
    return event.kind is Kind.BOOKED and row.status in (Status.RELEASED, Status.TRANSFERRED)


def _settle(
    connection: Connection,
    new: Sequence[tuple[int, Event]],
    past: History,
    actor: str,
    at: datetime,
) -> list[Taken]:
    by_person: dict[str, list[tuple[int, Event]]] = defaultdict(list)
    for number, event in sorted(new, key=lambda one: order(one[1])):
        by_person[event.person_id].append((number, event))
    taken, base, changed = [], [], []
    for person_id, numbered in sorted(by_person.items()):
        row, events = past.rows.get(person_id), list(past.events.get(person_id, ()))
        if row is not None and not any(one.kind is Kind.BOOKED for one in events):
            first = kept.first_known(row)
            base += [Taken(0, one, Outcome.UNCHANGED) for one in first]
            events += first
        taken += _each(events, numbered)
        if stands := standing(events):
            latest = max(one.at for one in events)
            changed.append(_row(person_id, stands, latest, is_new=row is None))
    kept.keep(connection, [*base, *taken], actor, at)
    if booked := [one for one in changed if one["id"] not in past.rows]:
        connection.execute(persons.insert(), booked)
    if known := [{**one, "who": one["id"]} for one in changed if one["id"] in past.rows]:
        connection.execute(_CHANGE, known)
    return taken


def _each(events: list[Event], numbered: Sequence[tuple[int, Event]]) -> list[Taken]:
    """What each new event changed; ``events`` holds them all in the end."""
    taken = []
    before = standing(events)
    for number, event in numbered:
        late = any(one.at > event.at for one in events)
        events.append(event)
        after = standing(events)
        taken.append(Taken(number, event, *_outcome(before, after, late)))
        before = after
    return taken


def _outcome(before: Standing | None, after: Standing | None, late: bool) -> tuple[Outcome, str]:
    if after is None:
        return Outcome.WAITING, "no such person yet"
    detail = after.changes(before)
    if late:
        return Outcome.LATE, detail or "what happened since weighs more"
    return (Outcome.APPLIED if after != before else Outcome.UNCHANGED), detail


def _row(person_id: str, stands: Standing, at: datetime, *, is_new: bool) -> dict[str, object]:
    found: dict[str, object] = {
        "id": person_id,
        "facility_id": stands.facility_id,
        "unit_id": stands.unit_id,
        "name": stands.name,
        "status": stands.status.value,
        "jail_at": at,
    }
    if is_new:
        found |= {"pin_hash": NO_PIN, "pin_failures": 0, "must_choose_pin": True}
    return found


_CHANGE = persons.update().where(persons.c.id == bindparam("who"))
