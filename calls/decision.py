"""The decision, made once and before anything rings: may this call be, and on what terms.

No decision, no call: whatever can't be answered here ends in a refusal or an error, and an
error in an apology; nothing is dialled.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam

from accounts import holds
from blocklists import bulk
from blocklists.lists import BlockCause
from blocklists.numbers import Refused, normalise
from calls import reasons
from calls.facts import FACTS
from calls.payer import NOBODY, USED_UP, Payer, payer, product_of
from calls.permission import Permission, Trail
from calls.reasons import PaidBy, Reason
from calls.states import State
from custody.status import MAY_CALL, MAY_CALL_PRIVILEGED
from rating import deckstore
from rating.engine import CapError, NoRate, affordable_seconds, charge, quote
from rating.engine import NumberError as RatingNumberError
from rating.taxes import AccountType
from rating.terms import FacilityTerms, Quote
from store.database import Database
from store.settings import CallSettings
from store.tables import calls
from store.types import AnyRow

# Longer than any ringing, menu and leave-taking around the talk itself.
LEASE_MARGIN = timedelta(minutes=5)
DEFAULT_SETTINGS = CallSettings()


@dataclass(frozen=True)
class Decision:
    """What was decided and why.

    ``trail`` names each rule asked with its answer, in order; the last one decided. ``product``
    is the one that pays, if anybody does; ``overlay_seconds`` is 0 where there is no overlay.
    ``limit_seconds`` is the longest talk; ``affordable_seconds`` as much of it as the account
    can pay for now; ``held_cents`` are set aside, for the first slice or for the ``whole`` talk.
    ``shuts_at``: when the hours end in which calls may be, at the earliest; ``learns``: the talk
    puts the number on the person's list, while that has fewer numbers than these.
    """

    number: str | None = None
    reason: Reason | None = None
    recorded: bool = False
    privileged: bool = False
    limit_seconds: int = 0
    account_id: str | None = None
    product: AccountType | None = None
    overlay_seconds: int = 0
    terms: Quote | None = None
    held_cents: int = 0
    affordable_seconds: int = 0
    whole: bool = True
    person_name: str = ""
    name_clip: str | None = None
    facility_name: str = ""
    shuts_at: datetime | None = None
    learns: int | None = None
    trail: Trail = field(default_factory=list)

    @property
    def may_be_listened_to(self) -> bool:
        """Whether the called party's sound may be judged for a machine: never a privileged call."""
        return not self.privileged

    def as_json(self) -> dict[str, Any]:
        """What is kept on the call: the end of the call charges by these very terms."""
        return {
            "reason": self.reason.name if self.reason else None,
            "product": self.product,
            "recorded": self.recorded,
            "overlay_seconds": self.overlay_seconds,
            "terms": self.terms.as_json() if self.terms else None,
            "held_cents": self.held_cents,
            "affordable_seconds": self.affordable_seconds,
            "whole": self.whole,
            "person_name": self.person_name,
            "name_clip": self.name_clip,
            "facility_name": self.facility_name,
            "shuts_at": self.shuts_at.isoformat() if self.shuts_at else None,
            "learns": self.learns,
            "trail": self.trail,
        }


@dataclass(frozen=True)
class _Held:
    cents: int
    seconds: int
    all_there_is: bool


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
    return _Case(connection, call_id, number, by, at, facts, settings).decide()


class _Case:
    """One number that may be dialled, asked rule by rule."""

    def __init__(
        self,
        connection: Connection,
        call_id: str,
        number: str,
        by: PaidBy,
        at: datetime,
        facts: AnyRow,
        settings: CallSettings,
    ) -> None:
        self._connection = connection
        self._call_id = call_id
        self._number = number
        self._by = by
        self._at = at
        self._facts = facts
        self._settings = settings
        self._trail: Trail = [("never_dialled", "no"), ("number", number)]
        self._permission = Permission(connection, call_id, number, at, facts, self._trail)

    def decide(self) -> Decision:
        """Ask what is free to ask first; the money is held last."""
        if reason := self._not_permitted():
            return self._refused(reason)
        self._recorded = self._permission.terms()
        longest = self._permission.longest
        self._trail.append(("time", f"{longest} s, by {self._permission.shortest}"))
        if not longest:
            return self._refused(Reason.NO_TIME_LEFT)
        product = product_of(self._connection, self._facts, self._number, self._by)
        try:
            terms = self._quote(product or "prepaid_collect")
        except (CapError, NoRate, RatingNumberError) as error:
            self._trail.append(("rate", str(error)))
            return self._refused(Reason.NO_RATE)
        self._trail.append(("rate", terms.rule))
        if terms.free:
            return self._allowed(terms, longest)
        paying = self._payer(product)
        if isinstance(paying, Reason):
            return self._refused(paying)
        return self._hold(paying, terms, longest)

    def _not_permitted(self) -> Reason | None:
        """What costs a further question comes last, what counts under the person's lock."""
        layers = self._permission
        return (
            self._turned_off()
            or layers.now()
            or self._blocked()
            or layers.listed()
            or layers.counted()
        )

    def _turned_off(self) -> Reason | None:
        facts = self._facts
        return (
            self._first_refusal(("phone", facts.active, Reason.PHONE_OFF))
            or self._person_refused()
            or self._first_refusal(("facility", facts.same_facility, Reason.PERSON_NOT_ALLOWED))
        )

    def _person_refused(self) -> Reason | None:
        """Who is suspended or segregated may still call a lawyer."""
        status, privileged = self._facts.status, self._facts.privileged
        if status in MAY_CALL:
            said = "ok"
        elif privileged and status in MAY_CALL_PRIVILEGED:
            said = f"ok: {status}, but the number is privileged"
        else:
            said = "refused"
        self._trail.append(("person", said))
        return Reason.PERSON_NOT_ALLOWED if said == "refused" else None

    def _blocked(self) -> Reason | None:
        """Raises :class:`~blocklists.bulk.BulkListError` when a list can't be asked."""
        facts = self._facts
        cause = BlockCause(facts.block_cause) if facts.block_cause else None
        cause = cause or bulk.blocked(facts.bulk_lists, self._number)
        reason = reasons.blocked(cause) if cause else Reason.BLOCKED_FACILITY
        return self._first_refusal(("blocked", cause is None, reason))

    def _payer(self, product: AccountType | None) -> Payer | Reason:
        self._trail.append(("account", product or "refused"))
        if product is None:
            return NOBODY[self._by]
        connection, facts, settings = self._connection, self._facts, self._settings
        paying = payer(connection, facts, self._number, product, settings, self._at)
        reason = paying.refusal()
        self._trail.append(("money", "refused" if reason else "ok"))
        return reason or paying

    def _first_refusal(self, *asked: tuple[str, Any, Reason]) -> Reason | None:
        for rule, passed, reason in asked:
            self._trail.append((rule, "ok" if passed else "refused"))
            if not passed:
                return reason
        return None

    def _quote(self, product: AccountType) -> Quote:
        facts = self._facts
        facility = FacilityTerms(
            facts.facility_id,
            facts.facility_type,
            facts.adp,
            facts.timezone,
            facts.state,
            facts.exchange,
        )
        prices = deckstore.prices_of(self._connection, facts.price_versions)
        return quote(facility, self._number, self._at, prices=prices, account_type=product)

    def _hold(self, paying: Payer, terms: Quote, longest: int) -> Decision:
        affordable = affordable_seconds(terms, paying.available_cents, longest)
        held = self._set_aside(paying, terms, affordable) if affordable else None
        self._trail.append(("hold", "refused" if held is None else f"{held.cents} cents"))
        if held is None:
            return self._refused(USED_UP[paying.product])
        affordable = min(affordable, held.seconds) if held.all_there_is else affordable
        allowed = self._allowed(terms, affordable if self._whole else longest)
        return replace(
            allowed,
            account_id=paying.account_id,
            product=paying.product,
            held_cents=held.cents,
            affordable_seconds=affordable,
            whole=self._whole,
        )

    @property
    def _whole(self) -> bool:
        """Nothing is whispered into a privileged talk, so its end must be known beforehand."""
        whole: bool = self._facts.holds_whole_call or self._facts.privileged
        return whole

    def _first_seconds(self, paying: Payer, affordable: int) -> int:
        """Short where other calls live on the account, so that all of them can begin."""
        if self._whole:
            return affordable
        settings = self._settings
        first = settings.slice_seconds if paying.held_cents else settings.first_slice_seconds
        return min(affordable, first)

    def _set_aside(self, paying: Payer, terms: Quote, affordable: int) -> _Held | None:
        seconds = self._first_seconds(paying, affordable)
        lease = self._at + timedelta(seconds=seconds) + LEASE_MARGIN
        cents = charge(terms, seconds).total_cents
        first = holds.Slice(self._call_id, 0, paying.account_id, cents, self._at, lease)
        held = holds.authorize(self._connection, first, charge(terms, 1).total_cents)
        # Another call may have taken money since it was looked at.
        if held is None or held == cents:
            return None if held is None else _Held(held, seconds, all_there_is=False)
        return _Held(held, affordable_seconds(terms, held, affordable), all_there_is=True)

    def _allowed(self, terms: Quote, limit: int) -> Decision:
        facts = self._facts
        return Decision(
            number=self._number,
            recorded=self._recorded,
            privileged=facts.privileged,
            limit_seconds=limit,
            affordable_seconds=limit,
            overlay_seconds=0 if facts.privileged else facts.overlay_seconds,
            terms=terms,
            person_name=facts.person_name,
            name_clip=facts.name_clip,
            facility_name=facts.name,
            shuts_at=self._permission.shuts_at,
            learns=self._permission.learns,
            trail=self._trail,
        )

    def _refused(self, reason: Reason) -> Decision:
        return Decision(self._number, reason, privileged=self._facts.privileged, trail=self._trail)


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
