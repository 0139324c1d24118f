"""Laws of a price."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rating import caps, engine
from rating.terms import FacilityTerms, Quote

JAIL = FacilityTerms("demo", "jail", Decimal("412.5"), "America/Chicago", "TX")
NUMBER = "+15125550123"
MOMENT = datetime(2026, 11, 1, 18, 0, tzinfo=UTC)

facilities = st.builds(
    FacilityTerms,
    id=st.just("any"),
    facility_type=st.sampled_from(["jail", "prison"]),
    adp=st.decimals(0, 5000, places=2),
    timezone=st.sampled_from(["America/Chicago", "America/New_York", "Pacific/Honolulu"]),
    state=st.sampled_from(["TX", "NY", "HI"]),
)
moments = st.integers(1_775_700_000, 1_900_000_000).map(lambda t: datetime.fromtimestamp(t, UTC))
quotes = st.builds(engine.quote, facilities, st.just(NUMBER), moments)
seconds = st.integers(0, 20_000)


def test_the_default_rate_is_the_cap_without_additive() -> None:
    terms = engine.quote(JAIL, NUMBER, MOMENT)
    assert (terms.base_e4, terms.additive_e4, terms.tier) == (1000, 0, "medium_jail")
    assert engine.charge(terms, 900).total_cents == 150
    assert terms.caps == caps.federal().version


@given(quotes)
def test_a_quote_survives_its_storage(terms: Quote) -> None:
    assert Quote.from_json(json.loads(json.dumps(terms.as_json()))) == terms


@given(quotes, seconds)
def test_never_above_the_cap(terms: Quote, length: int) -> None:
    assert terms.cap_e4 is not None
    base = engine.charge(terms, length).lines[0].cents
    assert base * 100 * 60 <= terms.cap_e4 * length


@given(quotes, st.integers(0, 5000), st.integers(0, 14_400))
def test_affordable_is_the_exact_inverse(terms: Quote, cents: int, longest: int) -> None:
    allowed = engine.affordable_seconds(terms, cents, longest)
    assert 0 <= allowed <= longest
    assert engine.charge(terms, allowed).total_cents <= cents
    if allowed < longest:
        assert engine.charge(terms, allowed + 1).total_cents > cents


def test_a_new_cap_begins_at_the_facilitys_own_midnight() -> None:
    midnight = datetime(2026, 4, 6, 5, 0, tzinfo=UTC)  # 00:00 in Chicago
    assert engine.quote(JAIL, "+12125550123", midnight).base_e4 == 1000
    before = engine.quote(JAIL, "+12125550123", midnight - timedelta(seconds=1))
    assert (before.base_e4, before.tier) == (2100, "jail_under_1000")


def test_without_a_federal_cap_there_is_no_default_rate() -> None:
    with pytest.raises(engine.NoRate, match="no federal cap in force on intrastate"):
        engine.quote(JAIL, NUMBER, datetime(2025, 8, 1, tzinfo=UTC))
