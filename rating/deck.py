"""A rate deck: contract rates, state caps, termination costs, taxes, tiers and free numbers.

Every row is dated, inclusive, by the facility's own calendar. A deck can lower a price, never
lift it above a cap, and there is no word in it for a per-call, connection or deposit fee
(47 CFR 64.6020, 64.6080). ``rating.deckfile`` reads a deck, ``rating.deckcheck`` holds it against
the caps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Protocol, TypeVar

from rating.money import RateE4
from rating.taxes import TaxRule

EVERY = "*"
"""A row for every facility that has no row of its own."""
ALL = "all"


class Dated(Protocol):
    """Anything in force from ``first`` to ``last``, both inclusive; None is open."""

    @property
    def first(self) -> date: ...
    @property
    def last(self) -> date | None: ...


D = TypeVar("D", bound=Dated)


def in_force(rows: Iterable[D], on: date) -> Iterable[D]:
    """The rows in force on a date."""
    return (row for row in rows if row.first <= on and (row.last is None or on <= row.last))


@dataclass(frozen=True)
class Band:
    """A time of day with a base rate of its own, in minutes of the facility's wall clock.

    ``days`` are those on which the band begins (Monday is 0); ``start > end`` runs past midnight.
    """

    days: frozenset[int]
    start: int
    end: int
    base_e4: RateE4

    def holds(self, weekday: int, minute: int) -> bool:
        """Whether the band is on at that minute of that day."""
        if self.start < self.end:
            return weekday in self.days and self.start <= minute < self.end
        began_yesterday = (weekday - 1) % 7 in self.days and minute < self.end
        return began_yesterday or (weekday in self.days and minute >= self.start)


@dataclass(frozen=True)
class ContractRate:
    """A rate agreed with a facility. Rates in 1/10,000 dollar a minute; increments in seconds."""

    facility: str
    medium: str
    jurisdiction: str
    first: date
    last: date | None
    base_e4: RateE4
    additive_e4: RateE4
    increment_s: int
    minimum_s: int
    bands: tuple[Band, ...]
    citation: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What the row is for; rows of one key follow each other without gap or overlap."""
        return self.facility, self.medium, self.jurisdiction


@dataclass(frozen=True)
class StateCap:
    """A cap by state law: it binds beside the federal one where it is the lower."""

    state: str
    facility_type: str
    medium: str
    jurisdiction: str
    first: date
    last: date | None
    rate_e4: RateE4
    additive_e4: RateE4
    citation: str


@dataclass(frozen=True)
class Adp:
    """A facility's average daily population of one calendar year, and when it takes effect."""

    facility: str
    year: int
    adp: Decimal
    first: date

    @property
    def last(self) -> date | None:
        """In force until the next year's figure."""
        return None


@dataclass(frozen=True)
class Termination:
    """The average cost of a minute to a destination in one quarter, and the days it is used on."""

    prefix: str
    quarter: str
    cost_e4: RateE4
    first: date
    last: date


@dataclass(frozen=True)
class Waiver:
    """A facility whose caps are those of an earlier day (47 CFR 64.6120, or a deferral)."""

    facility: str
    waiver_id: str
    caps_as_of: date
    first: date
    last: date | None


@dataclass(frozen=True)
class FreeNumber:
    """A number that costs nothing from a facility, and why."""

    facility: str
    number: str
    reason: str


@dataclass(frozen=True, eq=False)
class Deck:
    """One deck. ``version`` is its name and the digest of its text; empty when none is loaded."""

    name: str = ""
    version: str = ""
    text: str = ""
    rates: tuple[ContractRate, ...] = ()
    state_caps: tuple[StateCap, ...] = ()
    adps: tuple[Adp, ...] = ()
    terminations: tuple[Termination, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    free: tuple[FreeNumber, ...] = ()
    taxes: tuple[TaxRule, ...] = ()

    def rate(
        self, facility: str, medium: str, jurisdictions: tuple[str, ...], on: date
    ) -> ContractRate | None:
        """The contract rate: a facility's own before the default, a narrow row before a wide one.

        ``jurisdictions`` goes from the narrowest name of the call to the widest.
        """
        keys = {row.key: row for row in in_force(self.rates, on)}
        wanted = (
            (who, what, where)
            for who in (facility, EVERY)
            for where in (*jurisdictions, ALL)
            for what in (medium, ALL)
        )
        return next((keys[key] for key in wanted if key in keys), None)

    def adp(self, facility: str, on: date, otherwise: Decimal) -> Decimal:
        """The ADP in force at a facility: the newest figure that has taken effect."""
        mine = [a for a in in_force(self.adps, on) if a.facility == facility]
        return max(mine, key=lambda a: (a.first, a.year)).adp if mine else otherwise

    def destination(self, digits: str) -> str:
        """The longest prefix of an international number for which costs are on record."""
        prefixes = {t.prefix for t in self.terminations if digits.startswith(t.prefix)}
        return max(prefixes, key=len, default="")

    def termination(self, destination: str, on: date) -> Termination | None:
        """The termination cost in use for such a prefix on a day."""
        mine = (t for t in in_force(self.terminations, on) if t.prefix == destination)
        return next(iter(mine), None)

    def free_reason(self, facility: str, number: str) -> str:
        """Why a number is free from a facility; empty when it isn't."""
        hits = (f for f in self.free if f.number == number and f.facility in (facility, EVERY))
        return next((f.reason for f in hits), "")

    def changes(self) -> frozenset[date]:
        """Every day that a row but a tax begins, or the first day after it ended."""
        rows: tuple[Dated, ...] = (
            self.rates + self.state_caps + self.adps + self.terminations + self.waivers
        )
        ends = {row.last + timedelta(days=1) for row in rows if row.last}
        return frozenset({row.first for row in rows} | ends)


NO_DECK = Deck()
