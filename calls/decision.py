"""The decision, made once and before anything rings: may this call be, and on what terms.

No decision, no call: whatever can't be answered here ends in a refusal or an error, and an
error in an apology; nothing is dialled.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, select

from accounts import holds
from accounts.prepaid import PAYING, PREPAID_COLLECT
from blocklists.lists import is_blocked, is_privileged
from blocklists.numbers import Refused, normalise
from calls.reasons import Reason, never_dialled
from calls.states import State
from rating import deckstore
from rating.engine import CapError, NoRate, affordable_seconds, charge, quote
from rating.engine import NumberError as RatingNumberError
from rating.terms import FacilityTerms, Quote
from store.database import Database
from store.tables import calls, facilities, persons, phones
from store.types import AnyRow

# Longer than any ringing, menu and leave-taking around the talk itself.
LEASE_MARGIN = timedelta(minutes=5)
ALLOWED_STATUS = "in_custody"
Trail = list[tuple[str, str]]


@dataclass(frozen=True)
class Decision:
    """What was decided and why.

    ``trail`` names each rule asked with its answer, in order; the last one decided.
    """

    number: str | None = None
    reason: Reason | None = None
    recorded: bool = False
    privileged: bool = False
    limit_seconds: int = 0
    account_id: str | None = None
    terms: Quote | None = None
    held_cents: int = 0
    person_name: str = ""
    facility_name: str = ""
    trail: Trail = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """What is kept on the call: the end of the call charges by these very terms."""
        return {
            "reason": self.reason.name if self.reason else None,
            "product": PREPAID_COLLECT if self.account_id else None,
            "terms": self.terms.as_json() if self.terms else None,
            "held_cents": self.held_cents,
            "person_name": self.person_name,
            "facility_name": self.facility_name,
            "trail": self.trail,
        }


class CallOver(Exception):
    """The call has ended or was authorized before: nothing may be dialled for it now."""


def authorize(database: Database, call_id: str, dialled: str, at: datetime) -> Decision:
    """Decide about the number that the person on this call has confirmed, and hold its money.

    The decision is written on the call in the same transaction as the hold. Raises
    :class:`CallOver`, and holds nothing, when the caller has hung up meanwhile.
    """
    with database.begin() as connection:
        decision = _decide(connection, call_id, dialled, at)
        decided = connection.execute(_DECIDED, _decided_row(call_id, dialled, decision, at))
        if decided.rowcount == 0:
            raise CallOver(f"call {call_id} is over, or was authorized before")
    return decision


def _decide(connection: Connection, call_id: str, dialled: str, at: datetime) -> Decision:
    number = normalise(dialled)
    if isinstance(number, Refused):
        return Decision(
            reason=never_dialled(number.why), trail=[("never_dialled", number.why.value)]
        )
    facts = connection.execute(_FACTS, {"call": call_id, "number": number, "now": at}).one()
    trail = [("never_dialled", "no"), ("number", number)]
    if reason := _not_permitted(facts, trail):
        return Decision(number, reason, privileged=facts.privileged, trail=trail)
    try:
        terms = _quote(connection, facts, number, at)
    except (CapError, NoRate, RatingNumberError) as error:
        trail.append(("rate", str(error)))
        return Decision(number, Reason.NO_RATE, privileged=facts.privileged, trail=trail)
    trail.append(("rate", terms.rule))
    if terms.free:
        return _allowed(number, facts, trail, terms, facts.longest_call_seconds)
    if reason := _not_payable(facts, trail):
        return Decision(number, reason, privileged=facts.privileged, trail=trail)
    return _hold(connection, call_id, number, facts, trail, terms, at)


def _not_permitted(facts: AnyRow, trail: Trail) -> Reason | None:
    asked = (
        ("phone", facts.active, Reason.PHONE_OFF),
        ("person", facts.status == ALLOWED_STATUS, Reason.PERSON_NOT_ALLOWED),
        ("facility", facts.same_facility, Reason.PERSON_NOT_ALLOWED),
        ("blocked", not facts.blocked, Reason.BLOCKED),
    )
    return _first_refusal(asked, trail)


def _not_payable(facts: AnyRow, trail: Trail) -> Reason | None:
    asked = (
        ("account", facts.account_id is not None, Reason.NO_ACCOUNT),
        ("money", facts.account_id and facts.available_cents > 0, Reason.NOT_ENOUGH_MONEY),
    )
    return _first_refusal(asked, trail)


def _first_refusal(asked: Iterable[tuple[str, Any, Reason]], trail: Trail) -> Reason | None:
    for rule, passed, reason in asked:
        trail.append((rule, "ok" if passed else "refused"))
        if not passed:
            return reason
    return None


def _quote(connection: Connection, facts: AnyRow, number: str, at: datetime) -> Quote:
    facility = FacilityTerms(
        facts.facility_id,
        facts.facility_type,
        facts.adp,
        facts.timezone,
        facts.state,
        facts.exchange,
    )
    prices = deckstore.prices_of(connection, facts.price_versions)
    return quote(facility, number, at, prices=prices, account_type=PREPAID_COLLECT)


def _hold(
    connection: Connection,
    call_id: str,
    number: str,
    facts: AnyRow,
    trail: Trail,
    terms: Quote,
    at: datetime,
) -> Decision:
    limit = affordable_seconds(terms, facts.available_cents, facts.longest_call_seconds)
    cents = charge(terms, limit).total_cents
    lease = at + timedelta(seconds=limit) + LEASE_MARGIN
    first = holds.Slice(call_id, 0, facts.account_id, cents, at, lease)
    # Another call may have taken the money since it was looked at.
    held = limit > 0 and holds.authorize(connection, first)
    trail.append(("hold", f"{cents} cents" if held else "refused"))
    if not held:
        return Decision(number, Reason.NOT_ENOUGH_MONEY, privileged=facts.privileged, trail=trail)
    allowed = _allowed(number, facts, trail, terms, limit)
    return replace(allowed, account_id=facts.account_id, held_cents=cents)


def _allowed(number: str, facts: AnyRow, trail: Trail, terms: Quote, limit: int) -> Decision:
    return Decision(
        number=number,
        recorded=facts.records and not facts.privileged,
        privileged=facts.privileged,
        limit_seconds=limit,
        terms=terms,
        person_name=facts.person_name,
        facility_name=facts.name,
        trail=trail,
    )


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


_NUMBER: BindParameter[str] = bindparam("number")
_FACTS = (
    select(
        facilities.c.id.label("facility_id"),
        facilities.c.name,
        facilities.c.facility_type,
        facilities.c.adp,
        facilities.c.state,
        facilities.c.timezone,
        facilities.c.exchange,
        facilities.c.longest_call_seconds,
        facilities.c.records,
        phones.c.active,
        persons.c.name.label("person_name"),
        persons.c.status,
        (persons.c.facility_id == facilities.c.id).label("same_facility"),
        is_blocked(_NUMBER, calls.c.facility_id, bindparam("now")).label("blocked"),
        is_privileged(_NUMBER, calls.c.facility_id, calls.c.person_id).label("privileged"),
        PAYING.c.account_id,
        PAYING.c.available_cents,
        deckstore.IN_FORCE.label("price_versions"),
    )
    .select_from(calls)
    .join(facilities, facilities.c.id == calls.c.facility_id)
    .join(phones, phones.c.id == calls.c.phone_id)
    .join(persons, persons.c.id == calls.c.person_id)
    .outerjoin(PAYING, PAYING.c.number == _NUMBER)
    .where(calls.c.id == bindparam("call"))
)
_DECIDED = (
    calls.update()
    .where(
        calls.c.id == bindparam("call"),
        calls.c.ended_at.is_(None),
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
