"""The life of a call: opened at off-hook, answered, accepted, ended once.

Each verb may be repeated: the hangup handlers of both legs, the scripts and the sweeper all
call the same ones, and the first decides.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, func, or_, select

from accounts import collect
from calls import oversight
from calls.people import PEOPLE, Person, person_of
from calls.states import EXITS, Cause, State, later
from rating.engine import affordable_seconds, started
from rating.terms import Quote
from store.database import Database
from store.settings import CallSettings
from store.tables import calls, cdrs, persons, phones
from store.types import Json
from store.upsert import insert_new

# Crockford's digits: no letter that is misheard or misread for a figure.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ID_LENGTH = 10
# Whoever accepts when the hours are over is told so at once, in seconds.
SHORTEST_TALK = 1


@dataclass(frozen=True)
class Answered:
    """What the called party's leg has to know, as decided before the dial."""

    number: str
    recorded: bool
    limit_seconds: int
    decision: dict[str, Any]
    account_id: str | None = None

    @property
    def product(self) -> str | None:
        """Which product pays; None for a call that is free."""
        product: str | None = self.decision.get("product")
        return product

    @property
    def terms(self) -> Quote:
        """The price that was decided on."""
        return Quote.from_json(self.decision["terms"])

    @property
    def affordable_seconds(self) -> int:
        """As much of the longest talk as could be paid for when it was decided."""
        seconds: int = self.decision["affordable_seconds"]
        return seconds

    def longest_from(self, at: datetime) -> int:
        """Seconds of the longest talk from ``at`` on: the hours of calls may end before it."""
        shuts_at = self.decision.get("shuts_at")
        if shuts_at is None:
            return self.limit_seconds
        left = (datetime.fromisoformat(shuts_at) - at) // timedelta(seconds=1)
        return min(self.limit_seconds, max(left, SHORTEST_TALK))

    @property
    def needs_no_key(self) -> bool:
        """Acceptance is asked wherever a call is charged or recorded, and nowhere else."""
        return not self.recorded and self.terms.free

    @property
    def overlay_seconds(self) -> int:
        """How often both parties are told where the call comes from; 0: never."""
        every: int = self.decision.get("overlay_seconds", 0)
        return every


@dataclass(frozen=True)
class Joining:
    """How long parties may talk: at the most, and on the money that is held so far.

    ``recorded``: as it stands now, which may be less than was decided before the dial.
    """

    limit_seconds: int
    paid_seconds: int
    recorded: bool


@dataclass(frozen=True)
class Following:
    """The next call of an off-hook. ``dialled`` is what was keyed for the one before."""

    call_id: str
    person: Person
    dialled: str | None


def open_call(database: Database, phone_id: str, channel: str, at: datetime) -> str | None:
    """A phone has been lifted: the new call's id, or None for a phone that isn't ours."""
    row = select(
        bindparam("call", _new_id(), type_=calls.c.id.type),
        phones.c.facility_id,
        phones.c.id,
        bindparam("channel", channel, type_=calls.c.caller_channel.type),
        bindparam("now", at, type_=calls.c.offhook_at.type),
    ).where(phones.c.id == phone_id)
    columns = ["id", "facility_id", "phone_id", "caller_channel", f"{State.OFFHOOK}_at"]
    with database.once() as connection:
        insert = calls.insert().from_select(columns, row).returning(calls.c.id)
        return connection.execute(insert).scalar_one_or_none()


def follow(
    database: Database, previous_call_id: str, channel: str, at: datetime
) -> Following | None:
    """The person of an ended call stays on the phone and asks for another: its next call.

    None when that call still lives, or nobody was identified on it. Asked again, it gives the
    same call for as long as that lives: a call is followed by one.
    """
    opening = {"call": _new_id(), "before": previous_call_id, "channel": channel, "now": at}
    with database.begin() as connection:
        insert = insert_new(connection, calls)
        connection.execute(insert.from_select(_FOLLOWING_COLUMNS, _FOLLOWING), opening)
        row = connection.execute(_FOLLOWED, opening).one_or_none()
    return Following(row.call_id, person_of(row), row.before_dialled) if row else None


def answered(
    database: Database,
    call_id: str,
    channel: str,
    ringing_at: datetime,
    at: datetime,
    trunk: str | None = None,
) -> Answered | None:
    """The called party has answered; None when the call is over or was never authorized."""
    seen = {"call": call_id, "channel": channel, "rang": ringing_at, "now": at, "trunk": trunk}
    with database.once() as connection:
        row = connection.execute(_ANSWERED, seen).one_or_none()
    return Answered(*row) if row else None


def greeted(database: Database, call_id: str, at: datetime) -> None:
    """The called party has been told who calls and what can be pressed."""
    with database.once() as connection:
        connection.execute(_GREETED, {"call": call_id, "now": at})


def accept(
    database: Database, call_id: str, call: Answered, at: datetime, settings: CallSettings
) -> Joining | None:
    """The called party accepts: how long the talk may last. None when the call is over.

    What was ordered since the decision counts: the call may end here, or not be recorded.
    The acceptance is stored before anybody is joined; without it nothing is ever charged. The
    price is the one of this moment, where it has changed since the decision. Whether the talk is
    to be prolonged by another slice of money is asked before the first one ends; who has heard
    that there is less than a minute isn't told again.
    """
    terms = started(call.terms, at)
    longest = call.longest_from(at)
    paid = affordable_seconds(terms, call.decision["held_cents"], longest)
    whole = call.decision["whole"]
    renewed = not whole and paid < longest
    row = {
        "call": call_id,
        "now": at,
        "limit": paid if whole else longest,
        "paid": paid,
        "due": at + timedelta(seconds=paid - settings.renew_early_seconds) if renewed else None,
        "told": at if call.affordable_seconds <= settings.warning_seconds else None,
        "json": {**call.decision, "terms": terms.as_json()},
    }
    collected = call.product == collect.TRADITIONAL_COLLECT and call.account_id
    with database.begin() as connection:
        oversight.ask_again(connection, call_id, at)
        accepted = connection.execute(_ACCEPTED, row).one_or_none()
        if accepted and collected:
            collect.accepted(connection, collected, call_id, at)
    return Joining(*accepted) if accepted else None


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


def is_in(state: State) -> ColumnElement[bool]:
    """A condition for a query: the call is in this state."""
    entered = calls.c[f"{state}_at"].is_not(None)
    return and_(entered, *(calls.c[f"{one}_at"].is_(None) for one in sorted(later(state))))


def _new_id() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))


_LIVE = (
    calls.c.id == bindparam("call"),
    calls.c.ended_at.is_(None),
    calls.c.outcome.is_(None),
)
_ANSWERED = (
    calls.update()
    .where(*_LIVE, calls.c.authorized_at.is_not(None))
    .values(
        called_channel=func.coalesce(calls.c.called_channel, bindparam("channel")),
        ringing_at=func.coalesce(calls.c.ringing_at, bindparam("rang")),
        answered_at=func.coalesce(calls.c.answered_at, bindparam("now")),
        trunk_id=func.coalesce(calls.c.trunk_id, bindparam("trunk")),
    )
    .returning(
        calls.c.number,
        calls.c.recorded,
        calls.c.limit_seconds,
        calls.c.decision,
        calls.c.account_id,
    )
)
_GREETED = (
    calls.update()
    .where(*_LIVE, calls.c.answered_at.is_not(None))
    .values(greeted_at=func.coalesce(calls.c.greeted_at, bindparam("now")))
)
_FIRST = calls.c.accepted_at.is_(None)
_ACCEPTED = (
    calls.update()
    .where(*_LIVE, calls.c.answered_at.is_not(None))
    .values(
        greeted_at=func.coalesce(calls.c.greeted_at, bindparam("now")),
        accepted_at=func.coalesce(calls.c.accepted_at, bindparam("now")),
        limit_seconds=case((_FIRST, bindparam("limit")), else_=calls.c.limit_seconds),
        paid_seconds=case((_FIRST, bindparam("paid")), else_=calls.c.paid_seconds),
        renew_at=case(
            (_FIRST, bindparam("due", type_=calls.c.renew_at.type)), else_=calls.c.renew_at
        ),
        warned_at=case(
            (_FIRST, bindparam("told", type_=calls.c.warned_at.type)), else_=calls.c.warned_at
        ),
        decision=case((_FIRST, bindparam("json", type_=Json())), else_=calls.c.decision),
    )
    .returning(calls.c.limit_seconds, calls.c.paid_seconds, calls.c.recorded)
)
_TRUNK = calls.update().where(*_LIVE).values(trunk_id=bindparam("trunk"))
_CALLED_CHANNEL = select(calls.c.called_channel).where(calls.c.id == bindparam("call"))
_NOTED = select(calls.c.outcome).where(calls.c.id == bindparam("call"))
_CAUSE = select(cdrs.c.cause).where(cdrs.c.call_id == bindparam("call"))
_OUTCOMES = {
    cause: calls.update()
    .where(*_LIVE, or_(*(is_in(state) for state, exits in EXITS.items() if cause in exits)))
    .values(outcome=bindparam("why"))
    for cause in Cause
}
_FOLLOWING_COLUMNS = [
    *("id", "follows", "facility_id", "phone_id", "person_id"),
    *("caller_channel", "offhook_at", "identified_at"),
]
_FOLLOWING = select(
    bindparam("call", type_=calls.c.id.type),
    calls.c.id,
    calls.c.facility_id,
    calls.c.phone_id,
    calls.c.person_id,
    bindparam("channel", type_=calls.c.caller_channel.type),
    bindparam("now", type_=calls.c.offhook_at.type),
    bindparam("now", type_=calls.c.identified_at.type),
).where(
    calls.c.id == bindparam("before"),
    calls.c.person_id.is_not(None),
    calls.c.ended_at.is_not(None),
)
_before = calls.alias("before")
_FOLLOWED = (
    PEOPLE.add_columns(calls.c.id.label("call_id"), _before.c.dialled.label("before_dialled"))
    .join(calls, calls.c.person_id == persons.c.id)
    .join(_before, _before.c.id == calls.c.follows)
    .where(
        calls.c.follows == bindparam("before"),
        calls.c.caller_channel == bindparam("channel"),
        calls.c.ended_at.is_(None),
    )
)
