"""What is noted of a call while it lives, and what became of it when it is over."""

from __future__ import annotations

from sqlalchemy import bindparam, or_, select

from calls.conditions import LIVES, is_in
from calls.states import EXITS, Cause
from store.database import Database
from store.tables import calls, cdrs


def note_outcome(database: Database, call_id: str, cause: Cause) -> None:
    """Why the call will end, where a script knows better than a hang-up can tell.

    The first note stands, and only a cause that may end a call in its present state is noted:
    once the call is accepted, or blocked, nothing else became of it.
    """
    with database.once() as connection:
        connection.execute(_OUTCOMES[cause], {"call": call_id, "why": cause.value})


def note_trunk(database: Database, call_id: str, trunk: str | None) -> None:
    """Which trunk was tried last, of a call that nobody answered."""
    with database.once() as connection:
        connection.execute(_TRUNK, {"call": call_id, "trunk": trunk})


def called_channel(database: Database, call_id: str) -> str | None:
    """Asterisk's unique id of the called party's leg, if the call had one."""
    with database.once() as connection:
        return connection.execute(_CALLED_CHANNEL, {"call": call_id}).scalar_one_or_none()


def outcome(database: Database, call_id: str) -> Cause | None:
    """What was noted as the call's outcome, if anything was."""
    with database.once() as connection:
        noted = connection.execute(_NOTED, {"call": call_id}).scalar_one_or_none()
    return Cause(noted) if noted else None


def cause(database: Database, call_id: str) -> Cause | None:
    """Why the call ended, as its CDR has it; None while it lives."""
    with database.once() as connection:
        written = connection.execute(_CAUSE, {"call": call_id}).scalar_one_or_none()
    return Cause(written) if written else None


_TRUNK = calls.update().where(*LIVES).values(trunk_id=bindparam("trunk"))
_CALLED_CHANNEL = select(calls.c.called_channel).where(calls.c.id == bindparam("call"))
_NOTED = select(calls.c.outcome).where(calls.c.id == bindparam("call"))
_CAUSE = select(cdrs.c.cause).where(cdrs.c.call_id == bindparam("call"))
_OUTCOMES = {
    cause: calls.update()
    .where(*LIVES, or_(*(is_in(state) for state, exits in EXITS.items() if cause in exits)))
    .values(outcome=bindparam("why"))
    for cause in Cause
}
