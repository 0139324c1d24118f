"""Processor time of a process with everything it started, as the kernel counts it."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
# Fields of /proc/PID/stat after the name: see proc(5), there counted from 1 with the name as 2.
_PARENT, _OWN_AND_CHILDREN = 1, slice(11, 15)


def tree_seconds(root: int) -> float:
    """Seconds used so far by the process, its living descendants and those it has reaped.

    A child's time moves to its parent when it ends, so the sum never jumps.
    """
    stats = _all_stats()
    return sum(
        sum(map(int, stats[pid][_OWN_AND_CHILDREN])) for pid in _descendants(root, stats)
    ) / float(_TICKS)


def _all_stats() -> dict[int, list[str]]:
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                stat = (entry / "stat").read_text(errors="replace")
            except OSError:
                continue
            found[int(entry.name)] = stat.rpartition(")")[2].split()
    return found


def _descendants(root: int, stats: dict[int, list[str]]) -> set[int]:
    tree = {root}
    while grown := {pid for pid, one in stats.items() if int(one[_PARENT]) in tree} - tree:
        tree |= grown
    return tree & stats.keys()


def read_pid(file: Path) -> int:
    """The process id in the first line of a daemon's file."""
    return int(file.read_text().split()[0])
