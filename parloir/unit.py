"""``parloir unit``: the housing units of a facility."""

from __future__ import annotations

import click

from custody import units
from custody.facilities import must_be_facility
from parloir.common import Group, Platform, actor_option, pass_platform
from store.types import now


@click.group(cls=Group)
def unit() -> None:
    """Housing units: where in a facility people are held and phones hang."""


@unit.command()
@click.argument("unit_id")
@click.option("--facility", "facility_id", required=True)
@click.option("--name", required=True)
@actor_option
@pass_platform
def add(platform: Platform, unit_id: str, facility_id: str, name: str, actor: str) -> None:
    """Add a unit; UNIT_ID is of its own among all facilities."""
    with platform.database.begin() as connection:
        units.add_unit(connection, unit_id, facility_id, name, actor, now())
    click.echo(f"unit {unit_id} added to {facility_id}")


@unit.command("list")
@click.option("--facility", "facility_id")
@pass_platform
def list_(platform: Platform, facility_id: str | None) -> None:
    """List the units of a facility, or of all."""
    with platform.database.begin() as connection:
        must_be_facility(connection, facility_id)
        every = units.units_of(connection, facility_id)
    for one in every:
        click.echo(f"{one.id:24} {one.facility_id:16} {one.name}")
