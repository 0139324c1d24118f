"""The months that the books are closed by: UTC, written such as ``2026-10``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

# The last whose end is a moment, too.
LAST: Final = "9999-11"


def month_of(moment: datetime) -> str:
    """The month that a moment lies in."""
    return f"{moment.astimezone(UTC):%Y-%m}"


def start_of(month: str) -> datetime:
    """The month's first moment. Raises :class:`ValueError` when it isn't written as one."""
    if len(month) != len(LAST) or month > LAST:
        raise ValueError(f"{month!r} is no month such as 2026-10")
    return datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)


def following(month: str) -> str:
    """The month after."""
    start = start_of(month)
    return f"{start.year + start.month // 12:04}-{start.month % 12 + 1:02}"


def end_of(month: str) -> datetime:
    """The first moment that lies after the month."""
    return start_of(following(month))
