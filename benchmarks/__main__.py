"""``python -m benchmarks``: measure everything, write results.json, print a table."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from benchmarks import (
    billing_run,
    calls,
    ledger,
    lists,
    policy,
    rating,
    rating_db,
    sessions,
    statements,
)

RESULTS = Path(__file__).parent / "results.json"
BENCHMARKS: tuple[Callable[..., dict[str, float]], ...] = (
    calls.run,
    ledger.run,
    lists.run,
    policy.run,
    sessions.run,
    rating.run,
    rating_db.run,
    statements.run,
    billing_run.run,
)
"""Each is called with ``quick``."""

TARGETS: Mapping[str, str] = {
    "agi_sessions_1000_ms_p99": "at most 150",
    "authorize_ms_p99": "at most 15",
    "call_cpu_ratio": "at most 1.6",
    "cps_ratio": "at least 0.3",
    "decision_ms_p99": "at most 50",
    "ledger_hot_vs_pgbench": "at least 0.08",
    "ledger_vs_pgbench": "at least 0.3",
    "list_10m_mb": "at most 200",
    "policy_us_p50": "at most 5000",
    "policy_us_p99": "at most 3000",
    "quote_us_p50": "at most 60",
    "rerate_10m_peak_mb": "at most 500",
    "rerate_db_rows_per_s": "at least 150000",
    "rerate_rows_per_s": "at least 2000000",
    "rerate_speedup": "at least 20",
    "statements_growth": "at most 1.5",
    "statements_memory_growth": "at most 1.2",
}


@click.command()
@click.option("--quick", is_flag=True, help="A few minutes: no search for the highest rate.")
def main(quick: bool) -> None:
    """Measure, write benchmarks/results.json and print a table. Nothing is left running."""
    figures: dict[str, float] = {}
    for run in BENCHMARKS:
        figures |= run(quick=quick)
    figures = {name: round(value, 3) for name, value in sorted(figures.items())}
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n")
    for name, value in figures.items():
        click.echo(f"{name:32} {value:10.3f}  {TARGETS.get(name, '')}".rstrip())


if __name__ == "__main__":
    main()
