"""``parloir staff``: who works for a facility or for the provider, and what their role may do."""

from __future__ import annotations

import click

from custody import staff as its_staff
from custody.facilities import must_be_facility
from custody.roles import SCOPES, Role
from parloir.common import Group, Platform, actor_option, note_option, pass_platform
from store.types import now

ROLES = click.Choice([role.value for role in Role])


@click.group(cls=Group)
def staff() -> None:
    """Staff and their roles."""


@staff.command()
@click.argument("staff_id")
@click.option("--facility", "facility_id", help="The provider's own, if not said.")
@click.option("--name", required=True)
@click.option("--role", type=ROLES, required=True)
@actor_option
@note_option
@pass_platform
def add(
    platform: Platform,
    staff_id: str,
    facility_id: str | None,
    name: str,
    role: str,
    actor: str,
    note: str,
) -> None:
    """Add somebody."""
    with platform.database.begin() as connection:
        done = (Role(role), actor, note, now())
        its_staff.add_staff(connection, staff_id, facility_id, name, *done)
    click.echo(f"{staff_id} is {role} of {facility_id or 'the provider'}")


@staff.command("list")
@click.option("--facility", "facility_id", help="The provider's own, if not said.")
@pass_platform
def list_(platform: Platform, facility_id: str | None) -> None:
    """List who is or was on a staff."""
    with platform.database.begin() as connection:
        must_be_facility(connection, facility_id)
        every = its_staff.staff_of(connection, facility_id)
    for one in every:
        click.echo(f"{one.id:16} {one.role:14} {'' if one.active else 'off  '}{one.name}")


@staff.command()
@click.argument("staff_id")
@pass_platform
def show(platform: Platform, staff_id: str) -> None:
    """Show what was decided about somebody on a staff, by whom and why."""
    with platform.database.begin() as connection:
        its_staff.one_of_staff(connection, staff_id)
        every = its_staff.orders_on(connection, staff_id)
    for one in every:
        click.echo(
            f"{one.at:%Y-%m-%d %H:%M:%S}  {one.kind:6} {one.role:14} {one.actor:16} {one.note}"
        )


@staff.command()
@click.argument("staff_id")
@click.argument("role", type=ROLES)
@actor_option
@note_option
@pass_platform
def role(platform: Platform, staff_id: str, role: str, actor: str, note: str) -> None:
    """Give another role; tokens follow at once."""
    with platform.database.begin() as connection:
        done = its_staff.give_role(connection, staff_id, Role(role), actor, note, now())
    click.echo(f"{staff_id} {'is' if done else 'was'} {role}")


@staff.command()
@click.argument("staff_id")
@actor_option
@note_option
@pass_platform
def off(platform: Platform, staff_id: str, actor: str, note: str) -> None:
    """Let somebody do nothing any more: their tokens open nothing from now on."""
    _turn(platform, staff_id, False, actor, note)


@staff.command()
@click.argument("staff_id")
@actor_option
@note_option
@pass_platform
def on(platform: Platform, staff_id: str, actor: str, note: str) -> None:
    """Let somebody do again what their role may."""
    _turn(platform, staff_id, True, actor, note)


@staff.command()
def roles() -> None:
    """List the roles with the scopes that a token of theirs may carry."""
    for one, scopes in SCOPES.items():
        click.echo(f"{one:14} {' '.join(sorted(scopes))}")


def _turn(platform: Platform, staff_id: str, active: bool, actor: str, note: str) -> None:
    with platform.database.begin() as connection:
        done = its_staff.turn(connection, staff_id, active, actor, note, now())
    click.echo(f"{staff_id} {'is' if done else 'was'} {'on' if active else 'off'}")
