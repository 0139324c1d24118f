"""The blocked numbers, which are asked for every call.

Every block carries its cause, its actor, its time and its way out (design rule 6).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    case,
    literal_column,
    or_,
    select,
)

from blocklists.force import in_force
from blocklists.patterns import NumberError as NumberError
from blocklists.patterns import dialable as dialable
from blocklists.patterns import matches, on, parse
from store.tables import blocked_numbers
from store.types import AnyRow, now


class BlockCause(StrEnum):
    """Who wanted a number blocked, the one that binds most first."""

    COURT = "court"
    SECURITY = "security"
    FACILITY = "facility"
    PROVIDER = "provider"
    CALLED_PARTY = "called_party"
    VELOCITY = "velocity"


WAY_OUT: Mapping[BlockCause, str] = {
    BlockCause.COURT: "the court's own order",
    BlockCause.SECURITY: "the facility's investigators",
    BlockCause.FACILITY: "the facility's staff",
    BlockCause.PROVIDER: "the provider's customer service",
    BlockCause.CALLED_PARTY: "whoever answers at the number",
    BlockCause.VELOCITY: "the facility's staff; it ends by itself",
}
"""Who can have a block lifted (design rule 6)."""


def blocked_by(
    number: object, facility_id: object, person_id: object, at: object
) -> ScalarSelect[str | None]:
    """For a query: the cause of the strongest block in force on this call, or NULL."""
    row = _short
    return (
        select(row.cause)
        .where(
            matches(number, row.stem, row.pattern),
            or_(row.facility_id.is_(None), row.facility_id == facility_id),
            or_(row.person_id.is_(None), row.person_id == person_id),
            *in_force(row, at),
        )
        .order_by(_STRONGEST_FIRST)
        .limit(literal_column("1"))
        .scalar_subquery()
    )


def block(
    connection: Connection,
    number: str,
    cause: BlockCause,
    actor: str,
    *,
    facility_id: str | None = None,
    person_id: str | None = None,
    at: datetime | None = None,
    expires_at: datetime | None = None,
    note: str = "",
) -> None:
    """Block a number, or a pattern, at a facility, for a person, or everywhere.

    Raises :class:`NumberError`.
    """
    connection.execute(
        blocked_numbers.insert(),
        {
            **parse(number).columns(),
            "facility_id": facility_id,
            "person_id": person_id,
            "cause": cause.value,
            "actor": actor,
            "at": at or now(),
            "expires_at": expires_at,
            "note": note,
        },
    )


def unblock(
    connection: Connection,
    number: str,
    cause: BlockCause,
    actor: str,
    facility_id: str | None = None,
    person_id: str | None = None,
) -> int:
    """Lift the blocks of a number of just this cause and scope; how many there were."""
    row = blocked_numbers.c
    lifted = connection.execute(
        blocked_numbers.update()
        .where(
            row.number == parse(number).number,
            row.cause == cause.value,
            row.facility_id.is_not_distinct_from(facility_id),
            row.person_id.is_not_distinct_from(person_id),
            row.lifted_at.is_(None),
        )
        .values(lifted_at=now(), lifted_by=actor)
    )
    return lifted.rowcount


def block_once(
    connection: Connection,
    number: str,
    cause: BlockCause,
    actor: str,
    at: datetime,
    *,
    facility_id: str | None,
    person_id: str | None,
) -> None:
    """Block a number unless this actor's own block of just this scope is there.

    The caller's transaction keeps the same actor from asking twice at the same moment.
    """
    row = blocked_numbers.c
    own = select(row.id).where(
        *_own(number, actor),
        row.facility_id.is_not_distinct_from(facility_id),
        row.person_id.is_not_distinct_from(person_id),
    )
    if connection.execute(own).first() is None:
        block(connection, number, cause, actor, facility_id=facility_id, person_id=person_id, at=at)


def unblock_own(connection: Connection, number: str, actor: str, at: datetime) -> None:
    """Lift what this very actor has blocked."""
    lift = blocked_numbers.update().where(*_own(number, actor))
    connection.execute(lift.values(lifted_at=at, lifted_by=actor))


def blocks(connection: Connection, number: str | None, at: datetime) -> list[AnyRow]:
    """The blocks in force, those that bind one number or all, oldest first."""
    row = blocked_numbers.c
    query = select(blocked_numbers).where(*in_force(row, at)).order_by(row.id)
    if number is not None:
        query = query.where(on(number, row.number, row.stem, row.pattern))
    return list(connection.execute(query))


def _own(number: str, actor: str) -> tuple[ColumnElement[bool], ...]:
    row = blocked_numbers.c
    return row.number == number, row.actor == actor, row.lifted_at.is_(None)


# In the query of all facts: psycopg reads one of more than 4,096 letters anew for every call.
_short = blocked_numbers.alias("b").c
# Written out: what is bound is named, sent and planned for every call anew.
_STRONGEST_FIRST = case(
    *(
        (_short.cause == literal_column(f"'{cause}'"), literal_column(str(place)))
        for place, cause in enumerate(BlockCause)
    )
)
