"""PostgreSQL's own benchmark, for a yardstick: its built-in money transfer, ``-M simple``."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence

from store.cluster import OWNER, PORT, Cluster, program

DATABASE = "pgbench"
SCALE = 10
_RATE = re.compile(r"^tps = ([0-9.]+) \(without initial connection time\)$", re.MULTILINE)


def fill(cluster: Cluster) -> None:
    """Make pgbench's own database: 10 branches, 100 tellers, a million accounts."""
    cluster.create_database(DATABASE)
    _pgbench(cluster, ["-i", "-q", "-s", str(SCALE)])


def rate(cluster: Cluster, clients: int, seconds: int) -> float:
    """Transactions a second; each is three updates, a query and an insert."""
    measured = ["-M", "simple", "-n", "-c", str(clients), "-j", str(clients), "-T", str(seconds)]
    found = _RATE.search(_pgbench(cluster, measured))
    assert found is not None
    return float(found[1])


def _pgbench(cluster: Cluster, arguments: Sequence[str]) -> str:
    place = ["-h", str(cluster.directory), "-p", str(PORT), "-U", OWNER]
    command = [str(program("pgbench")), *place, *arguments, DATABASE]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
