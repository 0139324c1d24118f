"""Quote, charge, afford: the one engine that every price comes from.

No per-call, connection or deposit fee exists here (47 CFR 64.6020, 64.6080): a charge is rates
times seconds. Rates and seconds are multiplied out over all parts of a call and each money line
is rounded down once, so that no line exceeds cap x seconds / 60 and no split can add a cent.
Whatever a deck says of increments and minima, a line is at most its cap x the actual seconds.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from rating import timeline
from rating.caps import CapError, Medium
from rating.jurisdiction import NumberError, destination, jurisdiction
from rating.money import Cents, RateE4, cents_of
from rating.rules import FEDERAL_ONLY, RULES_VERSION, Book, NoRate, Terms
from rating.taxes import AccountType, taxing_state
from rating.terms import (
    CallClass,
    CallKind,
    Charge,
    FacilityTerms,
    Line,
    Quote,
    Segment,
)

__all__ = [
    "CapError",
    "NoRate",
    "NumberError",
    "affordable_seconds",
    "charge",
    "quote",
    "quote_kind",
    "started",
]

UNCAPPED_E4: RateE4 = 10**9
"""Stands for "no cap by law" in sums: far above what any deck's rate and minimum can reach."""
RELAY_NUMBER = "711"


def quote(
    facility: FacilityTerms,
    number: str,
    at: datetime,
    *,
    prices: Book = FEDERAL_ONLY,
    medium: Medium = "audio",
    call_class: CallClass = "voice",
    account_type: AccountType = "prepaid_collect",
) -> Quote:
    """The terms of a call to ``number`` (E.164, or 711) that is accepted at ``at`` (aware).

    Raises :class:`NoRate` where no federal cap is in force and no contract gives a rate,
    :class:`CapError` before the first cap, and :class:`NumberError` for a number that can't be
    placed. ``prices`` is the price book in force, by default the federal caps alone.
    """
    if number == RELAY_NUMBER:
        relay = CallKind("intrastate", medium, "trs_free", account_type)
        return quote_kind(facility, relay, at, prices=prices)
    if free := prices.deck.free_reason(facility.id, number):
        nothing = CallKind("intrastate", medium, "free", account_type)
        return replace(quote_kind(facility, nothing, at, prices=prices), rule=f"free: {free}")
    kind = kind_of(facility, number, prices, medium, call_class, account_type)
    return quote_kind(facility, kind, at, prices=prices)


def kind_of(
    facility: FacilityTerms,
    number: str,
    prices: Book,
    medium: Medium,
    call_class: CallClass,
    account_type: AccountType,
) -> CallKind:
    """What kind of call it is. Raises :class:`NumberError`."""
    called = destination(number)
    return CallKind(
        jurisdiction(facility.state, called, facility.exchange, prices.exchanges),
        medium,
        call_class,
        account_type,
        taxing_state(account_type, facility.state, called.state),
        prices.deck.destination(called.digits) if called.international else "",
    )


def quote_kind(
    facility: FacilityTerms, kind: CallKind, at: datetime, *, prices: Book = FEDERAL_ONLY
) -> Quote:
    """The same for a call whose jurisdiction is already known (a stored record, a question)."""
    start = int(at.timestamp())
    day = at.astimezone(ZoneInfo(facility.timezone)).date()
    changes = timeline.around(prices, facility, kind, day)
    index = timeline.at(changes, start)
    now = changes[index][1]
    if now.refusal:
        raise NoRate(f"{now.refusal} on {day}")
    return Quote(
        base_e4=now.base_e4,
        additive_e4=now.additive_e4,
        taxed=bool(now.taxes),
        facility=facility.id,
        at=at.isoformat(),
        jurisdiction=kind.jurisdiction,
        tier=now.tier,
        cap_e4=now.cap_e4,
        rule=now.rule,
        deck=prices.deck.version,
        caps=prices.caps.version,
        code=RULES_VERSION,
        additive_cap_e4=now.additive_cap_e4,
        later=tuple(
            _segment(moment - start, terms)
            for moment, terms in changes[index + 1 :]
            if moment < start + timeline.DAY_S
        ),
        increment_s=now.increment_s,
        minimum_s=now.minimum_s,
        taxes=now.taxes,
        medium=kind.medium,
        call_class=kind.call_class,
        account_type=kind.account_type,
        tax_state=kind.tax_state,
        destination=kind.destination,
        exchanges=prices.exchanges.version,
    )


def _segment(first_second: int, terms: Terms) -> Segment:
    return Segment(
        first_second=first_second,
        base_e4=terms.base_e4,
        additive_e4=terms.additive_e4,
        cap_e4=terms.cap_e4,
        additive_cap_e4=terms.additive_cap_e4,
        tier=terms.tier,
        rule=terms.rule,
        increment_s=terms.increment_s,
        minimum_s=terms.minimum_s,
        taxes=terms.taxes,
    )


def started(terms: Quote, at: datetime) -> Quote:
    """The same terms for a call that was quoted earlier and is accepted at ``at``.

    Boundaries lie at moments, not at seconds of a call: who is quoted before midnight and accepts
    after it pays the new day's rate from the first second. Good for a day after the quote.
    """
    waited = int(at.timestamp()) - int(datetime.fromisoformat(terms.at).timestamp())
    moved = [replace(one, first_second=one.first_second - waited) for one in terms.later]
    later = tuple(one for one in moved if one.first_second > 0)
    same = replace(terms, at=at.isoformat(), later=later)
    past = [one for one in moved if one.first_second <= 0]
    if not past:
        return same
    changed = {f.name: getattr(past[-1], f.name) for f in fields(Segment)}
    del changed["first_second"]
    return replace(same, taxed=bool(past[-1].taxes), **changed)


def charge(terms: Quote, seconds: int) -> Charge:
    """The lines of a call that lasted ``seconds`` from acceptance to the first hang-up."""
    actual = max(seconds, 0)
    billed = billed_seconds(terms, actual)
    base = cents_of(min(_sum(terms, _base, billed), _sum(terms, _cap, actual)))
    additive = cents_of(min(_sum(terms, _additive, billed), _sum(terms, _additive_cap, actual)))
    taxes = (Line(tax.code, tax.cents(base, additive)) for tax in terms.taxes)
    return Charge(actual, (Line("base", base), Line("additive", additive), *taxes))


def affordable_seconds(terms: Quote, cents: Cents, longest: int) -> int:
    """The longest call, at most ``longest`` seconds, whose charge fits into ``cents``.

    The exact inverse of :func:`charge`, taxes included; 0 when not even one second fits.
    """
    return bisect_right(range(1, longest + 1), cents, key=lambda s: charge(terms, s).total_cents)


def billed_seconds(terms: Quote, actual: int) -> int:
    """The seconds that the deck counts: whole increments, and no less than its minimum."""
    if actual == 0:
        return 0
    whole = -(-actual // terms.increment_s) * terms.increment_s
    return max(whole, terms.minimum_s)


def _base(part: Quote | Segment) -> RateE4:
    return part.base_e4


def _additive(part: Quote | Segment) -> RateE4:
    return part.additive_e4


def _cap(part: Quote | Segment) -> RateE4:
    return UNCAPPED_E4 if part.cap_e4 is None else part.cap_e4


def _additive_cap(part: Quote | Segment) -> RateE4:
    return UNCAPPED_E4 if part.additive_cap_e4 is None else part.additive_cap_e4


def _sum(terms: Quote, rate: Callable[[Quote | Segment], RateE4], seconds: int) -> int:
    """Rate times seconds over all parts of the call."""
    total, now, since = 0, rate(terms), 0
    for part in terms.later:
        if part.first_second >= seconds:
            break
        total += now * (part.first_second - since)
        now, since = rate(part), part.first_second
    return total + now * (seconds - since)
