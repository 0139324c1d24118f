"""Which rate holds on a day: the lowest of federal cap, state cap and contract rate.

The charge is the lowest of the three (whether federal law displaces a lower state cap is open,
so the lower one binds). The additive for the facility's own costs is a part of its own with a
limit of its own (FCC 25-75). An international call adds the destination's termination cost to
the domestic cap (FCC consumer guide). A TTY call costs a quarter, ASL video what voice costs,
a relay call nothing (47 CFR 64.6040).

To add a rule: make it change :func:`terms_on`, name its source there, raise ``RULES_VERSION``
and add a row to ``tests/rating/test_rules.py``. Both engines, one call or a million, read it here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from rating.caps import Cap, Caps, federal
from rating.deck import ALL, NO_DECK, Band, ContractRate, Deck, StateCap, in_force
from rating.exchanges import NONE_LOADED, Exchanges
from rating.jurisdiction import scope
from rating.money import RateE4, dollars_per_minute
from rating.taxes import Tax, TaxProvider, TaxTable
from rating.terms import CallKind, FacilityTerms

RULES_VERSION = "2"
"""Raised whenever a rule in this room changes; it stands on every quote."""
RELAY = "relay call, free of charge (47 CFR 64.6040)"
TTY_SHARE = 4


class NoRate(Exception):
    """The call can't be priced; the message says why."""


@dataclass(frozen=True, eq=False)
class Book:
    """All that prices are made from. Build one with :func:`book` and keep it: it is a cache key."""

    deck: Deck
    caps: Caps
    taxes: TaxProvider
    exchanges: Exchanges
    changes: frozenset[date]


def book(
    deck: Deck = NO_DECK,
    taxes: TaxProvider | None = None,
    exchanges: Exchanges = NONE_LOADED,
    caps: Caps | None = None,
) -> Book:
    """The price book of a deck; its own tax rows are the provider unless another is given."""
    found = caps or federal()
    provider = taxes or TaxTable(deck.taxes)
    days = deck.changes() | found.changes() | provider.changes()
    return Book(deck, found, provider, exchanges, days)


FEDERAL_ONLY = book()
"""No deck loaded: the federal cap is the rate, without additive and without taxes."""


@dataclass(frozen=True)
class Terms:
    """The rates at one moment. ``refusal`` says why there is none; nothing is charged then."""

    base_e4: RateE4
    additive_e4: RateE4
    cap_e4: RateE4 | None
    additive_cap_e4: RateE4 | None
    tier: str
    rule: str
    increment_s: int = 1
    minimum_s: int = 0
    taxes: tuple[Tax, ...] = ()
    refusal: str = ""


@dataclass(frozen=True)
class DayTerms:
    """The terms of a day: outside all bands, and in each band."""

    otherwise: Terms
    bands: tuple[tuple[Band, Terms], ...] = ()

    def at(self, weekday: int, minute: int) -> Terms:
        """The terms at a minute of the facility's wall clock."""
        return next((t for band, t in self.bands if band.holds(weekday, minute)), self.otherwise)


@dataclass(frozen=True)
class Limit:
    """The caps that bind a call on a day: rate and additive, and where they come from."""

    rate_e4: RateE4 | None
    additive_e4: RateE4 | None
    tier: str
    rule: str
    federal: bool


def terms_on(prices: Book, facility: FacilityTerms, kind: CallKind, day: date) -> DayTerms:
    """The terms of such a call on a day at the facility.

    Raises :class:`rating.caps.CapError` before the first cap on record.
    """
    if kind.call_class in ("trs_free", "free"):
        rule = RELAY if kind.call_class == "trs_free" else "free number"
        return DayTerms(Terms(0, 0, None, None, "", rule))
    limit = limit_on(prices, facility, kind, day)
    contract = prices.deck.rate(facility.id, heard_as(kind), _names(kind), day)
    extra = termination_e4(prices, kind, day)
    taxes = prices.taxes.on_call(scope(kind.jurisdiction), kind.tax_state, kind.account_type, day)
    if contract is None:
        return DayTerms(replace(_by_cap(limit, kind), taxes=taxes))
    share = TTY_SHARE if kind.call_class == "tty_tty" else 1
    make = _ByContract(contract, limit, extra, share, taxes)
    bands = tuple((band, make.terms(band.base_e4)) for band in contract.bands)
    return DayTerms(make.terms(contract.base_e4), bands)


def limit_on(prices: Book, facility: FacilityTerms, kind: CallKind, day: date) -> Limit:
    """The lowest caps by law, with the termination cost and the TTY share worked in."""
    cap = federal_cap(prices, facility, kind, day)
    extra = termination_e4(prices, kind, day)
    state = _state_cap(prices.deck, facility, kind, day)
    found = [c for c in (_named(cap, extra), _state_named(state)) if c is not None]
    if not found:
        rule = f"no federal cap in force on {scope(kind.jurisdiction)} {heard_as(kind)} calls"
        return Limit(None, None, "", rule, False)
    rate, _, rule = min(found, key=lambda one: one[0])
    share = TTY_SHARE if kind.call_class == "tty_tty" else 1
    if share != 1:
        rule += "; TTY at a quarter, 47 CFR 64.6040"
    additive = min(one[1] for one in found)
    tier = cap.tier if cap else ""
    return Limit(rate // share, additive // share, tier, rule, cap is not None)


def federal_cap(prices: Book, facility: FacilityTerms, kind: CallKind, day: date) -> Cap | None:
    """The federal cap of the facility's tier on a day; a waiver looks at an earlier day."""
    waiver = next(
        (w for w in in_force(prices.deck.waivers, day) if w.facility == facility.id), None
    )
    return prices.caps.find(
        waiver.caps_as_of if waiver else day,
        heard_as(kind),
        facility.facility_type,
        prices.deck.adp(facility.id, day, facility.adp),
        scope(kind.jurisdiction),
        kind.account_type == "traditional_collect",
    )


def heard_as(kind: CallKind) -> str:
    """The medium whose price holds: point-to-point ASL video costs what voice costs."""
    return "audio" if kind.call_class == "asl_p2p" else kind.medium


def termination_e4(prices: Book, kind: CallKind, day: date) -> RateE4:
    """The termination cost of the destination on that day; 0 where none is on record."""
    if kind.jurisdiction != "international":
        return 0
    found = prices.deck.termination(kind.destination, day)
    return found.cost_e4 if found else 0


def _names(kind: CallKind) -> tuple[str, ...]:
    """The names of a jurisdiction from the narrowest to the widest."""
    wide = scope(kind.jurisdiction)
    return (wide,) if wide == kind.jurisdiction else (kind.jurisdiction, wide)


def _named(cap: Cap | None, extra: RateE4) -> tuple[RateE4, RateE4, str] | None:
    if cap is None:
        return None
    rule = f"federal cap, {cap.citation}"
    if extra:
        rule += f", plus {dollars_per_minute(extra)} termination"
    return cap.rate_e4 + extra, cap.additive_e4, rule


def _state_cap(deck: Deck, facility: FacilityTerms, kind: CallKind, day: date) -> StateCap | None:
    fitting = [
        cap
        for cap in in_force(deck.state_caps, day)
        if cap.state == facility.state
        and cap.facility_type in (facility.facility_type, ALL)
        and cap.medium in (heard_as(kind), ALL)
        and cap.jurisdiction in (*_names(kind), ALL)
    ]
    return min(fitting, key=lambda cap: cap.rate_e4, default=None)


def _state_named(cap: StateCap | None) -> tuple[RateE4, RateE4, str] | None:
    return (cap.rate_e4, cap.additive_e4, f"state cap, {cap.citation}") if cap else None


def _by_cap(limit: Limit, kind: CallKind) -> Terms:
    """Without a contract rate the cap is the rate, and no additive is charged."""
    if not limit.federal or limit.rate_e4 is None:
        why = (
            f"no federal cap in force on {scope(kind.jurisdiction)} {heard_as(kind)} calls, "
            "and no contract rate"
        )
        return Terms(0, 0, limit.rate_e4, limit.additive_e4, limit.tier, limit.rule, refusal=why)
    return Terms(limit.rate_e4, 0, limit.rate_e4, limit.additive_e4, limit.tier, limit.rule)


@dataclass(frozen=True)
class _ByContract:
    """Terms out of a contract rate, each part cut down to its own cap."""

    contract: ContractRate
    limit: Limit
    extra: RateE4
    share: int
    taxes: tuple[Tax, ...]

    def terms(self, base: RateE4) -> Terms:
        """The terms for the contract's base rate, or for that of one of its bands."""
        agreed = (base + self.extra) // self.share
        bound = self.limit.rate_e4 is not None and self.limit.rate_e4 < agreed
        return Terms(
            base_e4=_lower(agreed, self.limit.rate_e4),
            additive_e4=_lower(self.contract.additive_e4 // self.share, self.limit.additive_e4),
            cap_e4=self.limit.rate_e4,
            additive_cap_e4=self.limit.additive_e4,
            tier=self.limit.tier,
            rule=self.limit.rule if bound else self._rule(),
            increment_s=self.contract.increment_s,
            minimum_s=self.contract.minimum_s,
            taxes=self.taxes,
        )

    def _rule(self) -> str:
        under = "" if self.limit.rate_e4 is None else "under the "
        return f"contract rate, {self.contract.citation}; {under}{self.limit.rule}"


def _lower(rate: RateE4, cap: RateE4 | None) -> RateE4:
    return rate if cap is None else min(rate, cap)
