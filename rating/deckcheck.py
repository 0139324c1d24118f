"""Holds a deck against the caps: a rate above one is refused, with the arithmetic shown.

The engine would cut such a rate down anyway; but a contract that can't be charged is a mistake
that its owner should hear of before the first call.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import chain
from typing import get_args

from rating.caps import Medium
from rating.deck import ALL, EVERY, ContractRate, Deck
from rating.jurisdiction import JURISDICTIONS, Jurisdiction, scope
from rating.money import RateE4, cents_of, dollars, dollars_per_minute
from rating.rules import Book, Limit, book, limit_on
from rating.terms import CallKind, FacilityTerms
from rating.tomlrows import line_of

QUARTER_HOUR_S = 900


class DeckRefused(Exception):
    """The deck would break a cap, or names a facility that nobody knows."""


Fault = tuple[tuple[str, ...], str]
"""Where in the deck, and what is wrong there."""


def check(deck: Deck, facilities: Mapping[str, FacilityTerms], file: str = "") -> None:
    """Refuse a deck by its first fault. Raises :class:`DeckRefused`, which names the line.

    ``facilities`` are all that exist: a row for every facility has to keep every one's caps.
    """
    for path, fault in chain(_strangers(deck, facilities), _breaches(deck, facilities.values())):
        place = f"{file or deck.name}:{line_of(deck.text, *path)}: {path[-1]}"
        raise DeckRefused(f"{place}: {fault}")


def _strangers(deck: Deck, facilities: Mapping[str, FacilityTerms]) -> Iterator[Fault]:
    known = ", ".join(sorted(facilities)) or "none"
    for table, rows in (
        ("rate", [row.facility for row in deck.rates]),
        ("adp", [row.facility for row in deck.adps]),
        ("waiver", [row.facility for row in deck.waivers]),
        ("free", [row.facility for row in deck.free]),
    ):
        for n, name in enumerate(rows):
            if name != EVERY and name not in facilities:
                yield (table, str(n), "facility"), f"unknown facility {name!r} (known: {known})"


def _breaches(deck: Deck, facilities: Iterable[FacilityTerms]) -> Iterator[Fault]:
    """Every rate above a cap: which, where, since when, and what fifteen minutes would cost."""
    prices = book(deck)
    for facility in facilities:
        for n, row in enumerate(deck.rates):
            if row.facility in (facility.id, EVERY):
                for path, fault in _of_row(prices, facility, row):
                    yield ("rate", str(n), *path), fault


def _of_row(prices: Book, facility: FacilityTerms, row: ContractRate) -> Iterator[Fault]:
    for kind in _kinds(row):
        for day in _days(prices, row):
            # A narrower row may stand in front of this one, for this facility or these calls.
            if _in_front(prices.deck, facility, kind, day) is row:
                limit = limit_on(prices, facility, kind, day)
                yield from _above(facility, kind, day, row, limit)


def _kinds(row: ContractRate) -> Iterator[CallKind]:
    media: tuple[Medium, ...] = get_args(Medium)
    for jurisdiction in JURISDICTIONS:
        if row.jurisdiction in (ALL, jurisdiction, scope(jurisdiction)):
            for medium in media:
                if row.medium in (ALL, medium):
                    yield CallKind(jurisdiction, medium)


def _in_front(
    deck: Deck, facility: FacilityTerms, kind: CallKind, day: date
) -> ContractRate | None:
    where: tuple[Jurisdiction, ...] = (kind.jurisdiction, scope(kind.jurisdiction))
    return deck.rate(facility.id, kind.medium, where, day)


def _days(prices: Book, row: ContractRate) -> list[date]:
    """The days within a row's dates on which a limit may change: its own first one first."""
    begin = max(row.first, prices.caps.first_day)
    later = (d for d in prices.changes if begin < d and (row.last is None or d <= row.last))
    return [begin, *sorted(later)]


def _above(
    facility: FacilityTerms, kind: CallKind, day: date, row: ContractRate, limit: Limit
) -> Iterator[Fault]:
    where = f"{facility.id}, {kind.jurisdiction} {kind.medium} calls from {day}"
    bands = ((("band", str(n), "base"), band.base_e4) for n, band in enumerate(row.bands))
    for path, rate in ((("base",), row.base_e4), *bands):
        if limit.rate_e4 is not None and rate > limit.rate_e4:
            yield path, f"{where}: base {_sum(rate, limit.rate_e4)} ({limit.rule})"
    if limit.additive_e4 is not None and row.additive_e4 > limit.additive_e4:
        message = f"{where}: additive {_sum(row.additive_e4, limit.additive_e4)} ({limit.rule})"
        yield ("additive",), message


def _sum(rate: RateE4, cap: RateE4) -> str:
    minutes = QUARTER_HOUR_S // 60
    mine, legal = (dollars(cents_of(one * QUARTER_HOUR_S)) for one in (rate, cap))
    return (
        f"${dollars_per_minute(rate)} a minute is above ${dollars_per_minute(cap)}: "
        f"{minutes} minutes would cost ${mine}, at most ${legal} is lawful"
    )
