"""The values that rating takes and gives: a facility's terms, a kind of call, a quote, a charge.

A quote is stored with the call as JSON, so that its end is charged by the very terms that were
quoted, and so that any price can be reproduced later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, Self

from rating.caps import FacilityType, Medium
from rating.jurisdiction import Jurisdiction
from rating.money import Cents, RateE4
from rating.taxes import AccountType, Tax

CallClass = Literal["voice", "captioned", "asl_p2p", "tty_tty", "trs_free", "free"]
CALL_CLASSES: tuple[CallClass, ...] = (
    "voice",
    "captioned",
    "asl_p2p",
    "tty_tty",
    "trs_free",
    "free",
)
"""47 CFR 64.6040: relay calls are free, a captioned call costs what voice costs, point-to-point
ASL video at most the like voice price, TTY to TTY at most a quarter; ``free`` is by the deck."""


@dataclass(frozen=True)
class FacilityTerms:
    """What rating needs to know of a facility; the caller reads it from its own tables.

    ``adp`` is last year's average daily population (47 CFR 64.6000), ``state`` the two letters
    of the street address, ``timezone`` an IANA name: dates and rate bands are the facility's own.
    ``exchange`` is the NPA-NXX of the street address; it is needed for LATAs only.
    """

    id: str
    facility_type: FacilityType
    adp: Decimal
    timezone: str
    state: str
    exchange: str = ""


@dataclass(frozen=True)
class CallKind:
    """Everything but the moment that a price depends on.

    ``tax_state`` is the state that may tax the call, ``destination`` the digits of an
    international number's country (or country and area) that have a termination cost.
    """

    jurisdiction: Jurisdiction
    medium: Medium = "audio"
    call_class: CallClass = "voice"
    account_type: AccountType = "prepaid_collect"
    tax_state: str = ""
    destination: str = ""


@dataclass(frozen=True)
class Segment:
    """Terms that begin in the course of a call, ``first_second`` seconds after its start.

    The fields mean what they mean on the quote. Increment, minimum and taxes are those of the
    segment that a call begins in, so these only count once :func:`rating.engine.started` moves it.
    """

    first_second: int
    base_e4: RateE4
    additive_e4: RateE4
    cap_e4: RateE4 | None
    additive_cap_e4: RateE4 | None
    tier: str
    rule: str
    increment_s: int
    minimum_s: int
    taxes: tuple[Tax, ...]


@dataclass(frozen=True)
class Quote:
    """What a call would cost, and by which rules.

    Rates are in 1/10,000 dollar a minute and hold from the call's first second; ``later`` lists
    what changes within a day after it (a rate band, midnight, a new cap). ``cap_e4`` is the
    lowest of the caps by law, None where there is none. ``rule`` names what bound the rate, with
    its citation. ``deck``, ``exchanges``, ``caps`` and ``code`` are the versions of the deck, the
    exchange data, the caps file and the rules. ``increment_s`` and ``minimum_s`` can
    never lift a charge above the cap.
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
    additive_cap_e4: RateE4 | None = None
    increment_s: int = 1
    minimum_s: int = 0
    taxes: tuple[Tax, ...] = ()
    later: tuple[Segment, ...] = ()
    medium: str = "audio"
    call_class: str = "voice"
    account_type: str = "prepaid_collect"
    tax_state: str = ""
    destination: str = ""
    exchanges: str = ""

    @property
    def free(self) -> bool:
        """Whether nothing can be charged, however long the call: no rate is above zero.

        A price that rounds down to no cents isn't free: somebody has to stand for it.
        """
        paid_later = any(part.base_e4 or part.additive_e4 for part in self.later)
        return not (self.base_e4 or self.additive_e4 or paid_later)

    def as_json(self) -> dict[str, Any]:
        """A dictionary of plain values; :meth:`from_json` gives back an equal quote."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The quote that :meth:`as_json` stored."""
        later = tuple(Segment(**_with_taxes(one)) for one in stored.get("later", ()))
        return cls(**{**_with_taxes(stored), "later": later})


def _with_taxes(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {**stored, "taxes": tuple(Tax(**one) for one in stored.get("taxes", ()))}


@dataclass(frozen=True)
class Line:
    """One line of money: ``kind`` is ``base``, ``additive`` or a tax's code."""

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


def cdr_columns(terms: Mapping[str, Any] | None, charged: Charge | None) -> dict[str, Any]:
    """What a CDR says of its price in columns of its own, so that re-rates needn't read JSON.

    ``terms`` is the stored quote; all is empty where nothing was charged for.
    """
    if terms is None or charged is None:
        return dict.fromkeys(CDR_COLUMNS)
    quoted = Quote.from_json(terms)
    base, additive, *_ = charged.lines
    return {
        "priced_at": datetime.fromisoformat(quoted.at),
        "jurisdiction": quoted.jurisdiction,
        "medium": quoted.medium,
        "call_class": quoted.call_class,
        "tax_state": quoted.tax_state,
        "base_cents": base.cents,
        "additive_cents": additive.cents,
    }


CDR_COLUMNS = (
    *("priced_at", "jurisdiction", "medium", "call_class", "tax_state"),
    *("base_cents", "additive_cents"),
)
