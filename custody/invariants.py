"""What always holds of people: each stands as what was told of them leads to."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from custody.jail import kept
from custody.jail.kept import AT_ONCE, History
from custody.jail.standing import standing
from store.tables import jail_events
from store.types import AnyRow


def stands_as_told(connection: Connection) -> Iterator[str]:
    """People whose row isn't what their events lead to, and people who were booked in vain."""
    told = select(jail_events.c.person_id).distinct().order_by(jail_events.c.person_id)
    after = ""
    while some := list(
        connection.execute(told.where(jail_events.c.person_id > after).limit(AT_ONCE)).scalars()
    ):
        after = some[-1]
        past = kept.history(connection, some)
        for person_id in some:
            yield from _differs(person_id, past, past.rows.get(person_id))


def _differs(person_id: str, past: History, row: AnyRow | None) -> Iterator[str]:
    expected = standing(past.events[person_id])
    if expected is None:
        return
    if row is None:
        yield f"person {person_id} was booked, but isn't there"
        return
    found = (row.facility_id, row.unit_id, row.status, row.name)
    led_to = (expected.facility_id, expected.unit_id, expected.status.value, expected.name)
    if found != led_to:
        yield f"person {person_id} is {found}, but was told {led_to}"
