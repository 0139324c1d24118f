"""The end of a call: settled, its one CDR written, in one transaction, whoever reports it first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, case, func

from accounts import holds
from calls.reasons import Reason
from calls.states import Cause, State
from cdr import records
from rating.engine import charge
from rating.terms import Charge, Quote, cdr_columns
from store.database import Database
from store.tables import calls
from store.types import AnyRow, now
from store.version import CODE_VERSION

# Asterisk ends a call at its limit to within a few tens of milliseconds.
LIMIT_SLACK_MS = 500
# Asterisk's number when a leg's media stays away for longer than it may.
MEDIA_TIMEOUT = 44
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
        call = connection.execute(_ENDED, seen).one_or_none()
        if call is None:
            return False
        talk_ms = _talk_ms(call)
        charged = _charge(call, talk_ms)
        if call.account_id:
            holds.close(connection, call_id, _by_house_account(charged), ending.over_at)
        _write(connection, call, ending, talk_ms, charged)
    return True


def _talk_ms(call: AnyRow) -> int:
    """Milliseconds from acceptance to the first hang-up; none unless the parties were joined."""
    if call.accepted_at is None or call.talking_at is None:
        return 0
    talk: timedelta = call.ended_at - call.accepted_at
    return max(0, talk // timedelta(milliseconds=1))


def _charge(call: AnyRow, talk_ms: int) -> Charge | None:
    terms = (call.decision or {}).get("terms")
    if terms is None:
        return None
    return charge(Quote.from_json(terms), min(talk_ms // 1000, call.limit_seconds))


def _by_house_account(charged: Charge | None) -> dict[str, int]:
    lines = charged.lines if charged else ()
    used: dict[str, int] = {}
    for line in lines:
        house = f"house.revenue.{line.kind}" if line.kind in _REVENUE else "house.taxes"
        used[house] = used.get(house, 0) + line.cents
    return used


def _cause(call: AnyRow, ending: Ending, talk_ms: int) -> Cause:
    if ending.failed:
        return Cause.SYSTEM_FAILURE
    if call.outcome:
        return Cause(call.outcome)
    if talk_ms and talk_ms >= call.limit_seconds * 1000 - LIMIT_SLACK_MS:
        return Cause.LIMIT
    if call.refused_at:
        return Cause.REFUSED
    if ending.hangup_cause == MEDIA_TIMEOUT:
        return Cause.MEDIA_LOST
    if ending.leg == SWEEPER:
        return Cause.SYSTEM_FAILURE
    # Before the dial nobody but the caller is there.
    alone = call.authorized_at is None
    from_caller = alone or (ending.leg == CALLER) is (ending.hung_up_by != "other")
    return Cause.CALLER_HUNG_UP if from_caller else Cause.CALLED_HUNG_UP


def _write(
    connection: Connection, call: AnyRow, ending: Ending, talk_ms: int, charged: Charge | None
) -> None:
    decision = call.decision or {}
    terms = decision.get("terms") or {}
    reason = decision.get("reason")
    records.write(
        connection,
        {
            "call_id": call.id,
            "written_at": now(),
            "facility_id": call.facility_id,
            "phone_id": call.phone_id,
            "person_id": call.person_id,
            "dialled": call.dialled,
            "number": call.number,
            "states": _states(call),
            "started_at": call.offhook_at,
            "cause": _cause(call, ending, talk_ms).value,
            "refusal_code": Reason[reason].code if reason else None,
            "hangup_cause": ending.hangup_cause,
            "talk_ms": talk_ms,
            "billed_seconds": charged.seconds if charged else 0,
            "account_id": call.account_id,
            "product": decision.get("product"),
            "lines": [[line.kind, line.cents] for line in charged.lines] if charged else [],
            "charged_cents": charged.total_cents if charged else 0,
            "quote": decision.get("terms"),
            **cdr_columns(decision.get("terms"), charged),
            "deck_version": terms.get("deck"),
            "caps_version": terms.get("caps"),
            "code_version": CODE_VERSION,
            "recorded": bool(call.recorded and call.talking_at),
            "privileged": bool(call.privileged),
            "asterisk": {"caller": call.caller_channel, "called": call.called_channel},
        },
    )


def _states(call: AnyRow) -> dict[str, str]:
    moments = ((state, getattr(call, f"{state}_at")) for state in State)
    return {state.value: at.isoformat(timespec="milliseconds") for state, at in moments if at}


_REVENUE = frozenset({"base", "additive"})
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
