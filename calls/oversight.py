"""What must change about a call that lives: to be cut off, or to be recorded no longer.

A decision is made once, before the dial; what is ordered after it counts from the next moment. The
monitor asks every second, the acceptance asks again, and so does the end before anything is sealed.
Each order is a row with its cause (``call_orders``): the monitor carries it out, and again until
the call is over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, unique

from sqlalchemy import BindParameter, Connection, and_, bindparam, or_, select

from blocklists.lists import BlockCause, blocked_by
from blocklists.privilege.registry import is_privileged
from calls.states import Cause
from custody.status import MAY_CALL
from store.database import Database
from store.tables import call_orders, calls, facilities, persons, phones
from store.types import AnyRow
from store.upsert import insert_new

# Those who may end a talk that is allowed to live; the others bind the next call.
CUTTING = frozenset({BlockCause.COURT, BlockCause.SECURITY, BlockCause.FACILITY})
AGAIN = timedelta(seconds=20)
ACTOR = "the platform"


@unique
class OrderKind(StrEnum):
    """What is done to a call."""

    CUT_OFF = "cut_off"
    STOP_RECORDING = "stop_recording"


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


def look(database: Database, at: datetime) -> list[Order]:
    """Order what is due now; every order that is still to be carried out."""
    with database.once() as connection:
        due = [row for row in connection.execute(_LIVE, {"now": at}) if _cause(row) or _audio(row)]
    if due:
        with database.begin() as connection:
            for row in due:
                _order(connection, row, at)
    with database.once() as connection:
        rows = connection.execute(_OPEN, {"before": at - AGAIN}).all()
    return [Order(row.id, row.call_id, OrderKind(row.kind), *row[3:]) for row in rows]


def ask_again(connection: Connection, call_id: str, at: datetime) -> None:
    """Ask about one call now, and write on it what follows: it may be over, or not recorded."""
    row = connection.execute(_ONE, {"call": call_id, "now": at}).one_or_none()
    if row is not None:
        _order(connection, row, at)


def protect(connection: Connection, call_id: str, at: datetime) -> None:
    """Ask about one call's privilege alone, now: what it holds of audio may be nobody's."""
    row = connection.execute(_ONE, {"call": call_id, "now": at}).one_or_none()
    if row is not None and _audio(row):
        _keep_private(connection, row, at)


def cut_off(connection: Connection, call_id: str, cause: str, actor: str, at: datetime) -> None:
    """Staff end a call that lives, for whatever cause. Raises :class:`OrderError`."""
    live = select(calls.c.outcome).where(calls.c.id == call_id, *_LIVING)
    if connection.execute(live).first() is None:
        raise OrderError(f"no call {call_id} lives that could be cut off: 'parloir call live'")
    _put(connection, call_id, OrderKind.CUT_OFF, cause, actor, at)


def orders(connection: Connection, call_id: str) -> list[AnyRow]:
    """What was ordered about a call, in its order."""
    query = select(call_orders).where(call_orders.c.call_id == call_id)
    return list(connection.execute(query.order_by(call_orders.c.id)))


def done(database: Database, order_id: int, at: datetime) -> None:
    """Asterisk has been told. A call that lives on is told again after a while."""
    with database.once() as connection:
        this = call_orders.update().where(call_orders.c.id == order_id)
        connection.execute(this.values(done_at=at))


def _order(connection: Connection, row: AnyRow, at: datetime) -> None:
    if _audio(row):
        _keep_private(connection, row, at)
    if cause := _cause(row):
        _put(connection, row.id, OrderKind.CUT_OFF, cause, ACTOR, at)


def _put(
    connection: Connection, call_id: str, kind: OrderKind, cause: str, actor: str, at: datetime
) -> None:
    order = {"call_id": call_id, "kind": kind.value, "cause": cause, "actor": actor, "at": at}
    connection.execute(insert_new(connection, call_orders), order)
    if kind is OrderKind.CUT_OFF:
        connection.execute(_CUT, {"call": call_id})


def _keep_private(connection: Connection, row: AnyRow, at: datetime) -> None:
    """First the books: from here on nothing of this call is sealed, whatever still comes."""
    connection.execute(_PRIVATE, {"call": row.id})
    if row.recorded and row.accepted_at is not None:
        cause = f"{row.number} became privileged"
        _put(connection, row.id, OrderKind.STOP_RECORDING, cause, ACTOR, at)


def _audio(row: AnyRow) -> bool:
    """Whether the number became privileged after the decision."""
    return bool(row.now_privileged and not row.privileged)


def _cause(row: AnyRow) -> str | None:
    return None if row.outcome else next(_causes(row), None)


def _causes(row: AnyRow) -> Iterator[str]:
    if row.block_cause and BlockCause(row.block_cause) in CUTTING:
        yield f"{row.number} was blocked: {row.block_cause}"
    if not row.active:
        yield f"phone {row.phone_id} was turned off"
    if row.ends_live_calls and row.status not in MAY_CALL:
        yield f"person {row.person_id} is {row.status}"
    if row.ends_live_calls and not row.same_facility:
        yield f"person {row.person_id} is at another facility"


_LIVING = (calls.c.ended_at.is_(None), calls.c.authorized_at.is_not(None))
_NOW: BindParameter[datetime] = bindparam("now")
_SCOPE = (calls.c.number, calls.c.facility_id, calls.c.person_id)
_LIVE = (
    select(
        calls.c.id,
        calls.c.number,
        calls.c.phone_id,
        calls.c.person_id,
        calls.c.accepted_at,
        calls.c.recorded,
        calls.c.privileged,
        calls.c.outcome,
        facilities.c.ends_live_calls,
        phones.c.active,
        persons.c.status,
        (persons.c.facility_id == calls.c.facility_id).label("same_facility"),
        blocked_by(*_SCOPE, _NOW).label("block_cause"),
        is_privileged(*_SCOPE, _NOW).label("now_privileged"),
    )
    .select_from(calls)
    .join(facilities, facilities.c.id == calls.c.facility_id)
    .join(phones, phones.c.id == calls.c.phone_id)
    .join(persons, persons.c.id == calls.c.person_id)
    .where(*_LIVING)
)
_ONE = _LIVE.where(calls.c.id == bindparam("call"))
_CUT = (
    calls.update()
    .where(calls.c.id == bindparam("call"), *_LIVING, calls.c.outcome.is_(None))
    .values(outcome=Cause.CUT_OFF.value)
)
_PRIVATE = (
    calls.update().where(calls.c.id == bindparam("call")).values(privileged=True, recorded=False)
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
        *_LIVING,
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
