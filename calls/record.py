"""What an ended call comes to, and the one CDR that says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from calls.charging import dropped_credit
from calls.reasons import Reason
from calls.states import DROPPED, Cause, State
from cdr import records
from rating.terms import Charge, cdr_columns
from store.types import AnyRow, now
from store.version import CODE_VERSION


@dataclass(frozen=True)
class Ended:
    """A call's row at its end, ``at``. ``hangup_cause`` is Asterisk's number (Q.850)."""

    call: AnyRow
    at: datetime
    cause: Cause
    hangup_cause: int | None
    talk_ms: int
    charged: Charge | None

    @property
    def credited_cents(self) -> int:
        """What nobody has to ask for."""
        return dropped_credit(self.call, self.charged) if self.cause in DROPPED else 0

    @property
    def note(self) -> str | None:
        """Why something was credited."""
        if not self.credited_cents:
            return None
        return f"{self.cause}: {self.credited_cents} cents credited unasked, for the last minute"


def write(connection: Connection, over: Ended) -> None:
    """Write the call's CDR."""
    call, charged = over.call, over.charged
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
            "cause": over.cause.value,
            "refusal_code": Reason[reason].code if reason else None,
            "hangup_cause": over.hangup_cause,
            "talk_ms": over.talk_ms,
            "billed_seconds": charged.seconds if charged else 0,
            "account_id": call.account_id,
            "product": decision.get("product"),
            "lines": [[line.kind, line.cents] for line in charged.lines] if charged else [],
            "charged_cents": charged.total_cents if charged else 0,
            "credited_cents": over.credited_cents,
            "note": over.note,
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
