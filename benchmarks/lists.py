"""Lists of millions of blocked numbers: to load, to keep, to look a number up.

Each size is measured in a process of its own, whose memory is nobody else's.
"""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter, perf_counter_ns
from typing import TypeVar

import numpy as np

from blocklists import bulk
from blocklists.bulk_files import Compiled, compile_list

SIZES = {"1m": 1_000_000, "10m": 10_000_000}
LOOKUPS = 50_000
LINES_A_PIECE = 100_000
# Area codes and exchanges from 200 on. The step has no factor in common with how many there are,
# so that each comes once.
LINES_AN_AREA = 8_000_000
NUMBERS = 800 * LINES_AN_AREA
STEP = 3_141_592_653
T = TypeVar("T")


def run(*, quick: bool = False) -> dict[str, float]:
    """The figures by their names in ``results.json``; quickly, without the ten million."""
    sizes = {"1m": SIZES["1m"]} if quick else SIZES
    figures: dict[str, float] = {}
    for name, size in sizes.items():
        with TemporaryDirectory(prefix="parloir-bench-") as scratch:
            made, seconds, megabytes = _alone(_load, size, Path(scratch))
            figures |= {f"list_{name}_load_s": seconds, f"list_{name}_load_mb": megabytes}
            looked_up = _alone(_look_up, made)
            figures |= {f"list_{name}_{what}": value for what, value in looked_up.items()}
    if not quick:
        figures["list_growth_1m_to_10m"] = (
            figures["list_10m_lookup_us_p50"] / figures["list_1m_lookup_us_p50"]
        )
    return figures


def _load(size: int, scratch: Path) -> tuple[Compiled, float, float]:
    """The list, and what it took to read it from a text file: seconds and megabytes."""
    source = scratch / "list.txt"
    with source.open("wb") as file:
        file.writelines(_lines(size))
    before, start = _megabytes(), perf_counter()
    made = compile_list(source, scratch / "lists")
    seconds = perf_counter() - start
    source.unlink()
    return made, seconds, _megabytes() - before


def _look_up(made: Compiled) -> dict[str, float]:
    """What a process pays to open the list, to keep it, and to ask it: half are on it."""
    draw = np.random.default_rng(3)
    before, start = _megabytes(), perf_counter()
    numbers = bulk.opened(str(made.file), made.sha256)
    opened = perf_counter() - start
    there = numbers[draw.integers(0, numbers.size, LOOKUPS // 2)]
    asked = draw.permutation(np.concatenate([there, there + np.uint64(1)])).tolist()
    times, found = [], 0
    for value in asked:
        began = perf_counter_ns()
        found += bulk.has(numbers, value)
        times.append(perf_counter_ns() - began)
    assert found >= LOOKUPS // 2
    # Every page is touched: what is mapped counts as much as what is held.
    assert int(numbers.max()) == int(numbers[-1])
    percentiles = quantiles(times, n=100)
    return {
        "open_ms": opened * 1000,
        "mb": _megabytes() - before,
        "lookup_us_p50": percentiles[49] / 1000,
        "lookup_us_p99": percentiles[98] / 1000,
    }


def _lines(size: int) -> Iterator[bytes]:
    """Different numbers in no order, one a line."""
    first = int(np.random.default_rng(1).integers(NUMBERS))
    for start in range(0, size, LINES_A_PIECE):
        places = np.arange(start, min(start + LINES_A_PIECE, size))
        area, line = np.divmod((first + places * STEP) % NUMBERS, LINES_AN_AREA)
        numbers = (200 + area) * 10_000_000 + 2_000_000 + line
        yield b"".join(b"%d\n" % number for number in numbers.tolist())


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _alone(measure: Callable[..., T], *given: object) -> T:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measure, *given).result()


if __name__ == "__main__":
    for name, figure in run().items():
        print(f"{name} {figure:.3f}")
