"""What has to be made public: the rates page (47 CFR 64.6110) and the report's rate tables.

Both are read off the very rules that calls are charged by. The annual report (47 CFR 64.6060) is
due on April 1 for the year before; counts of calls, complaints and relay services come from
elsewhere.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from datetime import date, timedelta
from typing import get_args

from rating.caps import Medium
from rating.deck import in_force
from rating.deckbands import DAYS
from rating.jurisdiction import Jurisdiction
from rating.money import dollars_per_minute
from rating.rules import Book, Terms, terms_on
from rating.terms import CallKind, FacilityTerms

PUBLIC: tuple[Jurisdiction, ...] = ("intrastate", "interstate", "international")
COLUMNS = (
    *("facility", "type", "adp", "tier", "medium", "jurisdiction", "from", "to", "when"),
    *("base", "additive", "rule"),
)


@dataclass(frozen=True)
class Published:
    """One rate of one facility over some days, as text. ``when`` is the time of day."""

    facility: str
    facility_type: str
    adp: str
    tier: str
    medium: str
    jurisdiction: str
    first: str
    last: str
    when: str
    base: str
    additive: str
    rule: str


def rates(
    prices: Book, facilities: Iterable[FacilityTerms], first: date, last: date
) -> Iterator[Published]:
    """Every rate in force on those days, in the order that a reader looks for them."""
    media: tuple[Medium, ...] = get_args(Medium)
    for facility in facilities:
        for medium in media:
            for jurisdiction in PUBLIC:
                yield from _rates(prices, facility, CallKind(jurisdiction, medium), first, last)


def annual_table(prices: Book, facilities: Iterable[FacilityTerms], year: int) -> str:
    """The rate tables of one year as CSV, by facility with its type and size."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows(map(astuple, rates(prices, facilities, date(year, 1, 1), date(year, 12, 31))))
    return text.getvalue()


def page(prices: Book, facilities: Iterable[FacilityTerms], on: date, provider: str) -> str:
    """The public rates page of one day, in Markdown."""
    rows = [_PAGE_HEAD.format(provider=provider, on=on), *_PAGE_TABLE]
    for one in rates(prices, facilities, on, on):
        cells = (one.facility, one.medium, one.jurisdiction, one.when, one.base, one.additive)
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join([*rows, "", *_termination(prices, on), *_taxes(prices, on), _PAGE_END])


def _rates(
    prices: Book, facility: FacilityTerms, kind: CallKind, first: date, last: date
) -> Iterator[Published]:
    days = [first, *sorted(d for d in prices.changes if first < d <= last)]
    begun, before = first, terms_on(prices, facility, kind, first)
    for day in days[1:]:
        now = terms_on(prices, facility, kind, day)
        if now != before:
            yield from _rows(facility, prices, kind, begun, day - timedelta(days=1))
            begun, before = day, now
    yield from _rows(facility, prices, kind, begun, last)


def _rows(
    facility: FacilityTerms, prices: Book, kind: CallKind, first: date, last: date
) -> Iterator[Published]:
    terms = terms_on(prices, facility, kind, first)
    adp = prices.deck.adp(facility.id, first, facility.adp)
    bands = [("all other times" if terms.bands else "at all times", terms.otherwise)]
    for band, rate in terms.bands:
        days = " ".join(DAYS[day] for day in sorted(band.days))
        bands.append((f"{days} {_clock(band.start)}-{_clock(band.end)}", rate))
    for when, one in bands:
        yield Published(
            facility.id,
            facility.facility_type,
            str(adp),
            one.tier,
            kind.medium,
            kind.jurisdiction,
            str(first),
            str(last),
            when,
            *_money(one),
            one.refusal or one.rule,
        )


def _money(terms: Terms) -> tuple[str, str]:
    if terms.refusal:
        return "not offered", "not offered"
    return dollars_per_minute(terms.base_e4), dollars_per_minute(terms.additive_e4)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _termination(prices: Book, on: date) -> Iterator[str]:
    yield "## International termination component"
    yield ""
    yield "Already in the international rate of the destination, in dollars a minute:"
    yield ""
    costs = sorted(in_force(prices.deck.terminations, on), key=lambda cost: cost.prefix)
    for cost in costs:
        yield f"- +{cost.prefix}: {dollars_per_minute(cost.cost_e4)} ({cost.quarter})"
    if not costs:
        yield "- none is charged"
    yield ""


def _taxes(prices: Book, on: date) -> Iterator[str]:
    yield "## Taxes and fees"
    yield ""
    yield "Passed on at cost, on lines of their own:"
    yield ""
    rules = [rule for rule in prices.deck.taxes if rule.first <= on <= (rule.last or on)]
    for rule in rules:
        share = f"{rule.rate_ppm // 10_000}.{rule.rate_ppm % 10_000:04} %"
        yield f"- {rule.code} ({rule.jurisdiction}): {share}, {rule.event}s ({rule.authority})"
    if not rules:
        yield "- none is charged"
    yield ""


_PAGE_HEAD = """# Rates of {provider}

In force on {on}, at each facility's own time. Dollars a minute, without taxes.
There is no charge for a connection, a deposit, a bill or an agent. Calls are counted by the
second unless a contract says otherwise, each amount is rounded down to the cent, and an
international rate is shown without the destination's termination component below.
"""
_PAGE_TABLE = (
    "| facility | medium | jurisdiction | when | rate | facility additive |",
    "|---|---|---|---|---|---|",
)
_PAGE_END = """## Your account

Relay calls and calls to 711 are free. There is no minimum balance, and a deposit of up to $50 is
never refused. Money on an account stays yours; unused money is paid back on request and when an
account is closed, free of charge.
"""
