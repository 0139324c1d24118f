"""What must change about a call that lives: to be cut off, or to be recorded no longer.

A decision is made once, before the dial; what is ordered after it counts from the next moment. The
monitor asks every second, the acceptance asks again, and so does the end before anything is sealed.
"""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import Connection, bindparam

from blocklists.bulk import BulkListError
from calls import orders
from calls.binding import (
    BOUND,
    BOUND_ONE,
    PRIVILEGE_OF_ONE,
    became_privileged,
    ended_by,
    unrecorded_by,
)
from calls.orders import Order, OrderKind
from store.database import Database
from store.tables import calls
from store.types import AnyRow

ACTOR = "the platform"
_log = logging.getLogger(__name__)


def look(database: Database, at: datetime) -> list[Order]:
    """Order what is due now; every order that is still to be carried out."""
    with database.once() as connection:
        rows = connection.execute(BOUND, {"now": at}).all()
    ends = {row.id: _ended_by(row) for row in rows}
    due = [row for row in rows if became_privileged(row) or unrecorded_by(row) or ends[row.id]]
    if due:
        with database.begin() as connection:
            for row in due:
                _order(connection, row, ends[row.id], at)
                _hear_no_more(connection, row, at)
    return orders.still_open(database, at)


def ask_again(connection: Connection, call_id: str, at: datetime) -> None:
    """Ask about one call now, and write on it what follows: it may be over, or not recorded.

    Raises :class:`~blocklists.bulk.BulkListError` when a list can't be asked.
    """
    row = connection.execute(BOUND_ONE, {"call": call_id, "now": at}).one_or_none()
    if row is not None:
        _order(connection, row, ended_by(row), at)


def protect(connection: Connection, call_id: str, at: datetime) -> None:
    """Ask about one call's privilege alone, now: what it holds of audio may be nobody's."""
    row = connection.execute(PRIVILEGE_OF_ONE, {"call": call_id, "now": at}).one_or_none()
    if row is not None and became_privileged(row):
        _keep_private(connection, row, at)


def _ended_by(row: AnyRow) -> str | None:
    """A list that can't be read lets no new call begin. It ends none that lives, and keeps nothing
    else that was ordered from being done."""
    try:
        return ended_by(row)
    except BulkListError as error:
        _log.error("call %s isn't compared with the lists: %s", row.id, error)
        return None


def _order(connection: Connection, row: AnyRow, ends: str | None, at: datetime) -> None:
    if became_privileged(row):
        _keep_private(connection, row, at)
    elif by := unrecorded_by(row):
        _record_no_more(connection, row, by, at)
    if ends:
        orders.put(connection, row.id, OrderKind.CUT_OFF, ends, ACTOR, at)


def _keep_private(connection: Connection, row: AnyRow, at: datetime) -> None:
    """First the books: from here on nothing of this call is sealed, whatever still comes."""
    accepted_at = connection.execute(_PRIVATE, {"call": row.id}).scalar_one()
    if row.recorded and accepted_at is not None:
        orders.put(connection, row.id, OrderKind.STOP_RECORDING, _privileged(row), ACTOR, at)


def _record_no_more(connection: Connection, row: AnyRow, by: str, at: datetime) -> None:
    """A recording that hasn't begun never does; what there is of one is evidence, and stays so."""
    if connection.execute(_UNRECORDED, {"call": row.id}).rowcount == 0:
        orders.put(connection, row.id, OrderKind.STOP_RECORDING, by, ACTOR, at)


def _hear_no_more(connection: Connection, row: AnyRow, at: datetime) -> None:
    """Nothing of what a privileged party says is judged. Who hasn't answered is asked then."""
    if became_privileged(row) and row.called_channel and row.accepted_at is None:
        orders.put(connection, row.id, OrderKind.STOP_LISTENING, _privileged(row), ACTOR, at)


def _privileged(row: AnyRow) -> str:
    return f"{row.number} became privileged"


_PRIVATE = (
    calls.update()
    .where(calls.c.id == bindparam("call"))
    .values(privileged=True, recorded=False)
    .returning(calls.c.accepted_at)
)
_UNRECORDED = (
    calls.update()
    .where(calls.c.id == bindparam("call"), calls.c.accepted_at.is_(None))
    .values(recorded=False)
)
