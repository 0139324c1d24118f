"""A number that may be dialled, asked rule by rule until one refuses or the money is held."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from blocklists import bulk
from blocklists.lists import BlockCause
from calls import reasons
from calls.decided import Decision
from calls.first_hold import Held, Talk, first_slice, set_aside
from calls.payer import NOBODY, USED_UP, Payer, payer, product_of
from calls.permission import Permission, Trail
from calls.reasons import PaidBy, Reason
from custody.status import MAY_CALL, MAY_CALL_PRIVILEGED
from rating import deckstore
from rating.engine import CapError, NoRate, affordable_seconds, quote
from rating.engine import NumberError as RatingNumberError
from rating.taxes import AccountType
from rating.terms import FacilityTerms, Quote
from store.settings import CallSettings
from store.types import AnyRow


class Case:
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
        privileged = "yes: never recorded" if facts.privileged else "no"
        self._trail: Trail = [("never_dialled", "no"), ("number", number)]
        self._trail.append(("privileged", privileged))
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
            self._unless("phone", facts.active, Reason.PHONE_OFF)
            or self._person_refused()
            or self._unless("facility", facts.same_facility, Reason.PERSON_NOT_ALLOWED)
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
        self._trail.append(("blocked", f"refused: {cause}" if cause else "ok"))
        return reasons.blocked(cause) if cause else None

    def _payer(self, product: AccountType | None) -> Payer | Reason:
        self._trail.append(("account", product or "refused"))
        if product is None:
            return NOBODY[self._by]
        connection, facts, settings = self._connection, self._facts, self._settings
        paying = payer(connection, facts, self._number, product, settings, self._at)
        reason = paying.refusal()
        self._trail.append(("money", "refused" if reason else "ok"))
        return reason or paying

    def _unless(self, rule: str, passed: bool, reason: Reason) -> Reason | None:
        self._trail.append((rule, "ok" if passed else "refused"))
        return None if passed else reason

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

    def _set_aside(self, paying: Payer, terms: Quote, affordable: int) -> Held | None:
        first = affordable if self._whole else first_slice(paying, affordable, self._settings)
        talk = Talk(self._call_id, terms, first, affordable)
        return set_aside(self._connection, paying, talk, self._at)

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
