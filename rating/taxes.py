"""Taxes and fees: passed through at cost, on lines of their own, outside every cap test.

47 CFR 64.6070 allows mandatory taxes, mandatory fees and authorized fees, without a mark-up: so
each line is the rounded-down share of lines that are already rounded. A tax is due either on a
prepaid account's deposit or on its calls, as the state says, never on both (a prepaid calling
service is taxed at sale or recharge, Md. Tax-Gen. 11-108); a deck that says both is refused.

A state taxes a call by its ends and the service address (Iowa 423.20, 280-RICR): so the taxing
state of a call is that of the called number where the called party pays, else the facility's.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Literal, Protocol

from rating.money import Cents

AccountType = Literal["prepaid_collect", "inmate_debit", "direct_bill", "traditional_collect"]
ACCOUNT_TYPES: tuple[AccountType, ...] = (
    "prepaid_collect",
    "inmate_debit",
    "direct_bill",
    "traditional_collect",
)
PREPAID = frozenset({"prepaid_collect", "inmate_debit"})
FEDERAL = "US"
PPM = 1_000_000


@dataclass(frozen=True)
class Tax:
    """A tax on one call: ``rate_ppm`` millionths of the lines that ``on`` names."""

    code: str
    jurisdiction: str
    on: str
    rate_ppm: int
    authority: str

    def cents(self, base: Cents, additive: Cents) -> Cents:
        """The tax on a call's money lines, rounded down."""
        taxed = {"base": base, "additive": additive, "all": base + additive}[self.on]
        return taxed * self.rate_ppm // PPM


@dataclass(frozen=True)
class TaxRule:
    """A dated tax. ``event`` is ``call`` or ``deposit``; ``accounts`` prepaid, postpaid or all."""

    code: str
    jurisdiction: str
    authority: str
    first: date
    last: date | None
    on: str
    rate_ppm: int
    calls: str
    event: str
    accounts: str

    def applies(self, event: str, state: str, account_type: str, on: date) -> bool:
        """Whether an event of such an account on that day falls under the rule."""
        return (
            self.event == event
            and self.jurisdiction in (FEDERAL, state)
            and self.first <= on
            and (self.last is None or on <= self.last)
            and self.covers(account_type)
        )

    def covers(self, account_type: str) -> bool:
        """Whether the rule speaks of this kind of account."""
        kind = "prepaid" if account_type in PREPAID else "postpaid"
        return self.accounts in ("all", kind)

    def tax(self) -> Tax:
        """What stands on the quote."""
        return Tax(self.code, self.jurisdiction, self.on, self.rate_ppm, self.authority)


class TaxProvider(Protocol):
    """Who knows the taxes. The default is a table; a tax service can stand in its place."""

    def on_call(self, scope: str, state: str, account_type: str, on: date) -> tuple[Tax, ...]:
        """The taxes on a call that begins on that day at the facility, in the lines' order."""

    def on_deposit(self, state: str, account_type: str, on: date) -> tuple[Tax, ...]:
        """The taxes on money paid into an account."""

    def changes(self) -> frozenset[date]:
        """Every day on which a tax may change."""


@dataclass(frozen=True, eq=False)
class TaxTable:
    """The default provider: the deck's dated rows."""

    rules: tuple[TaxRule, ...]

    def on_call(self, scope: str, state: str, account_type: str, on: date) -> tuple[Tax, ...]:
        """The rows for such a call."""
        return tuple(
            rule.tax()
            for rule in self.rules
            if rule.calls in ("all", scope) and rule.applies("call", state, account_type, on)
        )

    def on_deposit(self, state: str, account_type: str, on: date) -> tuple[Tax, ...]:
        """The rows for a deposit: only a prepaid account has one that can be taxed."""
        if account_type not in PREPAID:
            return ()
        return tuple(r.tax() for r in self.rules if r.applies("deposit", state, account_type, on))

    def changes(self) -> frozenset[date]:
        """Every day that a row begins, or the first day after it ended."""
        days = ({rule.first} | _after(rule.last) for rule in self.rules)
        return frozenset(day for pair in days for day in pair)


def _after(last: date | None) -> set[date]:
    return {last + timedelta(days=1)} if last else set()


def taxing_state(account_type: str, facility_state: str, called_state: str) -> str:
    """The one state that may tax a call or deposit of such an account; see the module's head."""
    return facility_state if account_type == "inmate_debit" else called_state


def deposit_lines(
    provider: TaxProvider, state: str, account_type: str, cents: Cents, on: date
) -> tuple[tuple[Tax, Cents], ...]:
    """Each tax on a deposit of ``cents``, rounded down."""
    taxes = provider.on_deposit(state, account_type, on)
    return tuple((tax, cents * tax.rate_ppm // PPM) for tax in taxes)


@dataclass(frozen=True)
class FusfQuarter:
    """The contribution factor of one quarter (47 CFR 54.709): first and last day, millionths."""

    first: date
    last: date
    rate_ppm: int
    citation: str


@cache
def fusf_quarters() -> tuple[FusfQuarter, ...]:
    """The factors that come with the program. A quarter that is missing charges nothing."""
    text = (files("rating") / "data" / "fusf.csv").read_text(encoding="utf-8")
    return tuple(_quarters(text.partition("\n")[2]))


def _quarters(table: str) -> Iterator[FusfQuarter]:
    for row in csv.DictReader(table.splitlines()):
        first, last = quarter_days(row["quarter"])
        ppm = int(Decimal(row["factor"]) * PPM)
        yield FusfQuarter(first, last, ppm, row["citation"])


def quarter_days(name: str) -> tuple[date, date]:
    """First and last day of ``2026Q2``. Raises :class:`ValueError` for another spelling."""
    year, mark, number = name[:4], name[4:5], name[5:]
    known = year.isascii() and year.isdecimal() and "1900" <= year < "2900"
    if not known or mark != "Q" or number not in ("1", "2", "3", "4"):
        raise ValueError(f"{name!r} isn't a quarter such as 2026Q2")
    first = date(int(year), 3 * int(number) - 2, 1)
    return first, add_months(first, 3) - timedelta(days=1)


def add_months(first: date, months: int) -> date:
    """The first day of the month that many months after a first of the month."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)
