"""Where a person stands after all that was told, in whatever order it came.

Events are ordered by the moment they happened, never by the moment they arrived: so a late one
counts as it would have counted in time, and the same events always lead to the same standing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from custody.jail.events import STAFF, Event, Kind
from custody.status import Status

_NOTHING = ("none", "nobody")
_RANK = {kind: n for n, kind in enumerate(Kind)}
_GONE = {Kind.RELEASED: Status.RELEASED, Kind.TRANSFERRED: Status.TRANSFERRED}
_HELD_BACK = {Kind.SUSPENDED: Status.SUSPENDED, Kind.SEGREGATED: Status.SEGREGATED}


@dataclass(frozen=True)
class Standing:
    """Where a person is held, and what keeps them from calling.

    ``gone``: released or transferred. ``held_back``: who has suspended or segregated them; each
    source lifts its own, staff lift all.
    """

    facility_id: str
    unit_id: str | None
    name: str
    gone: Status | None = None
    held_back: Mapping[str, Status] = field(default_factory=dict)

    @property
    def status(self) -> Status:
        """The one that counts: of several, the strictest."""
        if self.gone:
            return self.gone
        if Status.SUSPENDED in self.held_back.values():
            return Status.SUSPENDED
        return Status.SEGREGATED if self.held_back else Status.IN_CUSTODY

    def changes(self, before: Standing | None) -> str:
        """What is different, in words for the report; empty: nothing."""
        new = self._told()
        if before is None:
            known = [f"{name} {value}" for name, value in new.items() if value not in _NOTHING]
            return f"new: {', '.join(known)}"
        old = before._told()
        return "; ".join(
            f"{name} {old[name]} -> {value}" for name, value in new.items() if value != old[name]
        )

    def _told(self) -> dict[str, str]:
        return {
            "facility": self.facility_id,
            "unit": self.unit_id or "none",
            "status": self.status.value,
            "held back by": " and ".join(sorted(self.held_back)) or "nobody",
            "name": self.name,
        }


def standing(events: Iterable[Event]) -> Standing | None:
    """The standing that these events lead to; None before the first booking."""
    found: Standing | None = None
    for event in sorted(events, key=order):
        found = _after(found, event)
    return found


def order(event: Event) -> tuple[object, ...]:
    """By when it happened; in the same moment the strictest comes last."""
    return (event.at, _RANK[event.kind], event.source, event.event_id)


def _after(before: Standing | None, event: Event) -> Standing | None:
    if before is not None and _is_strangers(before, event):
        return before
    if event.kind is Kind.BOOKED:
        return _booked(before, event)
    if before is None:
        return None
    if event.kind in _GONE:
        # What held them back ends with their stay.
        return replace(before, unit_id=None, gone=_GONE[event.kind], held_back={})
    return before if before.gone else _within(before, event)


def _is_strangers(before: Standing, event: Event) -> bool:
    """Whether the teller had no say: the person was held elsewhere when it happened.

    Who has left there may be booked by anybody.
    """
    comes = event.kind is Kind.BOOKED and before.gone is not None
    return event.within not in (None, before.facility_id) and not comes


def _booked(before: Standing | None, event: Event) -> Standing:
    assert event.facility is not None
    assert event.name is not None
    held_back = before.held_back if before else {}
    return Standing(event.facility, event.unit, event.name, None, held_back)


def _within(before: Standing, event: Event) -> Standing:
    if event.kind is Kind.MOVED:
        assert event.facility is not None
        return replace(before, facility_id=event.facility, unit_id=event.unit)
    if event.kind in _HELD_BACK:
        held_back = {**before.held_back, event.source: _HELD_BACK[event.kind]}
        return replace(before, held_back=held_back)
    if event.source == STAFF:
        return replace(before, held_back={})
    kept = {source: one for source, one in before.held_back.items() if source != event.source}
    return replace(before, held_back=kept)
