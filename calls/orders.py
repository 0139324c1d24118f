"""Orders about calls that live: each is a row with its cause and who gave it (``call_orders``).

A call has at most one of each kind. The monitor carries it out, and a cut-off again until the call
is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, unique

from sqlalchemy import Connection, and_, bindparam, or_, select

from calls.states import Cause
from store.database import Database
from store.tables import call_orders, calls
from store.types import AnyRow
from store.upsert import insert_new

AGAIN = timedelta(seconds=20)


@unique
class OrderKind(StrEnum):
    """What is done to a call."""

    CUT_OFF = "cut_off"
    STOP_RECORDING = "stop_recording"
    STOP_LISTENING = "stop_listening"


@dataclass(frozen=True)
class Order:
    """An order that isn't carried out yet. The channels are Asterisk's unique ids."""

    id: int
    call_id: str
    kind: OrderKind
    cause: str
    at: datetime
    caller_channel: str
    called_channel: str | None


class OrderError(ValueError):
    """No such order can be given; the message says why."""


def put(
    connection: Connection, call_id: str, kind: OrderKind, cause: str, actor: str, at: datetime
) -> None:
    """Order it, once a call. A call that is to be cut off can become nothing else."""
    order = {"call_id": call_id, "kind": kind.value, "cause": cause, "actor": actor, "at": at}
    connection.execute(insert_new(connection, call_orders), order)
    if kind is OrderKind.CUT_OFF:
        connection.execute(_CUT, {"call": call_id})


def cut_off(
    connection: Connection,
    call_id: str,
    cause: str,
    actor: str,
    at: datetime,
    facility_id: str | None = None,
) -> None:
    """Staff end a call that lives, for whatever cause; with ``facility_id`` one of that facility.

    Raises :class:`OrderError`.
    """
    live = select(calls.c.outcome).where(calls.c.id == call_id, *DIALLED)
    if facility_id is not None:
        live = live.where(calls.c.facility_id == facility_id)
    if connection.execute(live).first() is None:
        raise OrderError(f"no call {call_id} lives that could be cut off: 'parloir call live'")
    put(connection, call_id, OrderKind.CUT_OFF, cause, actor, at)


def orders(connection: Connection, call_id: str) -> list[AnyRow]:
    """What was ordered about a call, in its order."""
    query = select(call_orders).where(call_orders.c.call_id == call_id)
    return list(connection.execute(query.order_by(call_orders.c.id)))


def still_open(database: Database, at: datetime) -> list[Order]:
    """Every order that is to be carried out now."""
    with database.once() as connection:
        rows = connection.execute(_OPEN, {"before": at - AGAIN}).all()
    return [Order(row.id, row.call_id, OrderKind(row.kind), *row[3:]) for row in rows]


def done(database: Database, order_id: int, at: datetime) -> None:
    """Asterisk has been told. A call that lives on is told again after a while."""
    with database.once() as connection:
        this = call_orders.update().where(call_orders.c.id == order_id)
        connection.execute(this.values(done_at=at))


DIALLED = (calls.c.ended_at.is_(None), calls.c.authorized_at.is_not(None))
"""For a query: the call lives, and orders can be given about it."""
_CUT = (
    calls.update()
    .where(calls.c.id == bindparam("call"), *DIALLED, calls.c.outcome.is_(None))
    .values(outcome=Cause.CUT_OFF.value)
)
_OPEN = (
    select(
        call_orders.c.id,
        call_orders.c.call_id,
        call_orders.c.kind,
        call_orders.c.cause,
        call_orders.c.at,
        calls.c.caller_channel,
        calls.c.called_channel,
    )
    .join(calls, calls.c.id == call_orders.c.call_id)
    .where(
        *DIALLED,
        or_(
            call_orders.c.done_at.is_(None),
            and_(
                call_orders.c.kind == OrderKind.CUT_OFF.value,
                call_orders.c.done_at < bindparam("before"),
            ),
        ),
    )
    .order_by(call_orders.c.id)
)
