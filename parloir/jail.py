"""``parloir jail``: what the jail's own management system tells."""

from __future__ import annotations

from pathlib import Path

import click

from custody.jail import reading, taking
from custody.jail.kept import Outcome
from custody.jail.taking import Report
from parloir.common import Group, Platform, actor_option, pass_platform
from parloir.prompts import build_new_names
from store.types import now


@click.group(cls=Group)
def jail() -> None:
    """The jail's own management system."""


@jail.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", required=True, help="The name of the system, always the same.")
@click.option("--facility", "facility_id", help="Refuse what is about any other facility.")
@actor_option
@pass_platform
def import_(
    platform: Platform, file: Path, source: str, facility_id: str | None, actor: str
) -> None:
    """Take the events of FILE (.csv, .json), in any order, whole or not at all.

    An event that was told before changes nothing.
    """
    at = now()
    batch = reading.read_file(file, source, at)
    with platform.database.begin() as connection:
        report = taking.take(connection, batch, actor, at, only=facility_id)
    _tell(report, batch.what)
    build_new_names(platform.settings, platform.database)


def _tell(report: Report, what: str) -> None:
    for one in report.taken:
        if one.outcome is not Outcome.REPEATED:
            event = one.event
            who = f"{event.person_id} {event.kind}"
            click.echo(f"{what} {one.number:<6} {one.outcome:9} {who:24} {one.detail}".rstrip())
    counts = ", ".join(f"{report.count(outcome)} {outcome}" for outcome in Outcome)
    click.echo(f"{len(report.taken)} events of {report.source}: {counts}")
