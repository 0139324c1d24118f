"""The end of a call: settled, its one CDR written, in one transaction, whoever reports it first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, case, func

from accounts import holds
from accounts.chart import CREDITS
from accounts.ledger import Entry, Kind, Posting, post
from blocklists import pan
from calls import oversight, record
from calls.charging import by_house_account, charge_of, talk_ms
from calls.record import Ended
from calls.states import Cause
from store.database import Database
from store.tables import calls
from store.types import AnyRow

# Asterisk ends a call at its limit to within a few tens of milliseconds.
LIMIT_SLACK_MS = 500
# Asterisk's number when a leg's media stays away for longer than it may.
MEDIA_TIMEOUT = 44
# Out of order, network out of order, temporary failure (ITU-T Q.850).
NETWORK_CAUSES = frozenset({27, 38, 41})
# A renewal that is due for as long as this was forgotten: whoever renews looks every second.
OVERDUE = timedelta(seconds=2)
CALLER, CALLED, SWEEPER = "caller", "called", "sweeper"


@dataclass(frozen=True)
class Ending:
    """A leg's report that it is over.

    ``at`` is the moment of its hang-up; ``joined_at`` and ``ringing_at`` what the leg knows of
    the moments when the parties were joined and the number rung; ``hung_up_by`` is ``self``,
    ``other`` or nobody (the platform sent the leg home); ``failed`` whether the platform failed
    it; ``hangup_cause`` is Asterisk's number (Q.850); ``silence`` how long a line may have been
    dead when that is noticed.
    """

    leg: str
    at: datetime
    joined_at: datetime | None = None
    ringing_at: datetime | None = None
    hung_up_by: str = "self"
    failed: bool = False
    hangup_cause: int | None = None
    silence: timedelta = timedelta(0)

    @property
    def over_at(self) -> datetime:
        """The end of the talk: nobody pays for the silence that showed that the line was dead."""
        if self.hangup_cause != MEDIA_TIMEOUT or self.joined_at is None:
            return self.at
        return max(self.joined_at, self.at - self.silence)


def end(database: Database, call_id: str, ending: Ending) -> bool:
    """End the call: settle its hold, write its CDR. False when it was over already."""
    seen = {
        "call": call_id,
        "now": ending.over_at,
        "joined": ending.joined_at,
        "rang": ending.ringing_at,
    }
    with database.begin() as connection:
        # Who became privileged in the talk's last moment isn't sealed either.
        oversight.protect(connection, call_id, ending.over_at)
        call = connection.execute(_ENDED, seen).one_or_none()
        if call is None:
            return False
        over = _ended(call, ending)
        _learn(connection, over)
        if call.account_id:
            holds.close(connection, call_id, by_house_account(over.charged), over.at)
            _credit(connection, over)
        record.write(connection, over)
    return True


def _ended(call: AnyRow, ending: Ending) -> Ended:
    talked = talk_ms(call)
    cause, charged = _cause(call, ending, talked), charge_of(call, talked)
    return Ended(call, ending.over_at, cause, ending.hangup_cause, talked, charged)


def _learn(connection: Connection, over: Ended) -> None:
    """A talk puts its number on the person's own list, where that learns by itself.

    Before the money: whoever decides about a call waits for the person first, too.
    """
    call = over.call
    most = (call.decision or {}).get("learns")
    if most is not None and over.talk_ms:
        pan.learn(connection, call.person_id, call.number, most, over.at)


def _credit(connection: Connection, over: Ended) -> None:
    """Nobody has to ask for the last minute of a call that was cut by us or the network."""
    call, cents = over.call, over.credited_cents
    if not cents:
        return
    lines = [Posting(CREDITS, -cents), Posting(call.account_id, cents)]
    at, why = over.at, over.note
    post(
        connection,
        Entry(f"drop:{call.id}", Kind.CREDIT, holds.ACTOR, at, lines, call.id, why or ""),
    )


def _cause(call: AnyRow, ending: Ending, talked_ms: int) -> Cause:
    if ending.failed:
        return Cause.SYSTEM_FAILURE
    if call.outcome:
        return Cause(call.outcome)
    if talked_ms and talked_ms >= call.paid_seconds * 1000 - LIMIT_SLACK_MS:
        return Cause.SYSTEM_FAILURE if _not_renewed(call) else Cause.LIMIT
    if call.refused_at:
        return Cause.REFUSED
    if ending.hangup_cause == MEDIA_TIMEOUT:
        return Cause.MEDIA_LOST
    if talked_ms and ending.hangup_cause in NETWORK_CAUSES:
        return Cause.NETWORK_LOST
    # Nobody hung up before the time was over: its end wasn't moved when the money was renewed.
    if ending.leg == SWEEPER or (talked_ms and not ending.hung_up_by):
        return Cause.SYSTEM_FAILURE
    # Before the dial nobody but the caller is there.
    alone = call.authorized_at is None
    from_caller = alone or (ending.leg == CALLER) is (ending.hung_up_by != "other")
    return Cause.CALLER_HUNG_UP if from_caller else Cause.CALLED_HUNG_UP


def _not_renewed(call: AnyRow) -> bool:
    """Whether the talk was cut because nobody asked the account for more money."""
    if call.renew_at is None:
        return False
    paid_until = call.accepted_at + timedelta(seconds=call.paid_seconds)
    overdue: bool = call.renew_at < paid_until - OVERDUE
    return overdue


_ENDED = (
    calls.update()
    .where(calls.c.id == bindparam("call"), calls.c.ended_at.is_(None))
    .values(
        ended_at=bindparam("now"),
        talking_at=case(
            (calls.c.accepted_at.is_not(None), bindparam("joined", type_=calls.c.talking_at.type))
        ),
        ringing_at=case(
            (
                calls.c.authorized_at.is_not(None),
                func.coalesce(calls.c.ringing_at, bindparam("rang")),
            )
        ),
    )
    .returning(calls)
)
