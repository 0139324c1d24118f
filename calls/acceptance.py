"""The acceptance: the called party agrees to the talk, and the clock starts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, case, func

from accounts import collect
from calls import oversight
from calls.answering import Answered
from calls.conditions import LIVES
from rating.engine import affordable_seconds, started
from store.database import Database
from store.settings import CallSettings
from store.tables import calls
from store.types import Json


@dataclass(frozen=True)
class Joining:
    """How long parties may talk: at the most, and on the money that is held so far.

    ``recorded``: as it stands now, which may be less than was decided before the dial.
    """

    limit_seconds: int
    paid_seconds: int
    recorded: bool


def accept(
    database: Database, call_id: str, call: Answered, at: datetime, settings: CallSettings
) -> Joining | None:
    """The called party accepts: how long the talk may last.

    What was ordered since the decision counts. None when the call is over; or when it isn't
    recorded any more and the called party was told that it is: :func:`calls.answering.answered`
    knows which. Nobody pays for hearing that.
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
        "told_recorded": call.recorded,
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


_FIRST = calls.c.accepted_at.is_(None)
_ACCEPTED = (
    calls.update()
    .where(*LIVES, calls.c.answered_at.is_not(None), calls.c.recorded == bindparam("told_recorded"))
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
