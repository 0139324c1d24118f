"""The lists that are asked for a number: blocked and privileged.

Every block carries its cause, its actor, its time and its way out (design rule 6). A number
that anyone marks privileged is neither recorded nor monitored (design rule 2).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select

from blocklists.numbers import Refused, normalise
from store.tables import blocked_numbers, privileged_numbers
from store.types import now


class BlockCause(StrEnum):
    """Who wanted a number blocked."""

    FACILITY = "facility"
    COURT = "court"
    SECURITY = "security"
    PROVIDER = "provider"
    CALLED_PARTY = "called_party"


class NumberError(ValueError):
    """The number can't be put on a list; the message says why."""


def is_blocked(number: object, facility_id: object, at: object) -> ColumnElement[bool]:
    """A condition for a query: the number is blocked at this facility at this moment."""
    row = blocked_numbers.c
    return exists(
        select(1).where(
            row.number == number,
            or_(row.facility_id.is_(None), row.facility_id == facility_id),
            row.lifted_at.is_(None),
            or_(row.expires_at.is_(None), row.expires_at > at),
        )
    )


def is_privileged(number: object, facility_id: object, person_id: object) -> ColumnElement[bool]:
    """A condition for a query: a call of this person to the number must not be recorded."""
    row = privileged_numbers.c
    return exists(
        select(1).where(
            row.number == number,
            and_(
                or_(row.facility_id.is_(None), row.facility_id == facility_id),
                or_(row.person_id.is_(None), row.person_id == person_id),
            ),
        )
    )


def block(
    connection: Connection,
    number: str,
    cause: BlockCause,
    actor: str,
    *,
    facility_id: str | None = None,
    expires_at: datetime | None = None,
    note: str = "",
) -> None:
    """Block a number at a facility, or everywhere. Raises :class:`NumberError`."""
    connection.execute(
        blocked_numbers.insert(),
        {
            "number": dialable(number),
            "facility_id": facility_id,
            "cause": cause.value,
            "actor": actor,
            "at": now(),
            "expires_at": expires_at,
            "note": note,
        },
    )


def unblock(connection: Connection, number: str, actor: str, facility_id: str | None = None) -> int:
    """Lift the blocks of a number at a facility (or the global ones); how many there were."""
    row = blocked_numbers.c
    scope = row.facility_id == facility_id if facility_id else row.facility_id.is_(None)
    lifted = connection.execute(
        blocked_numbers.update()
        .where(row.number == dialable(number), scope, row.lifted_at.is_(None))
        .values(lifted_at=now(), lifted_by=actor)
    )
    return lifted.rowcount


def mark_privileged(
    connection: Connection,
    number: str,
    actor: str,
    *,
    facility_id: str | None = None,
    person_id: str | None = None,
    note: str = "",
) -> None:
    """Forbid recording of calls to a number from now on. Raises :class:`NumberError`."""
    connection.execute(
        privileged_numbers.insert(),
        {
            "number": dialable(number),
            "facility_id": facility_id,
            "person_id": person_id,
            "actor": actor,
            "at": now(),
            "note": note,
        },
    )


def dialable(number: str) -> str:
    """The E.164 number of what a person wrote, such as ``(212) 555-0100``.

    Raises :class:`NumberError`.
    """
    normal = normalise("".join(key for key in number if key not in " -.()"))
    if isinstance(normal, Refused):
        raise NumberError(f"{number!r} is no number that can be called: {normal.why.value}")
    return normal
