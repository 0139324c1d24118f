"""What a test phone tells its driver, as values. All times are UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from phones.clip import Clip


class PhoneError(Exception):
    """A phone could not do what it was told, or what was waited for did not happen."""


@dataclass(frozen=True)
class Event:
    """Anything that happened on a phone."""

    name: str
    at: datetime
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Incoming:
    """A call that rings. ``caller`` is the From header, display name and address."""

    caller: str
    at: datetime


@dataclass(frozen=True)
class Disconnect:
    """The end of a call: SIP status and reason; ``cause`` is Q.850's, where the peer gave one."""

    code: int
    reason: str
    cause: int | None
    at: datetime


@dataclass(frozen=True)
class Heard:
    """A clip that a phone heard whole, from ``at`` to ``until``; ``score`` (0 to 1) is its fit."""

    clip: Clip
    at: datetime
    until: datetime
    score: float


def moment(seconds: float) -> datetime:
    """Seconds since the epoch as a time."""
    return datetime.fromtimestamp(seconds, UTC)
