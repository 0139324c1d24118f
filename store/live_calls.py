"""The calls that haven't ended, as those who look on see them, and how they are kept as text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from store.types import epoch_ms, from_epoch_ms


@dataclass(frozen=True)
class LiveCall:
    """A call that hasn't ended; ``since`` is when the caller went off-hook.

    ``ends_at`` is when its money or its own limit ends the talk. It and ``accepted_at`` are None
    before the acceptance.
    """

    id: str
    state: str
    facility_id: str
    person_id: str | None
    number: str | None
    account_id: str | None
    since: datetime
    accepted_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True)
class Shown:
    """The live calls as they were at a moment."""

    at: datetime
    calls: Sequence[LiveCall]


def written(shown: Shown) -> str:
    """The calls as text; :func:`read` is the reverse."""
    return json.dumps({"at": epoch_ms(shown.at), "calls": [_plain(one) for one in shown.calls]})


def read(text: str | bytes) -> Shown | None:
    """What :func:`written` wrote; None when it is damaged or of another version."""
    try:
        told = json.loads(text)
        return Shown(from_epoch_ms(told["at"]), [_call(one) for one in told["calls"]])
    except (ValueError, KeyError, TypeError):
        return None


def _plain(call: LiveCall) -> dict[str, Any]:
    """Moments are milliseconds since 1970."""
    return asdict(call) | {name: _ms(getattr(call, name)) for name in _MOMENTS}


def _call(told: dict[str, Any]) -> LiveCall:
    return LiveCall(**told | {name: _moment(told[name]) for name in _MOMENTS})


def _ms(at: datetime | None) -> int | None:
    return None if at is None else epoch_ms(at)


def _moment(ms: int | None) -> datetime | None:
    return None if ms is None else from_epoch_ms(ms)


_MOMENTS = ("since", "accepted_at", "ends_at")
