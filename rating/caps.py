"""The federal caps as dated data (47 CFR 64.6010, 64.6030): which one binds, and its citation.

``data/fcc_caps.csv`` is the rule; this module only looks it up. Its dates are inclusive and
are dates at the facility: a cap begins at the facility's own midnight. A tier is a facility
type and a half-open band of average daily population (ADP): a printed band of 350 to 999 holds
every ADP from 350 up to, not including, 1000 (47 CFR 64.6000, ADP is fractional).
No row means that no federal cap is in force.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Literal

from rating.money import RateE4, rate_e4

Medium = Literal["audio", "video"]
FacilityType = Literal["prison", "jail"]
Scope = Literal["interstate", "intrastate", "international"]


class CapError(Exception):
    """The caps file can't answer: the message says for which date."""


@dataclass(frozen=True)
class Cap:
    """One row of the caps file. Rates in 1/10,000 dollar a minute, dates inclusive."""

    first: date
    last: date | None
    medium: str
    tier: str
    adp_min: int
    adp_below: int | None
    rate_e4: RateE4
    additive_e4: RateE4
    jurisdiction: str
    citation: str
    note: str

    def holds(
        self,
        on: date,
        medium: str,
        facility_type: str,
        adp: Decimal,
        scope: str,
        collect: bool = False,
    ) -> bool:
        """Whether this row binds such a call on that date at the facility."""
        return (
            self.medium == medium
            and self.first <= on
            and (self.last is None or on <= self.last)
            and self.jurisdiction in ("all", scope)
            and self._covers(facility_type, adp, collect)
        )

    def _covers(self, facility_type: str, adp: Decimal, collect: bool) -> bool:
        if self.tier.startswith("any_"):
            return (self.tier == "any_collect") is collect
        if facility_type == "prison" or self.tier == "prison":
            return self.tier == facility_type
        return adp >= self.adp_min and (self.adp_below is None or adp < self.adp_below)


@dataclass(frozen=True)
class Caps:
    """All rows and the version that a call record carries: as-of date and digest of the file."""

    rows: tuple[Cap, ...]
    version: str

    @property
    def first_day(self) -> date:
        """The first date on which any federal cap was in force."""
        return min(row.first for row in self.rows)

    def find(
        self,
        on: date,
        medium: str,
        facility_type: str,
        adp: Decimal,
        scope: str,
        collect: bool = False,
    ) -> Cap | None:
        """The cap in force, or None where there is none.

        ``collect`` marks traditional collect, which had its own cap until 2021 (64.6030).
        Raises :class:`CapError` for a date before the first cap on record.
        """
        if on < self.first_day:
            raise CapError(f"no cap is on record before {self.first_day}, asked for {on}")
        return next(
            (r for r in self.rows if r.holds(on, medium, facility_type, adp, scope, collect)), None
        )

    def changes(self) -> frozenset[date]:
        """Every day that a row begins, or the first day after it ended."""
        ends = {row.last + timedelta(days=1) for row in self.rows if row.last}
        return frozenset({row.first for row in self.rows} | ends)


def parse(text: str) -> Caps:
    """The caps of a file's text: a comment line that ends in the data's own header, then CSV."""
    comment, _, table = text.partition("\n")
    as_of = comment.partition("As of ")[2][:10]
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Caps(tuple(map(_row, csv.DictReader(table.splitlines()))), f"{as_of}+{digest}")


@cache
def federal() -> Caps:
    """The federal caps that come with the program."""
    return parse((files("rating") / "data" / "fcc_caps.csv").read_text(encoding="utf-8"))


def _row(line: dict[str, str]) -> Cap:
    return Cap(
        first=date.fromisoformat(line["effective_from"]),
        last=date.fromisoformat(line["effective_to"]) if line["effective_to"] else None,
        medium=line["medium"],
        tier=line["facility_type"],
        adp_min=int(line["adp_min"]),
        adp_below=int(line["adp_max"]) + 1 if line["adp_max"] else None,
        rate_e4=rate_e4(line["cap_usd_per_min"]),
        additive_e4=rate_e4(line["additive_usd_per_min"]),
        jurisdiction=line["jurisdiction"],
        citation=line["citation"],
        note=line["note"],
    )
