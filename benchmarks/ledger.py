"""The ledger's own speed beside pgbench, PostgreSQL's benchmark, on one server in one run.

Eight processes hold and settle money through the very functions that calls use; pgbench's eight
clients move money in its simplest way. PostgreSQL waits for the disk (``fsync``) for both.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from benchmarks import pgbench
from benchmarks.ledger_clients import Act, Done, Work, clients, fill, holds_and_settles, renews
from store.cluster import Cluster
from store.database import migrate, open_database

CLIENTS = 8
ACCOUNTS = 1000
AUTHORIZES_PER_S = 50


@dataclass(frozen=True)
class Plan:
    """The sides take turns, so that a noisy moment meets all: how often, how long each time."""

    rounds: int
    seconds: int


WHOLE = Plan(rounds=5, seconds=5)
QUICK = Plan(rounds=2, seconds=2)
Ask = Callable[[Act, Work], list[Done]]


def run(*, quick: bool = False) -> dict[str, float]:
    """The figures by their names in ``results.json``."""
    plan = QUICK if quick else WHOLE
    with _cluster() as cluster, clients(_books(cluster), CLIENTS) as ask:
        pgbench.fill(cluster)
        turns = [_turn(cluster, ask, plan.seconds) for _ in range(plan.rounds)]
        pace = Work(ACCOUNTS, 2 * plan.rounds * plan.seconds, AUTHORIZES_PER_S / CLIENTS)
        waits = [wait for done in ask(holds_and_settles, pace) for wait in done.waits]
    figures = {name: median(turn[name] for turn in turns) for name in turns[0]}
    return figures | {"authorize_ms_p99": quantiles(waits, n=100)[98] * 1000}


def _turn(cluster: Cluster, ask: Ask, seconds: int) -> dict[str, float]:
    yardstick = pgbench.rate(cluster, CLIENTS, seconds)
    spread = _per_second(ask(holds_and_settles, Work(ACCOUNTS, seconds)))
    hot = _per_second(ask(holds_and_settles, Work(1, seconds)))
    return {
        "ledger_per_s": spread,
        "ledger_hot_per_s": hot,
        "ledger_vs_pgbench": spread / yardstick,
        "ledger_hot_vs_pgbench": hot / yardstick,
        "pgbench_per_s": yardstick,
        "renewals_per_s": _per_second(ask(renews, Work(ACCOUNTS, seconds))),
    }


def _per_second(all_done: list[Done]) -> float:
    return sum(done.per_second for done in all_done)


def _books(cluster: Cluster) -> str:
    url = cluster.create_database("bench")
    migrate(url)
    with closing(open_database(url)) as database:
        fill(database, ACCOUNTS)
    return url


@contextmanager
def _cluster() -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory(prefix="parloir-bench-") as scratch:
        # PostgreSQL's own user has to pass through.
        Path(scratch).chmod(0o711)
        cluster = Cluster.start(Path(scratch) / "postgres")
        try:
            yield cluster
        finally:
            cluster.stop()


if __name__ == "__main__":
    for name, figure in run().items():
        print(f"{name} {figure:.3f}")
