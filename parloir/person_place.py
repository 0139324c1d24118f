"""``parloir person``: where people are held, and whether they may call."""

from __future__ import annotations

import csv
from pathlib import Path

import click

from custody import people, standing
from custody.facilities import must_be_facility
from custody.jail.kept import Outcome, Taken, of_person
from custody.places import PlaceError
from custody.status import Status
from parloir.common import Platform, actor_option, note_option, pass_platform
from store.types import AnyRow, now

STATUSES = click.Choice([status.value for status in Status])


@click.command("list")
@click.option("--facility", "facility_id", required=True)
@click.option("--status", type=STATUSES)
@click.option("--unit", "unit_id")
@pass_platform
def list_(platform: Platform, facility_id: str, status: str | None, unit_id: str | None) -> None:
    """List a facility's people."""
    wanted = Status(status) if status else None
    after = ""
    with platform.database.begin() as connection:
        must_be_facility(connection, facility_id)
        while some := people.people_of(connection, facility_id, wanted, unit_id, after):
            for row in some:
                click.echo(_line(row))
            after = some[-1].id


@click.command()
@click.argument("person_id")
@pass_platform
def show(platform: Platform, person_id: str) -> None:
    """Show how a person stands, and what was told of them, in the order it happened."""
    with platform.database.begin() as connection:
        click.echo(_line(people.person(connection, person_id)))
        history = of_person(connection, person_id)
    for row in history:
        when = f"{row.at:%Y-%m-%d %H:%M:%S}  {row.kind:11} {row.outcome:9}"
        note = f" ({row.facts['note']})" if row.facts["note"] else ""
        click.echo(f"{when} {row.source}, by {row.actor}: {row.detail or 'nothing new'}{note}")


@click.command("status")
@click.argument("person_id")
@click.argument("status", type=STATUSES)
@actor_option
@note_option
@pass_platform
def set_status(platform: Platform, person_id: str, status: str, actor: str, note: str) -> None:
    """Say how a person stands; it counts from the next call on.

    in_custody lifts every suspension, whoever set it.
    """
    with platform.database.begin() as connection:
        done = standing.set_status(connection, person_id, Status(status), actor, note, now())
    click.echo(f"person {person_id}: {_changed(done)}")


@click.command()
@click.argument("person_id")
@click.option("--unit", "unit_id")
@click.option("--facility", "facility_id", help="Without a unit, or to make sure of it.")
@actor_option
@note_option
@pass_platform
def move(
    platform: Platform,
    person_id: str,
    unit_id: str | None,
    facility_id: str | None,
    actor: str,
    note: str,
) -> None:
    """Move a person to another unit or facility."""
    with platform.database.begin() as connection:
        done = standing.move(connection, person_id, facility_id, unit_id, actor, note, now())
    click.echo(f"person {person_id}: {_changed(done)}")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--facility", "facility_id", required=True)
@actor_option
@pass_platform
def pins(platform: Platform, file: Path, facility_id: str, actor: str) -> None:
    """Give a first PIN to everybody in custody who has none, and write them to a new FILE.

    The file can be read by you alone. Each PIN is good for one use.
    """
    try:
        file.touch(mode=0o600, exist_ok=False)
    except OSError as error:
        raise PlaceError(f"{file} can't be made: {error.strerror}") from None
    try:
        with platform.database.begin() as connection:
            made = people.give_first_pins(connection, platform.pin_key, facility_id, actor, now())
            _write(file, made)
    except BaseException:
        file.unlink()
        raise
    click.echo(f"{len(made)} first PINs of {facility_id} are in {file}")


PLACE = (list_, show, set_status, move, pins)


def _write(file: Path, made: dict[str, str]) -> None:
    with file.open("w", encoding="utf-8", newline="") as opened:
        rows = csv.writer(opened)
        rows.writerow(["person", "first_pin"])
        rows.writerows(made.items())


def _line(row: AnyRow) -> str:
    where = f"{row.facility_id} {row.unit_id or '-'}"
    none = "" if people.has_pin(row) else ", no PIN yet"
    return f"{row.id:13} {row.status:12} {where:24} {row.name}{none}"


def _changed(done: Taken) -> str:
    return done.detail if done.outcome is Outcome.APPLIED else "nothing has changed"
