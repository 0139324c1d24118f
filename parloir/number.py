"""``parloir number``: blocked and privileged numbers."""

from __future__ import annotations

import click

from blocklists import lists
from blocklists.lists import BlockCause
from parloir.common import Group, Platform, pass_platform

facility_option = click.option("--facility", "facility_id", help="Only there; else everywhere.")
actor_option = click.option("--by", "actor", required=True, help="Who decided this.")


@click.group(cls=Group)
def number() -> None:
    """Blocked and privileged numbers."""


@number.command()
@click.argument("number")
@click.option("--cause", type=click.Choice([one.value for one in BlockCause]), default="facility")
@click.option("--note", default="")
@facility_option
@actor_option
@pass_platform
def block(
    platform: Platform, number: str, cause: str, note: str, facility_id: str | None, actor: str
) -> None:
    """Block NUMBER from now on."""
    with platform.database.begin() as connection:
        lists.block(
            connection, number, BlockCause(cause), actor, facility_id=facility_id, note=note
        )
    click.echo(f"{number} is blocked {at(facility_id)}")


@number.command()
@click.argument("number")
@facility_option
@actor_option
@pass_platform
def unblock(platform: Platform, number: str, facility_id: str | None, actor: str) -> None:
    """Lift the blocks of NUMBER."""
    with platform.database.begin() as connection:
        lifted = lists.unblock(connection, number, actor, facility_id)
    click.echo(f"{lifted} blocks of {number} lifted {at(facility_id)}")


@number.command()
@click.argument("number")
@click.option("--person", "person_id", help="Only for this person's calls.")
@click.option("--note", default="", help="Such as the bar number that was checked.")
@facility_option
@actor_option
@pass_platform
def privileged(
    platform: Platform,
    number: str,
    person_id: str | None,
    note: str,
    facility_id: str | None,
    actor: str,
) -> None:
    """Never record calls to NUMBER from now on (a lawyer, clergy, a doctor)."""
    with platform.database.begin() as connection:
        lists.mark_privileged(
            connection, number, actor, facility_id=facility_id, person_id=person_id, note=note
        )
    click.echo(f"calls to {number} are never recorded {at(facility_id)}")


def at(facility_id: str | None) -> str:
    """Where it holds, in words."""
    return f"at {facility_id}" if facility_id else "everywhere"
