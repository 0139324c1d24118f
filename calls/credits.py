"""Credit for a call that was cut off: asked for on the phone, decided by staff, given once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select

from accounts.chart import CREDITS
from accounts.ledger import Entry, Kind, Posting, paid_for, post
from store.database import Database
from store.tables import calls, cdrs, credit_requests, facilities
from store.types import now
from store.upsert import insert_new

# Nobody remembers an older call well enough to say how it ended.
ASK_WITHIN = timedelta(hours=24)


class CreditError(ValueError):
    """No credit can be given; the message says why. Nothing was posted."""


@dataclass(frozen=True)
class Creditable:
    """The call that credit can be asked for. ``timezone`` is the facility's."""

    call_id: str
    number: str
    started_at: datetime
    timezone: str
    talk_seconds: int
    cents: int


@dataclass(frozen=True)
class CreditRequest:
    """A request that staff haven't decided yet, with what the CDR says of the call."""

    call_id: str
    asked_at: datetime
    person_id: str
    number: str
    started_at: datetime
    cause: str
    talk_ms: int
    charged_cents: int
    account_id: str


def creditable(database: Database, call_id: str, at: datetime) -> Creditable | None:
    """The last charged call of the person on this call from the same phone.

    None when there is none in the last 24 hours, or credit was asked for it already.
    """
    asked = {"call": call_id, "since": at - ASK_WITHIN}
    with database.once() as connection:
        row = connection.execute(_LAST_CHARGED, asked).one_or_none()
    if row is None or row.asked_at is not None:
        return None
    return Creditable(
        row.call_id,
        row.number,
        row.started_at,
        row.timezone,
        row.talk_ms // 1000,
        row.charged_cents - row.credited_cents,
    )


def ask(database: Database, call_id: str, at: datetime) -> bool:
    """Ask for credit for a charged call. False when it was asked before."""
    with database.once() as connection:
        insert = insert_new(connection, credit_requests).from_select(["call_id", "asked_at"], _ASK)
        new = insert.returning(credit_requests.c.call_id)
        return connection.execute(new, {"call": call_id, "now": at}).one_or_none() is not None


def open_requests(connection: Connection) -> list[CreditRequest]:
    """What is asked for and not decided, oldest first."""
    return [CreditRequest(*row) for row in connection.execute(_OPEN)]


def grant(database: Database, call_id: str, cents: int, actor: str, note: str) -> None:
    """Give back what was asked for, or a part, to the account that paid.

    At most what was paid for the call and not given back by a refund since. Raises
    :class:`CreditError`, also when the request was decided before.
    """
    with database.begin() as connection:
        call = connection.execute(_CHARGED, {"call": call_id}).one_or_none()
        if call is None or not call.charged_cents:
            raise CreditError(f"call {call_id} was not charged: there is nothing to give back")
        _decide(connection, call_id, cents, actor, note)
        paid = paid_for(connection, call.account_id, call_id)
        if not 0 < cents <= paid:
            raise CreditError(f"call {call_id} was charged, {paid} cents stand: credit 1 to that")
        lines = [Posting(CREDITS, -cents), Posting(call.account_id, cents)]
        key = f"credit:{call_id}"
        post(connection, Entry(key, Kind.CREDIT, actor, now(), lines, call_id, note))


def refuse(database: Database, call_id: str, actor: str, note: str) -> None:
    """Give nothing. Raises :class:`CreditError` when there is no such request any more."""
    with database.begin() as connection:
        _decide(connection, call_id, 0, actor, note)


def _decide(connection: Connection, call_id: str, cents: int, actor: str, note: str) -> None:
    decided = {"call": call_id, "now": now(), "cents": cents, "by": actor, "why": note}
    if connection.execute(_DECIDE, decided).rowcount != 1:
        raise CreditError(f"there is no open request for call {call_id}")


_present = calls.alias("present")
_LAST_CHARGED = (
    select(
        cdrs.c.call_id,
        cdrs.c.number,
        cdrs.c.started_at,
        facilities.c.timezone,
        cdrs.c.talk_ms,
        cdrs.c.charged_cents,
        cdrs.c.credited_cents,
        credit_requests.c.asked_at,
    )
    .select_from(_present)
    .join(
        cdrs,
        (cdrs.c.person_id == _present.c.person_id) & (cdrs.c.phone_id == _present.c.phone_id),
    )
    .join(facilities, facilities.c.id == cdrs.c.facility_id)
    .outerjoin(credit_requests, credit_requests.c.call_id == cdrs.c.call_id)
    .where(
        _present.c.id == bindparam("call"),
        cdrs.c.started_at >= bindparam("since"),
        cdrs.c.charged_cents > cdrs.c.credited_cents,
    )
    .order_by(cdrs.c.started_at.desc())
    .limit(1)
)
_ASK = select(cdrs.c.call_id, bindparam("now", type_=credit_requests.c.asked_at.type)).where(
    cdrs.c.call_id == bindparam("call"), cdrs.c.charged_cents > cdrs.c.credited_cents
)
_CHARGED = select(cdrs.c.charged_cents, cdrs.c.account_id).where(
    cdrs.c.call_id == bindparam("call")
)
_OPEN = (
    select(
        credit_requests.c.call_id,
        credit_requests.c.asked_at,
        cdrs.c.person_id,
        cdrs.c.number,
        cdrs.c.started_at,
        cdrs.c.cause,
        cdrs.c.talk_ms,
        cdrs.c.charged_cents,
        cdrs.c.account_id,
    )
    .join(cdrs, cdrs.c.call_id == credit_requests.c.call_id)
    .where(credit_requests.c.decided_at.is_(None))
    .order_by(credit_requests.c.asked_at, credit_requests.c.call_id)
)
_DECIDE = (
    credit_requests.update()
    .where(credit_requests.c.call_id == bindparam("call"), credit_requests.c.decided_at.is_(None))
    .values(
        decided_at=bindparam("now"),
        actor=bindparam("by"),
        granted_cents=bindparam("cents"),
        note=bindparam("why"),
    )
)
