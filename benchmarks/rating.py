"""How fast prices are made: one at a time for the line, in columns for a year of calls.

The calls are made up: six facilities of every tier, each with a day and a night band, an
additive, the federal contribution and a state tax. What is timed is the arithmetic, with the
jurisdiction already in the row, in CPU seconds of one core.
"""

from __future__ import annotations

import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from multiprocessing import get_context
from statistics import median
from time import process_time, process_time_ns

import numpy as np

from rating import deckfile
from rating.batch import MEDIA, Calls, Rated, Rater
from rating.engine import charge, quote, quote_kind
from rating.jurisdiction import JURISDICTIONS
from rating.rules import Book, book
from rating.taxes import ACCOUNT_TYPES
from rating.terms import CALL_CLASSES, CallKind, FacilityTerms

ROWS = 1_000_000
SCALAR_ROWS = 5_000
QUOTES = 20_000
CHUNK = 250_000
FIRST, LAST = date(2026, 4, 7), date(2026, 10, 31)
STATES = ("", "TX", "NY", "CA")
FACILITIES = tuple(
    FacilityTerms(f"f{n}", "prison" if n == 5 else "jail", Decimal(adp), zone, state)
    for n, (adp, zone, state) in enumerate(
        (
            ("30", "America/New_York", "NY"),
            ("75.5", "America/Chicago", "TX"),
            ("250", "America/Los_Angeles", "CA"),
            ("500", "America/New_York", "NY"),
            ("1500", "America/Chicago", "TX"),
            ("2500", "America/Los_Angeles", "CA"),
        )
    )
)
DECK = """
name = "bench"
[[rate]]
medium = "audio"
effective_from = 2026-04-06
base = "0.08"
additive = "0.015"
citation = "made up"
[[rate.band]]
from = "19:00"
to = "07:00"
base = "0.06"
[[tax]]
code = "fusf"
factor = "fusf"
effective_from = 2026-04-01
"""
STATE_TAX = """
[[tax]]
code = "sales"
jurisdiction = "{state}"
authority = "made up"
effective_from = 2026-01-01
rate = "0.0625"
"""


def prices() -> Book:
    """The price book that everything here is rated by."""
    taxes = "".join(STATE_TAX.format(state=state) for state in STATES[1:])
    return book(deckfile.parse("bench.toml", DECK + taxes))


def rater() -> Rater:
    """A rater for :func:`made_up` calls."""
    return Rater(prices(), FACILITIES, FIRST, LAST, STATES)


def made_up(rows: int, seed: int = 1) -> Calls:
    """Mixed calls, evenly over facilities and months."""
    draw = np.random.default_rng(seed)
    start = int(datetime(2026, 4, 7, tzinfo=UTC).timestamp())
    end = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())

    def code(high: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return draw.integers(0, high, rows, dtype=np.int64)

    return Calls(
        start=draw.integers(start, end, rows, dtype=np.int64),
        seconds=draw.integers(0, 1800, rows, dtype=np.int64),
        facility=code(len(FACILITIES)),
        jurisdiction=code(len(JURISDICTIONS)),
        medium=code(len(MEDIA)),
        call_class=code(2),
        account_type=code(len(ACCOUNT_TYPES)),
        tax_state=code(len(STATES)),
        destination=np.zeros(rows, np.int64),
    )


def run(*, quick: bool = False) -> dict[str, float]:
    """All figures by the names of ``results.json``; ``quick`` leaves out the ten million."""
    figures = {"quote_us_p50": quote_us_p50()}
    one, calls = warm_rater(), made_up(ROWS)
    batch = min(_seconds(one, calls) for _ in range(5))
    figures["rerate_rows_per_s"] = ROWS / batch
    figures["rerate_speedup"] = ROWS / batch * scalar_seconds_a_row(calls)
    if not quick:
        figures |= _alone(ten_million)
    return figures


def ten_million() -> dict[str, float]:
    """Ten times the calls, chunk by chunk: the time against one million's, and the memory."""
    one = warm_rater()
    single, tenfold = _chunked(one, ROWS), _chunked(one, 10 * ROWS)
    return {
        "rerate_10m_rows_per_s": 10 * ROWS / tenfold,
        "rerate_growth_1m_to_10m": tenfold / single / 10,
        "rerate_10m_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def warm_rater() -> Rater:
    """A rater that has met every kind of call."""
    one = rater()
    one.rate(made_up(100_000))
    return one


def _alone(measure: Callable[[], dict[str, float]]) -> dict[str, float]:
    """The figures of a process of its own, whose peak of memory is nobody else's."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measure).result()


def quote_us_p50() -> float:
    """The median time of a quote for a normalised number, in microseconds."""
    prices_now, facility = prices(), FACILITIES[1]
    draw = np.random.default_rng(2)
    numbers = [f"+1512555{n:04}" for n in draw.integers(0, 10_000, QUOTES)]
    start = int(datetime(2026, 5, 1, tzinfo=UTC).timestamp())
    whens = [datetime.fromtimestamp(start + int(n), UTC) for n in draw.integers(0, 86_400, QUOTES)]
    times = []
    for number, at in zip(numbers, whens, strict=True):
        before = process_time_ns()
        quote(facility, number, at, prices=prices_now)
        times.append(process_time_ns() - before)
    return median(times) / 1000


def scalar_seconds_a_row(calls: Calls) -> float:
    """What one row costs by the engine that the line uses: quote and charge."""
    prices_now = prices()
    columns = [column[:SCALAR_ROWS].tolist() for column in vars(calls).values()]
    rows = [
        (datetime.fromtimestamp(start, UTC), seconds, FACILITIES[facility], _kind(*codes))
        for start, seconds, facility, *codes in zip(*columns, strict=True)
    ]
    for at, _, facility, kind in rows:
        quote_kind(facility, kind, at, prices=prices_now)
    before = process_time()
    for at, seconds, facility, kind in rows:
        charge(quote_kind(facility, kind, at, prices=prices_now), seconds)
    return (process_time() - before) / SCALAR_ROWS


def _kind(
    jurisdiction: int, medium: int, call_class: int, account: int, state: int, _: int
) -> CallKind:
    return CallKind(
        JURISDICTIONS[jurisdiction],
        MEDIA[medium],
        CALL_CLASSES[call_class],
        ACCOUNT_TYPES[account],
        STATES[state],
    )


def _seconds(one: Rater, calls: Calls) -> float:
    before = process_time()
    rated: Rated = one.rate(calls)
    total = rated.total
    assert total.size == len(calls)
    return process_time() - before


def _chunked(one: Rater, rows: int) -> float:
    return sum(_seconds(one, made_up(CHUNK, seed)) for seed in range(rows // CHUNK))


if __name__ == "__main__":
    for name, figure in run().items():
        print(f"{name} {figure:.2f}")
