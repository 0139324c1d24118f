"""What a jail says of a person in custody, and whether that person may call."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """Where a person stands: :data:`MAY_CALL` and :data:`MAY_CALL_PRIVILEGED` say who may call."""

    IN_CUSTODY = "in_custody"
    RELEASED = "released"
    TRANSFERRED = "transferred"
    SUSPENDED = "suspended"
    SEGREGATED = "segregated"


MAY_CALL = frozenset({Status.IN_CUSTODY})
"""Who may call any number that the policy allows."""
MAY_CALL_PRIVILEGED = MAY_CALL | {Status.SUSPENDED, Status.SEGREGATED}
"""Who may call privileged numbers: everybody who is held. Access to counsel is a right, which
neither a punishment nor being kept apart takes away."""
