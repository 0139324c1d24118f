"""The called party blocks calls like this one, and takes it back."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from sqlalchemy import bindparam, func, or_, select

from blocklists import lists
from blocklists.lists import BlockCause
from calls.conditions import is_in
from calls.states import Cause, State
from store.database import Database
from store.tables import calls


class BlockScope(Enum):
    """Whose calls to this number are to end: this person's, or the whole facility's."""

    PERSON = "person"
    FACILITY = "facility"


def called_party_blocks(database: Database, call_id: str, scope: BlockScope, at: datetime) -> None:
    """Block further calls to the number of a call that was answered there, and end this one.

    Repeating it changes nothing. A caller who hangs up meanwhile doesn't get round it. A
    person's block follows the person to another facility.
    """
    with database.begin() as connection:
        call = connection.execute(_ANSWERED_CALL, {"call": call_id}).one_or_none()
        if call is None:
            return
        why = Cause.BLOCKED_BY_CALLED.value
        connection.execute(_BLOCKED, {"call": call_id, "now": at, "why": why})
        lists.block_once(
            connection,
            call.number,
            BlockCause.CALLED_PARTY,
            _actor(call_id),
            at,
            facility_id=call.facility_id if scope is BlockScope.FACILITY else None,
            person_id=call.person_id if scope is BlockScope.PERSON else None,
        )


def lift_called_party_block(database: Database, call_id: str, at: datetime) -> None:
    """Take back what was blocked on this call; the call itself stays declined.

    What staff have lifted meanwhile stays as they left it.
    """
    with database.begin() as connection:
        call = connection.execute(_ANSWERED_CALL, {"call": call_id}).one_or_none()
        if call is None:
            return
        connection.execute(_DECLINED, {"call": call_id, "why": Cause.DECLINED.value})
        lists.unblock_own(connection, call.number, _actor(call_id), at)


def _actor(call_id: str) -> str:
    return f"called party, call {call_id}"


_LIVE = (calls.c.id == bindparam("call"), calls.c.ended_at.is_(None))
# Whoever asks at the same moment waits for the call's row.
_ANSWERED_CALL = (
    select(calls.c.number, calls.c.facility_id, calls.c.person_id)
    .where(calls.c.id == bindparam("call"), calls.c.answered_at.is_not(None))
    .with_for_update()
)
_BLOCKED = (
    calls.update()
    .where(
        *_LIVE,
        or_(is_in(State.ANSWERED), is_in(State.GREETED), is_in(State.BLOCKED)),
        or_(calls.c.outcome.is_(None), is_in(State.BLOCKED)),
    )
    .values(
        blocked_at=func.coalesce(calls.c.blocked_at, bindparam("now")), outcome=bindparam("why")
    )
)
_DECLINED = calls.update().where(*_LIVE, is_in(State.BLOCKED)).values(outcome=bindparam("why"))
