"""``parloir rate rerate``: what past calls would have cost, and who paid too much."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from parloir.common import Platform, pass_platform
from parloir.rate_prices import FILE, all_facilities, named_deck, prices_in_force
from parloir.rate_text import report_lines
from rating.dbrows import count, rerate_database
from rating.parquet import read_parquet
from rating.rerate import Charged, Report, rerate
from rating.rows import Vocabulary, read_csv
from rating.rules import book

DAY = click.DateTime(["%Y-%m-%d"])
LONGEST_NAME = 40


def run_name(_context: click.Context, _option: click.Parameter, name: str) -> str:
    """What a run may be called."""
    if not 0 < len(name) <= LONGEST_NAME:
        raise click.BadParameter(f"a run's name has 1 to {LONGEST_NAME} characters")
    return name


@click.command("rerate")
@click.option("--from", "first", type=DAY, required=True, help="First day (UTC).")
@click.option("--to", "last", type=DAY, required=True, help="Last day (UTC).")
@click.option("--deck", "name", help="A deck file or version; else the deck in force.")
@click.option("--csv", "file", type=FILE, help="Calls from a file instead of the CDRs.")
@click.option("--parquet", type=FILE, help="The same as --csv, as Parquet.")
@click.option(
    "--run", default="what-if", show_default=True, callback=run_name, help="Name of the run."
)
@pass_platform
def rerate_calls(
    platform: Platform,
    first: datetime,
    last: datetime,
    name: str | None,
    file: Path | None,
    parquet: Path | None,
    run: str,
) -> None:
    """Price past calls anew and report the difference. Nothing is proposed or posted."""
    if file and parquet:
        raise click.UsageError("say --csv or --parquet, not both")
    prices = book(named_deck(platform, name)) if name else prices_in_force(platform)
    words = Vocabulary.of(prices, list(all_facilities(platform).values()))
    calls = read_csv(file, words) if file else read_parquet(parquet, words) if parquet else None
    report = rerate_with_bar(platform, words, first.date(), last.date(), run, calls)
    click.echo("\n".join(report_lines(report)))


def rerate_with_bar(
    platform: Platform,
    words: Vocabulary,
    first: date,
    last: date,
    run: str,
    calls: Iterator[Charged] | None = None,
) -> Report:
    """Re-rate the CDRs of those days as ``run`` (or a file's calls), with a progress bar."""
    if last < first:
        raise click.UsageError("--to lies before --from")
    report = Report()
    if calls is not None:
        reports = rerate(calls, words.rater(first, last), _keep_nothing)
        total = None
    else:
        with platform.database.begin() as connection:
            total = count(connection, first, last)
        reports = rerate_database(platform.database, words, first, last, run)
    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task("re-rating", total=total)
        for report in reports:
            progress.update(bar, completed=report.calls)
    return report


def _keep_nothing(charged: Charged, rated: object) -> None:
    """A what-if over a file only wants the report."""
