"""Reads a deck from TOML, whole or not at all.

Everything wrong is found before anything is used: a field that nobody knows, an amount that is
negative or finer than 1/10,000 dollar, date ranges that overlap or leave a gap, bands that
overlap, a state that taxes both a deposit and its calls.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from rating.deck import (
    ALL,
    EVERY,
    Adp,
    ContractRate,
    Dated,
    Deck,
    FreeNumber,
    StateCap,
    Termination,
    Waiver,
)
from rating.deckbands import read_bands
from rating.jurisdiction import JURISDICTIONS
from rating.money import RateE4, rate_e4
from rating.taxes import FEDERAL, PPM, PREPAID, TaxRule, add_months, fusf_quarters, quarter_days
from rating.tomlrows import DeckError, Row, amount, between, day, one_of, read, text

D = TypeVar("D", bound=Dated)
HIGHEST_RATE_E4: RateE4 = 100_000
"""$10 a minute: above it an amount is a slip of the pen."""
LONGEST_INCREMENT_S = 3600
LONGEST_NAME = 60

_MEDIUM = one_of("audio", "video", ALL)
_JURISDICTION = one_of(*JURISDICTIONS, ALL)


def rate(value: Any) -> RateE4:
    """Dollars a minute in quotes."""
    found = rate_e4(amount(value))
    if found > HIGHEST_RATE_E4:
        raise ValueError(f"{value} is above $10 a minute")
    return found


def read_text(path: Path) -> str:
    """A deck file's text. Raises :class:`rating.tomlrows.DeckError` where it can't be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DeckError(f"{path}:1: file: {error}") from None


def parse(file: str, source: str) -> Deck:
    """The deck of a file's text. Raises :class:`rating.tomlrows.DeckError`."""
    top = read(file, source)
    name = top.take("name", _name)
    digest = hashlib.sha256(source.encode()).hexdigest()[:12]
    deck = Deck(
        name=name,
        version=f"{name}+{digest}",
        text=source,
        rates=_dated(top.rows("rate"), _rate, lambda r: r.key),
        state_caps=_dated(top.rows("state_cap"), _state_cap, _state_cap_key),
        adps=_adps(top.rows("adp")),
        terminations=_unique(top.rows("termination"), _termination),
        waivers=_unique(top.rows("waiver"), _waiver),
        free=tuple(_each(top.rows("free"), _free)),
        taxes=_taxes(top.rows("tax")),
    )
    top.done()
    return deck


def _name(value: Any) -> str:
    found = text(value)
    if len(found) > LONGEST_NAME or not found.isprintable():
        raise ValueError(f"a name of at most {LONGEST_NAME} printable letters is needed")
    return found


def _each(rows: list[Row], make: Callable[[Row], D | Any]) -> Iterator[Any]:
    for row in rows:
        made = make(row)
        row.done()
        yield made


def _dated(rows: list[Row], make: Callable[[Row], D], key: Callable[[D], object]) -> tuple[D, ...]:
    """Rows whose dates follow each other without overlap and without gap, key by key."""
    made = list(zip(_each(rows, make), rows, strict=True))
    newest: dict[object, D] = {}
    for one, row in sorted(made, key=lambda pair: pair[0].first):
        before = newest.get(key(one))
        if before is not None and (before.last is None or one.first <= before.last):
            raise row.error("effective_from", f"overlaps the row that ends {_end(before)}")
        if before is not None and before.last and one.first > before.last + timedelta(days=1):
            raise row.error("effective_from", f"leaves a gap after {before.last}")
        newest[key(one)] = one
    return tuple(one for one, _ in made)


def _end(row: Dated) -> str:
    return str(row.last) if row.last else "never (it has no effective_to)"


def _dates(row: Row) -> tuple[date, date | None]:
    first = row.take("effective_from", day)
    last = row.maybe("effective_to", day, date.max)
    if last < first:
        raise row.error("effective_to", f"{last} lies before effective_from {first}")
    return first, None if last == date.max else last


def _rate(row: Row) -> ContractRate:
    first, last = _dates(row)
    return ContractRate(
        facility=row.maybe("facility", text, EVERY),
        medium=row.maybe("medium", _MEDIUM, ALL),
        jurisdiction=row.maybe("jurisdiction", _JURISDICTION, ALL),
        first=first,
        last=last,
        base_e4=row.take("base", rate),
        additive_e4=row.maybe("additive", rate, 0),
        increment_s=row.maybe("increment_s", between(1, LONGEST_INCREMENT_S), 1),
        minimum_s=row.maybe("minimum_s", between(0, LONGEST_INCREMENT_S), 0),
        bands=read_bands(row.rows("band"), rate),
        citation=row.take("citation", text),
    )


def _state(value: Any) -> str:
    found = text(value)
    if not (len(found) == 2 and found.isalpha() and found.isupper()):
        raise ValueError(f"{found!r} isn't a state's two letters")
    return found


def _state_cap(row: Row) -> StateCap:
    first, last = _dates(row)
    return StateCap(
        state=row.take("state", _state),
        facility_type=row.maybe("facility_type", one_of("jail", "prison", ALL), ALL),
        medium=row.maybe("medium", _MEDIUM, ALL),
        jurisdiction=row.maybe("jurisdiction", _JURISDICTION, "intrastate"),
        first=first,
        last=last,
        rate_e4=row.take("cap", rate),
        additive_e4=row.maybe("additive", rate, 0),
        citation=row.take("citation", text),
    )


def _state_cap_key(cap: StateCap) -> object:
    return cap.state, cap.facility_type, cap.medium, cap.jurisdiction


def _adps(rows: list[Row]) -> tuple[Adp, ...]:
    made = list(_each(rows, _adp))
    seen: set[tuple[str, int]] = set()
    for one, row in zip(made, rows, strict=True):
        if (one.facility, one.year) in seen:
            raise row.error("year", f"{one.facility} has two figures for {one.year}")
        seen.add((one.facility, one.year))
    return tuple(made)


def _adp(row: Row) -> Adp:
    """By April 30 a facility's ADP of the year before is due (47 CFR 64.6000)."""
    year = row.take("year", between(2000, 2200))
    latest = date(year + 1, 4, 30)
    first = row.maybe("effective_from", day, latest)
    if not date(year + 1, 1, 1) <= first <= latest:
        raise row.error("effective_from", f"the ADP of {year} takes effect by {latest}")
    return Adp(row.take("facility", text), year, row.take("adp", _population), first)


def _population(value: Any) -> Decimal:
    try:
        found = Decimal(amount(value))
    except ArithmeticError:
        raise ValueError(f"{value!r} isn't a number") from None
    if not found.is_finite() or found < 0:
        raise ValueError(f"{value} isn't a number of people")
    return found


def _termination(row: Row) -> Termination:
    """A quarter's average is used from one month after the quarter's end, for three months."""
    prefix = row.take("prefix", text)
    if not (prefix.isascii() and prefix.isdecimal()):
        raise row.error("prefix", f"{prefix!r} isn't a country code or area code in digits")
    quarter = row.take("quarter", text)
    try:
        begin, _ = quarter_days(quarter)
    except ValueError as error:
        raise row.error("quarter", str(error)) from None
    first = add_months(begin, 4)
    cost = row.take("cost", rate)
    return Termination(prefix, quarter, cost, first, add_months(first, 3) - timedelta(days=1))


def _waiver(row: Row) -> Waiver:
    first, last = _dates(row)
    return Waiver(
        facility=row.take("facility", text),
        waiver_id=row.take("waiver_id", text),
        caps_as_of=row.take("caps_as_of", day),
        first=first,
        last=last,
    )


def _free(row: Row) -> FreeNumber:
    return FreeNumber(
        facility=row.maybe("facility", text, EVERY),
        number=row.take("number", text),
        reason=row.take("reason", text),
    )


def _unique(rows: list[Row], make: Callable[[Row], Any]) -> tuple[Any, ...]:
    """Rows of one prefix or facility that don't overlap (a quarter may be missing)."""
    made = list(zip(_each(rows, make), rows, strict=True))
    for n, (one, row) in enumerate(made):
        for other, _ in made[:n]:
            if _who(one) == _who(other) and _meet(one, other):
                raise row.error("", f"overlaps the row of {other.first} for {_who(other)}")
    return tuple(one for one, _ in made)


def _who(row: Termination | Waiver) -> str:
    return row.prefix if isinstance(row, Termination) else row.facility


def _meet(one: Dated, other: Dated) -> bool:
    return (one.last is None or other.first <= one.last) and (
        other.last is None or one.first <= other.last
    )


def _taxes(rows: list[Row]) -> tuple[TaxRule, ...]:
    made = [(rule, row) for row in rows for rule in _tax(row)]
    for n, (one, row) in enumerate(made):
        for other, _ in made[:n]:
            if one.jurisdiction == other.jurisdiction and _meet(one, other):
                _refuse_twice(one, other, row)
    return tuple(rule for rule, _ in made)


def _refuse_twice(one: TaxRule, other: TaxRule, row: Row) -> None:
    prepaid_in_both = all(any(rule.covers(a) for a in PREPAID) for rule in (one, other))
    if one.event != other.event and prepaid_in_both:
        raise row.error(
            "event", f"{one.jurisdiction} would tax a prepaid account's deposit and its calls"
        )
    same_calls = one.calls == other.calls or ALL in (one.calls, other.calls)
    same_accounts = one.accounts == other.accounts or ALL in (one.accounts, other.accounts)
    if one.code == other.code and one.event == other.event and same_calls and same_accounts:
        raise row.error("code", f"{one.code} would be charged twice from {one.first}")


def _tax(row: Row) -> list[TaxRule]:
    """One row, or for ``factor = "fusf"`` a row for each quarter whose factor is known."""
    common: dict[str, Any] = {
        "code": row.take("code", text),
        "on": row.maybe("on", one_of("base", "additive", ALL), ALL),
        "accounts": row.maybe("accounts", one_of("prepaid", "postpaid", ALL), ALL),
    }
    if row.maybe("factor", one_of("fusf"), ""):
        return _fusf(row, common)
    first, last = _dates(row)
    event = row.maybe("event", one_of("call", "deposit"), "call")
    rule = TaxRule(
        **common,
        jurisdiction=row.take("jurisdiction", _state),
        authority=row.take("authority", text),
        first=first,
        last=last,
        rate_ppm=row.take("rate", _share),
        calls=row.maybe("calls", one_of("interstate", "intrastate", "international", ALL), ALL),
        event=event,
    )
    row.done()
    if event == "deposit" and common["accounts"] == "postpaid":
        raise row.error("accounts", "a postpaid account has no deposit to tax")
    return [rule]


def _fusf(row: Row, common: dict[str, Any]) -> list[TaxRule]:
    """On interstate and international revenue at the quarter's factor (47 CFR 54.706, 54.712)."""
    start = row.take("effective_from", day)
    row.done()
    return [
        TaxRule(
            **common,
            jurisdiction=FEDERAL,
            authority=f"47 CFR 54.712; {quarter.citation}",
            first=max(quarter.first, start),
            last=quarter.last,
            rate_ppm=quarter.rate_ppm,
            calls=calls,
            event="call",
        )
        for quarter in fusf_quarters()
        if quarter.last >= start
        for calls in ("interstate", "international")
    ]


def _share(value: Any) -> int:
    """A share in quotes (``"0.0625"``) in millionths."""
    try:
        scaled = Decimal(amount(value)) * PPM
    except ArithmeticError:
        raise ValueError(f"{value!r} isn't a share such as 0.0625") from None
    if not scaled.is_finite() or scaled != int(scaled) or not 0 <= scaled <= PPM:
        raise ValueError(f"{value} isn't a share from 0 to 1 with at most six places")
    return int(scaled)
