"""Quote, charge, afford: the one engine that every price comes from.

No per-call, connection or deposit fee exists here (47 CFR 64.6020, 64.6080): a charge is rates
times seconds. Each line is rounded down to the cent, so that it never exceeds cap x seconds / 60.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from zoneinfo import ZoneInfo

from rating.caps import federal
from rating.jurisdiction import jurisdiction
from rating.money import Cents, cents_of
from rating.terms import Charge, FacilityTerms, Line, Quote

RULES_VERSION = "1"
"""Raised whenever a rule in this room changes."""


class NoRate(Exception):
    """The call can't be priced; the message says why."""


def quote(facility: FacilityTerms, number: str, at: datetime) -> Quote:
    """The terms of a call to ``number`` (E.164) that is accepted at ``at`` (timezone-aware).

    Raises :class:`NoRate` where no federal cap is in force and no contract gives a rate,
    :class:`rating.caps.CapError` before the first cap, and
    :class:`rating.jurisdiction.NumberError` for a number that can't be placed.
    """
    caps = federal()
    scope = jurisdiction(facility.state, number)
    day = at.astimezone(ZoneInfo(facility.timezone)).date()
    cap = caps.find(day, "audio", facility.facility_type, facility.adp, scope)
    if cap is None:
        raise NoRate(f"no federal cap on {scope} audio calls on {day}, and no contract rate")
    return Quote(
        base_e4=cap.rate_e4,
        additive_e4=0,
        taxed=False,
        facility=facility.id,
        at=at.isoformat(),
        jurisdiction=scope,
        tier=cap.tier,
        cap_e4=cap.rate_e4,
        rule=f"federal cap, {cap.citation}",
        deck="",
        caps=caps.version,
        code=RULES_VERSION,
    )


def charge(terms: Quote, seconds: int) -> Charge:
    """The lines of a call that lasted ``seconds`` from acceptance to the first hang-up."""
    counted = max(seconds, 0)
    rates = (("base", terms.base_e4), ("additive", terms.additive_e4))
    lines = tuple(Line(kind, cents_of(rate * counted)) for kind, rate in rates)
    return Charge(counted, lines)


def affordable_seconds(terms: Quote, cents: Cents, longest: int) -> int:
    """The longest call, at most ``longest`` seconds, whose charge fits into ``cents``.

    The exact inverse of :func:`charge`; 0 when not even one second fits.
    """
    return bisect_right(range(1, longest + 1), cents, key=lambda s: charge(terms, s).total_cents)
