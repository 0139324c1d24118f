"""The columns give what the scalar engine gives, on every row and every field."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rating.batch import MEDIA, Calls, Rated, Rater
from rating.engine import NoRate, charge, quote_kind
from rating.jurisdiction import JURISDICTIONS
from rating.rules import Book
from rating.taxes import ACCOUNT_TYPES
from rating.terms import CALL_CLASSES, CallKind, FacilityTerms
from tests.rating import world

Row = tuple[FacilityTerms, CallKind, datetime, int]
rows = st.tuples(world.facilities, world.kinds, world.moments, world.lengths)


@cache
def prices() -> Book:
    return world.prices()


@cache
def rater() -> Rater:
    """One rater that has met every kind of call that the tests draw."""
    first, last = world.FIRST.date(), world.LAST.date()
    one = Rater(prices(), world.FACILITIES, first, last, world.STATES, world.DESTINATIONS)
    one.rate(columns([(f, k, world.FIRST, 1) for f in world.FACILITIES for k in world.KINDS]))
    return one


def columns(calls: list[Row]) -> Calls:
    table = [
        (
            int(at.timestamp()),
            seconds,
            world.FACILITIES.index(facility),
            JURISDICTIONS.index(kind.jurisdiction),
            MEDIA.index(kind.medium),
            CALL_CLASSES.index(kind.call_class),
            ACCOUNT_TYPES.index(kind.account_type),
            world.STATES.index(kind.tax_state),
            world.DESTINATIONS.index(kind.destination),
        )
        for facility, kind, at, seconds in calls
    ]
    return Calls(*np.array(table, np.int64).T)


def assert_same(row: Row, rated: Rated, at: int) -> None:
    facility, kind, moment, seconds = row
    terms = rated.terms(at)
    if terms.refusal:
        with pytest.raises(NoRate, match=terms.refusal):
            quote_kind(facility, kind, moment, prices=prices())
        assert rated.refused[at]
        assert rated.total[at] == 0
        return
    quoted = quote_kind(facility, kind, moment, prices=prices())
    charged = charge(quoted, seconds)
    lines = [rated.base[at], rated.additive[at]]
    lines += [tax[at] for tax in rated.taxes[: len(quoted.taxes)]]
    assert [line.cents for line in charged.lines] == lines
    assert rated.total[at] == charged.total_cents
    assert not rated.refused[at]
    same = ("tier", "rule", "cap_e4", "additive_cap_e4", "base_e4", "additive_e4", "taxes")
    assert all(getattr(terms, name) == getattr(quoted, name) for name in same)


@settings(max_examples=150, deadline=None)
@given(st.lists(rows, min_size=1, max_size=40))
def test_batch_equals_scalar(calls: list[Row]) -> None:
    rated = rater().rate(columns(calls))
    for at, row in enumerate(calls):
        assert_same(row, rated, at)


def test_a_change_just_a_day_after_the_start() -> None:
    """What changes later than a day after a call's start no longer concerns it."""
    facility, kind = world.FACILITIES[0], CallKind("interstate")
    midnight = datetime(2026, 4, 5, 5, tzinfo=UTC)
    for second in (-1, 0, 1):
        row = (facility, kind, midnight + timedelta(seconds=second), 200_000)
        assert_same(row, rater().rate(columns([row])), 0)


def test_nothing_to_rate() -> None:
    none = np.empty(0, np.int64)
    assert len(rater().rate(Calls(*[none] * 9)).total) == 0
