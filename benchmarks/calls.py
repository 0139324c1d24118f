"""Whole calls through the platform, against the same calls through Asterisk alone."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import quantiles
from typing import Protocol

from benchmarks.bare import BareSide, bare_side
from benchmarks.platform import PlatformSide, platform_side
from benchmarks.processor import tree_seconds
from benchmarks.sipp import Load
from store.cluster import Cluster

OURS = ("agi", "monitor", "redis", "database")
"""The processes whose work the platform adds to Asterisk's."""
RUNGS = (5, 8, 10, 12, 15, 20, 25, 30, 40, 50, 65, 80, 100, 130, 160, 200)
"""Calls a second that are tried: each about a quarter more than the one before."""


@dataclass(frozen=True)
class Plan:
    """How much is measured. ``rate`` in calls a second; no rung is tried without a ``climb``."""

    rate: int
    calls: int
    seconds_a_rung: int
    climb: bool


WHOLE = Plan(rate=10, calls=250, seconds_a_rung=12, climb=True)
QUICK = Plan(rate=10, calls=60, seconds_a_rung=0, climb=False)


class Side(Protocol):
    """What calls can be placed through."""

    @property
    def processes(self) -> Mapping[str, int]:
        """Process ids of what the calls cost, by name."""

    def place(self, rate: int, count: int) -> Load:
        """Place calls and wait until they are over."""

    def faults(self, load: Load) -> list[str]:
        """What was wrong with the calls just placed."""


def run(*, quick: bool = False) -> dict[str, float]:
    """All figures of calls: PostgreSQL's, the same with controls, bare Asterisk's, SQLite's."""
    plan = QUICK if quick else WHOLE
    with _workplace() as directory:
        with _cluster(directory) as cluster:
            with platform_side(directory / "pg", cluster) as side:
                figures = _platform_figures(side, plan)
            with platform_side(directory / "controls", cluster, controls=True) as strict:
                controls = _platform_figures(strict, replace(plan, climb=False))
        with bare_side(directory / "bare", side) as bare:
            bare_figures = _bare_figures(bare, plan)
        with platform_side(directory / "sqlite") as side:
            sqlite_figures = _platform_figures(side, plan)
    _divide(figures, bare_figures)
    _divide(controls, bare_figures)
    _divide(sqlite_figures, bare_figures)
    sqlite = {f"sqlite_{name}": value for name, value in sqlite_figures.items()}
    named = {f"{name}_controls": value for name, value in controls.items()}
    return figures | named | bare_figures | sqlite


def _platform_figures(side: PlatformSide, plan: Plan) -> dict[str, float]:
    costs, load = _costs(side, side.place, plan)
    cuts = quantiles(side.decision_ms(), n=100, method="inclusive")
    figures = {f"call_cpu_{name}_ms": ms for name, ms in costs.items()}
    figures |= {"decision_ms_p50": cuts[49], "decision_ms_p99": cuts[98]}
    figures["faults"] = len(_told("at the steady rate", side.faults(load)))
    if plan.climb:
        figures["cps"] = climb(side, plan, _guess(costs))
    return figures


def _bare_figures(side: BareSide, plan: Plan) -> dict[str, float]:
    costs, load = _costs(side, side.place, plan)
    plain, _ = _costs(side, side.place_plain, plan)
    figures: dict[str, float] = {
        "bare_call_cpu_ms": costs["asterisk"],
        "plain_call_cpu_ms": plain["asterisk"],
        "bare_faults": len(_told("bare, at the steady rate", side.faults(load))),
    }
    if plan.climb:
        figures["bare_cps"] = climb(side, plan, _guess(costs))
    return figures


def _divide(figures: dict[str, float], bare: Mapping[str, float]) -> None:
    ours = sum(figures.get(f"call_cpu_{name}_ms", 0.0) for name in OURS)
    figures["call_cpu_ratio"] = ours / bare["plain_call_cpu_ms"]
    figures["call_cpu_ratio_same_prompts"] = ours / bare["bare_call_cpu_ms"]
    if "cps" in figures and bare["bare_cps"]:
        figures["cps_ratio"] = figures["cps"] / bare["bare_cps"]


def _costs(
    side: Side, place: Callable[[int, int], Load], plan: Plan
) -> tuple[dict[str, float], Load]:
    """Milliseconds of processor time a completed call, by process, over one whole run."""
    before = {name: tree_seconds(pid) for name, pid in side.processes.items()}
    load = place(plan.rate, plan.calls)
    used = {name: tree_seconds(pid) - before[name] for name, pid in side.processes.items()}
    return {name: 1000 * seconds / max(1, load.completed) for name, seconds in used.items()}, load


def _guess(costs: Mapping[str, float]) -> int:
    """A rate to begin with: what the processor's cores would bear if SIPp took a third."""
    bearable = 1000 * (os.cpu_count() or 1) / sum(costs.values()) * 2 / 3
    return max((rate for rate in RUNGS if rate <= bearable), default=RUNGS[0])


def climb(side: Side, plan: Plan, start: int) -> float:
    """The highest clean rate: up from ``start`` as long as it is clean, else down; 0 if none is."""
    first = RUNGS.index(start)
    if not _clean(side, plan, start):
        down = reversed(RUNGS[:first])
        return next((float(rate) for rate in down if _clean(side, plan, rate)), 0.0)
    best = start
    for rate in RUNGS[first + 1 :]:
        if not _clean(side, plan, rate):
            break
        best = rate
    return float(best)


def _clean(side: Side, plan: Plan, rate: int) -> bool:
    found = side.faults(side.place(rate, rate * plan.seconds_a_rung))
    return not _told(f"{rate} calls a second", found)


def _told(what: str, faults: list[str]) -> list[str]:
    print(f"{what}: {'; '.join(faults[:5]) or 'clean'}", flush=True)
    return faults


@contextmanager
def _cluster(directory: Path) -> Iterator[Cluster]:
    cluster = Cluster.start(directory / "cluster")
    try:
        yield cluster
    finally:
        cluster.stop()


@contextmanager
def _workplace() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="parloir-bench-"))
    # PostgreSQL's own user has to pass through.
    directory.chmod(0o711)
    try:
        yield directory
    finally:
        shutil.rmtree(directory)
