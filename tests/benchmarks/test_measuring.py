"""The benchmark's own arithmetic: a figure that is measured wrongly is worse than none."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

import pytest

from benchmarks.calls import RUNGS, WHOLE, climb
from benchmarks.processor import tree_seconds
from benchmarks.sipp import Load

BURN = "import time\nwhile time.process_time() < 0.3: pass"


class Limited:
    """A side that bears calls up to a rate."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.tried: list[int] = []

    @property
    def processes(self) -> Mapping[str, int]:
        return {}

    def place(self, rate: int, count: int) -> Load:
        self.tried.append(rate)
        assert count == rate * WHOLE.seconds_a_rung
        lost = 0 if rate <= self._limit else 1
        return Load(count, count - lost, lost, 0)

    def faults(self, load: Load) -> list[str]:
        return load.faults


@pytest.mark.parametrize("limit", [*RUNGS, 4, 7, 33, 1000])
def test_the_highest_clean_rung_is_found_from_below_and_from_above(limit: int) -> None:
    side = Limited(limit)
    assert climb(side, WHOLE, start=20) == max((r for r in RUNGS if r <= limit), default=0)
    assert len(side.tried) == len(set(side.tried))


def test_a_load_is_clean_only_without_any_fault() -> None:
    assert Load(5, 5, 0, 0).faults == []
    assert Load(5, 4, 1, 2).faults == ["1 failures", "2 retransmissions", "1 calls not completed"]


def test_the_time_of_children_counts_while_they_live_and_once_they_are_reaped() -> None:
    before = tree_seconds(os.getpid())
    child = subprocess.Popen([sys.executable, "-c", BURN + "\ninput()"], stdin=subprocess.PIPE)
    while (alive := tree_seconds(child.pid)) < 0.25:
        assert child.poll() is None
    assert tree_seconds(os.getpid()) - before >= alive
    child.communicate(b"\n")
    assert tree_seconds(os.getpid()) - before >= alive
