"""What a jail says of a person in custody, and whether that person may call."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """Where a person stands. ``in_custody`` is the only one from which calls can be made."""

    IN_CUSTODY = "in_custody"
    RELEASED = "released"
    TRANSFERRED = "transferred"
    SUSPENDED = "suspended"
    SEGREGATED = "segregated"


MAY_CALL = frozenset({Status.IN_CUSTODY})
