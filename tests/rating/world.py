"""A fictitious world of facilities and one deck that uses every word a deck knows."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product

from hypothesis import strategies as st

from rating import deckfile
from rating.batch import MEDIA
from rating.jurisdiction import JURISDICTIONS
from rating.rules import Book, book
from rating.taxes import ACCOUNT_TYPES
from rating.terms import CALL_CLASSES, CallKind, FacilityTerms

FACILITIES = (
    FacilityTerms("medium", "jail", Decimal("412.5"), "America/Chicago", "TX", "512555"),
    FacilityTerms("tiny", "jail", Decimal("31"), "America/New_York", "NY"),
    FacilityTerms("large", "jail", Decimal("1000"), "America/Los_Angeles", "CA"),
    FacilityTerms("prison", "prison", Decimal("2210.75"), "Pacific/Honolulu", "HI"),
)
STATES = ("", "TX", "NY", "CA", "HI")
DESTINATIONS = ("", "52", "5255")

DECK = """
name = "test"

[[rate]]
facility = "medium"
medium = "audio"
effective_from = 2026-04-06
base = "0.08"
additive = "0.0125"
citation = "Contract 17"
[[rate.band]]
from = "19:00"
to = "07:30"
base = "0.055"
[[rate.band]]
days = ["sat", "sun"]
from = "07:30"
to = "19:00"
base = "0.0625"

[[rate]]
facility = "tiny"
effective_from = 2024-01-01
effective_to = 2025-12-31
base = "0.05"
increment_s = 60
minimum_s = 180
citation = "Contract 9"
[[rate]]
facility = "tiny"
effective_from = 2026-01-01
base = "0.12"
additive = "0.02"
increment_s = 6
minimum_s = 30
citation = "Contract 10"

[[state_cap]]
state = "CA"
effective_from = 2025-03-01
cap = "0.07"
additive = "0.01"
citation = "fictitious order 1"

[[adp]]
facility = "large"
year = 2025
adp = "999.99"

[[waiver]]
facility = "prison"
waiver_id = "W-1"
caps_as_of = 2024-12-31
effective_from = 2025-01-01
effective_to = 2025-03-31

[[termination]]
prefix = "52"
quarter = "2026Q1"
cost = "0.0123"
[[termination]]
prefix = "5255"
quarter = "2026Q1"
cost = "0.0077"

[[free]]
number = "+15125550100"
reason = "public defender"

[[tax]]
code = "fusf"
factor = "fusf"
effective_from = 2025-10-01
[[tax]]
code = "sales"
jurisdiction = "TX"
authority = "fictitious code 1"
effective_from = 2025-01-01
rate = "0.0625"
calls = "intrastate"
[[tax]]
code = "gross"
jurisdiction = "NY"
authority = "fictitious code 2"
effective_from = 2025-01-01
rate = "0.025"
on = "base"
accounts = "postpaid"
[[tax]]
code = "prepaid"
jurisdiction = "NY"
authority = "fictitious code 3"
effective_from = 2025-01-01
rate = "0.04"
event = "deposit"
accounts = "prepaid"
"""


def prices() -> Book:
    """The price book of :data:`DECK`."""
    return book(deckfile.parse("test.toml", DECK))


EDGES = [
    datetime(*day, hour, tzinfo=UTC)
    for day in ((2026, 4, 6), (2025, 6, 30), (2025, 1, 1), (2026, 1, 1), (2026, 5, 1))
    for hour in (4, 5, 7, 8, 10)
] + [
    datetime(2026, 3, 8, 8, tzinfo=UTC),
    datetime(2026, 11, 1, 7, tzinfo=UTC),
    datetime(2026, 6, 2, 0, tzinfo=UTC),
    datetime(2026, 6, 2, 12, 30, tzinfo=UTC),
]
FIRST = datetime(2024, 6, 1, tzinfo=UTC)
LAST = datetime(2027, 12, 31, tzinfo=UTC)

anywhen = st.integers(int(FIRST.timestamp()), int(LAST.timestamp())).map(
    lambda epoch: datetime.fromtimestamp(epoch, UTC)
)
near_an_edge = st.builds(
    lambda edge, seconds: edge + timedelta(seconds=seconds),
    st.sampled_from(EDGES),
    st.integers(-4000, 4000),
)
moments = near_an_edge | anywhen
facilities = st.sampled_from(FACILITIES)
# A fixed draw out of all kinds: each costs a timeline over years, worked out once.
KINDS = random.Random(4).sample(
    [
        CallKind(*words)
        for words in product(
            JURISDICTIONS, MEDIA, CALL_CLASSES, ACCOUNT_TYPES, STATES, DESTINATIONS
        )
    ],
    100,
)
kinds = st.sampled_from(KINDS)
lengths = st.integers(0, 3 * 86_400) | st.integers(0, 4000) | st.integers(0, 90)
