"""The decision, made once and before anything rings: may this call be, and on what terms.

No decision, no call: whatever can't be answered here ends in a refusal or an error, and an
error in an apology; nothing is dialled.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam

from blocklists.numbers import Refused, normalise
from calls import reasons
from calls.case import Case
from calls.decided import Decision
from calls.facts import FACTS
from calls.reasons import PaidBy
from calls.states import State
from store.database import Database
from store.settings import CallSettings
from store.tables import calls

DEFAULT_SETTINGS = CallSettings()


class CallOver(Exception):
    """The call has ended or was authorized before: nothing may be dialled for it now."""


def authorize(
    database: Database,
    call_id: str,
    dialled: str,
    at: datetime,
    by: PaidBy = PaidBy.CALLED,
    settings: CallSettings = DEFAULT_SETTINGS,
) -> Decision:
    """Decide about the number that the person on this call has confirmed, and hold its money.

    ``by`` is who pays, as the person has chosen. The decision is written on the call in the
    same transaction as the hold. Raises :class:`CallOver`, and holds nothing, when the caller
    has hung up meanwhile.
    """
    with database.begin() as connection:
        decision = decide(connection, call_id, dialled, at, by, settings)
        decided = connection.execute(_DECIDED, _decided_row(call_id, dialled, decision, at))
        if decided.rowcount == 0:
            raise CallOver(f"call {call_id} is over, or was authorized before")
    return decision


def decide(
    connection: Connection,
    call_id: str,
    dialled: str,
    at: datetime,
    by: PaidBy,
    settings: CallSettings,
) -> Decision:
    """The decision, its money held, in the caller's transaction; nothing of it is on the call."""
    number = normalise(dialled)
    if isinstance(number, Refused):
        return Decision(
            reason=reasons.never_dialled(number.why), trail=[("never_dialled", number.why.value)]
        )
    asked = {"call": call_id, "number": number, "now": at}
    facts = connection.execute(FACTS[by], asked).one()
    return Case(connection, call_id, number, by, at, facts, settings).decide()


def _decided_row(call_id: str, dialled: str, decision: Decision, at: datetime) -> dict[str, object]:
    return {
        "call": call_id,
        "keys": dialled[:40],
        "to": decision.number,
        "payer": decision.account_id,
        "json": decision.as_json(),
        "record": decision.recorded,
        "privilege": decision.privileged,
        "limit": decision.limit_seconds,
        "yes": None if decision.reason else at,
        "no": at if decision.reason else None,
    }


_DECIDED = (
    calls.update()
    .where(
        calls.c.id == bindparam("call"),
        calls.c.ended_at.is_(None),
        calls.c.outcome.is_(None),
        calls.c.authorized_at.is_(None),
    )
    .values(
        {
            calls.c.dialled: bindparam("keys"),
            calls.c.number: bindparam("to"),
            calls.c.account_id: bindparam("payer"),
            calls.c.decision: bindparam("json"),
            calls.c.recorded: bindparam("record"),
            calls.c.privileged: bindparam("privilege"),
            calls.c.limit_seconds: bindparam("limit"),
            calls.c[f"{State.AUTHORIZED}_at"]: bindparam("yes"),
            calls.c[f"{State.REFUSED}_at"]: bindparam("no"),
        }
    )
)
