"""Laws of a price, over every facility, kind of call, moment and length of the test world."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from rating.engine import affordable_seconds, charge, quote_kind, started
from rating.rules import Book, NoRate
from rating.taxes import Tax
from rating.terms import CallKind, FacilityTerms, Quote
from tests.rating import world


@cache
def prices() -> Book:
    return world.prices()


def quoted(facility: FacilityTerms, kind: CallKind, at: datetime) -> Quote | None:
    try:
        return quote_kind(facility, kind, at, prices=prices())
    except NoRate:
        return None


quotes = st.builds(quoted, world.facilities, world.kinds, world.moments).filter(bool)


def exact(terms: Quote, cap: str, seconds: int) -> int | None:
    """Cap x seconds over all parts of a call, in 1/10,000 dollar a minute x seconds."""
    parts = [(0, getattr(terms, cap)), *((p.first_second, getattr(p, cap)) for p in terms.later)]
    ends = [*(first for first, _ in parts[1:]), seconds]
    total = 0
    for (first, rate), end in zip(parts, ends, strict=True):
        if (length := min(end, seconds) - first) > 0:
            if rate is None:
                return None
            total += rate * length
    return total


@given(quotes, world.lengths)
def test_never_above_the_cap_whatever_the_increment(terms: Quote, seconds: int) -> None:
    lines = charge(terms, seconds).lines
    for line, cap in zip(lines, ("cap_e4", "additive_cap_e4"), strict=False):
        limit = exact(terms, cap, seconds)
        assert limit is None or line.cents * 6000 <= limit


@given(quotes, st.integers(0, 20_000))
def test_a_longer_call_never_costs_less(terms: Quote, seconds: int) -> None:
    shorter, longer = charge(terms, seconds), charge(terms, seconds + 1)
    pairs = zip(shorter.lines, longer.lines, strict=True)
    assert all(one.cents <= other.cents for one, other in pairs)


@given(quotes, st.integers(0, 4000), st.integers(0, 14_400))
def test_affordable_is_the_exact_inverse(terms: Quote, cents: int, longest: int) -> None:
    allowed = affordable_seconds(terms, cents, longest)
    assert 0 <= allowed <= longest
    assert charge(terms, allowed).total_cents <= cents
    if allowed < longest:
        assert charge(terms, allowed + 1).total_cents > cents


@given(quotes, st.integers(0, 4000), st.integers(0, 4000))
def test_splitting_a_call_never_adds(terms: Quote, first: int, second: int) -> None:
    """Two calls in a row cost at most what one costs, by the second and without a minimum."""
    by_second = replace(
        terms,
        increment_s=1,
        minimum_s=0,
        later=tuple(replace(one, increment_s=1, minimum_s=0) for one in terms.later),
    )
    at = datetime.fromisoformat(terms.at)
    rest = started(by_second, at + timedelta(seconds=first))
    whole = charge(by_second, first + second).lines[:2]
    one, other = charge(by_second, first).lines[:2], charge(rest, second).lines[:2]
    for a, b, both in zip(one, other, whole, strict=True):
        assert a.cents + b.cents <= both.cents


@given(quotes, world.lengths, st.integers(0, 500_000))
def test_a_tax_never_changes_the_base(terms: Quote, seconds: int, ppm: int) -> None:
    more = replace(terms, taxes=(*terms.taxes, Tax("more", "TX", "all", ppm, "none")))
    assert charge(more, seconds).lines[:-1] == charge(terms, seconds).lines
    base, additive = (line.cents for line in charge(more, seconds).lines[:2])
    assert charge(more, seconds).lines[-1].cents * 1_000_000 <= (base + additive) * ppm


@given(world.facilities, world.kinds, world.near_an_edge, st.integers(0, 600), world.lengths)
def test_accepted_later_is_as_quoted_then(
    facility: FacilityTerms, kind: CallKind, at: datetime, wait: int, seconds: int
) -> None:
    terms, then = quoted(facility, kind, at), at + timedelta(seconds=wait)
    fresh = quoted(facility, kind, then)
    assume(terms is not None and fresh is not None and seconds < 80_000)
    assert terms is not None
    assert fresh is not None
    moved = started(terms, then)
    assert charge(moved, seconds) == charge(fresh, seconds)
    assert (moved.rule, moved.tier, moved.taxes) == (fresh.rule, fresh.tier, fresh.taxes)


@given(quotes)
def test_a_quote_survives_its_storage(terms: Quote) -> None:
    assert Quote.from_json(json.loads(json.dumps(terms.as_json()))) == terms


def types_in(value: Any) -> set[type]:
    if is_dataclass(value):
        return set().union(*(types_in(getattr(value, one.name)) for one in fields(value)))
    if isinstance(value, tuple):
        return set().union(*map(types_in, value))
    return {type(value)}


@given(quotes, world.lengths)
def test_no_float_reaches_money(terms: Quote, seconds: int) -> None:
    assert float not in types_in(terms) | types_in(charge(terms, seconds))


@given(world.facilities, world.kinds, world.moments)
def test_no_quote_without_its_versions(
    facility: FacilityTerms, kind: CallKind, at: datetime
) -> None:
    terms = quoted(facility, kind, at)
    if terms is not None:
        assert all((terms.deck, terms.caps, terms.code, terms.rule))
