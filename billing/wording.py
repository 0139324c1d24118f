"""Money, moments and names as a person reads them, in the language of the page."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_currency, parse_pattern

from accounts.months import end_of, start_of
from billing.catalogue import Words, words
from billing.statement_lines import Movement, TaxPart
from billing.statements import movement_name

WIDTH = 78
_CENT, _E4 = Decimal("0.01"), Decimal("0.0001")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Wording:
    """What the templates ask, in one language."""

    language: str

    @cached_property
    def words(self) -> Words:
        """The catalogue of the language."""
        return words(self.language)

    @cached_property
    def _locale(self) -> Locale:
        return Locale.parse(self.words["locale"])

    def money(self, cents: int) -> str:
        """``$12.34``."""
        return _money(cents, self.words["locale"])

    def rate(self, e4: int | None) -> str:
        """A rate in 1/10,000 dollar: ``$0.0635``; empty where none is known."""
        return "" if e4 is None else _rate(e4, self.words["locale"])

    def month(self, month: str) -> str:
        """``October 2026``."""
        return format_skeleton("yMMMM", start_of(month), locale=self._locale)

    def month_note(self, month: str) -> str:
        """From which day to which the month runs, and in which time."""
        first, last = self.day(start_of(month)), self.day(end_of(month) - _DAY)
        return str(self.words["month_note"].format(start=first, end=last))

    def day(self, at: datetime) -> str:
        """``Oct 6, 2026``, in UTC."""
        return format_date(at.astimezone(UTC), "medium", locale=self._locale)

    def moment(self, at: datetime) -> str:
        """``Oct 6, 2026 2:03 PM EDT``, in the moment's own zone."""
        day = format_date(at, "medium", locale=self._locale)
        return f"{day} {format_time(at, 'short', at.tzinfo, self._locale)} {at.tzname()}"

    def duration(self, seconds: int | None) -> str:
        """``12:05``: minutes and seconds."""
        if seconds is None:
            return str(self.words["unfinished"])
        return f"{seconds // 60}:{seconds % 60:02}"

    def tax(self, part: TaxPart) -> str:
        """The name of a tax, with who levies it."""
        name = self.words["taxes_known"].get(part.code or "other", part.code)
        levied = ", ".join(plain(one) for one in (part.jurisdiction, part.authority) if one)
        return f"{plain(name)} ({levied})" if levied else plain(name)

    def movement(self, one: Movement) -> str:
        """What a movement is called, of which call or of what it is."""
        named = self.words["movement"]
        said = [named[movement_name(one)]]
        if one.reversed_kind:
            said.append(self.words["reversed"].format(what=named[one.reversed_kind.value]))
        if one.call_at:
            of = {"time": self.moment(one.call_at), "number": plain(one.number or "")}
            said.append(self.words["of_call"].format(**of))
        return " ".join(said)

    def line(self, what: str, amount: str) -> str:
        """A line of text with its amount at the right edge."""
        return f"{what:<{WIDTH - 14}} {amount:>13}"


def plain(text: str) -> str:
    """The text without what a terminal or a reader could take for an order."""
    return "".join(" " if unicodedata.category(sign)[0] == "C" else sign for sign in text)


# The same amounts come again and again, and Babel takes 50 µs for each.
@lru_cache(maxsize=10_000)
def _money(cents: int, locale: str) -> str:
    return format_currency(cents * _CENT, "USD", locale=locale)


@lru_cache(maxsize=1_000)
def _rate(e4: int, locale: str) -> str:
    """Money as the language writes it, with up to four places: a rate isn't whole cents."""
    known = Locale.parse(locale)
    pattern = known.currency_formats["standard"].pattern.replace(".00", ".00##")
    said = parse_pattern(pattern).apply(e4 * _E4, known, currency="USD", currency_digits=False)
    return str(said)
