"""The values that rating takes and gives: a facility's terms, a quote, a charge.

A quote is stored with the call as JSON, so that its end is charged by the very terms that were
quoted, and so that any price can be reproduced later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Self

from rating.caps import FacilityType
from rating.money import Cents, RateE4


@dataclass(frozen=True)
class FacilityTerms:
    """What rating needs to know of a facility; the caller reads it from its own tables.

    ``adp`` is last year's average daily population (47 CFR 64.6000), ``state`` the two letters
    of the street address, ``timezone`` an IANA name: dates and rate bands are the facility's own.
    """

    id: str
    facility_type: FacilityType
    adp: Decimal
    timezone: str
    state: str


@dataclass(frozen=True)
class Quote:
    """What a call would cost, and by which rules.

    Rates are in 1/10,000 dollar a minute. ``cap_e4`` is None where no federal cap is in force.
    ``rule`` names what bound the rate, with its citation. ``deck``, ``caps`` and ``code`` are
    the versions of the deck, the caps file and the rules.
    """

    base_e4: RateE4
    additive_e4: RateE4
    taxed: bool
    facility: str
    at: str
    jurisdiction: str
    tier: str
    cap_e4: RateE4 | None
    rule: str
    deck: str
    caps: str
    code: str

    def as_json(self) -> dict[str, Any]:
        """A dictionary of plain values; :meth:`from_json` gives back an equal quote."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The quote that :meth:`as_json` stored."""
        return cls(**stored)


@dataclass(frozen=True)
class Line:
    """One line of money: ``kind`` is ``base``, ``additive`` or a tax."""

    kind: str
    cents: Cents


@dataclass(frozen=True)
class Charge:
    """What a call of ``seconds`` costs, line by line."""

    seconds: int
    lines: tuple[Line, ...]

    @property
    def total_cents(self) -> Cents:
        """The sum of all lines."""
        return sum(line.cents for line in self.lines)
