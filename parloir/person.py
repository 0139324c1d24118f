"""``parloir person``: people in custody, their PINs and their recorded names."""

from __future__ import annotations

import click

from custody import orders, people, places
from ivr_prompts.saying import Recording
from parloir.common import Group, Platform, actor_option, note_option, pass_platform
from parloir.person_place import PLACE
from parloir.prompts import build_new_names


@click.group(cls=Group)
def person() -> None:
    """People in custody."""


@person.command("add")
@click.argument("person_id")
@click.option("--facility", "facility_id", required=True)
@click.option("--name", required=True, help="As it is spoken to the called party.")
@click.option("--pin", prompt=True, hide_input=True, help="4 to 6 digits.")
@click.option("--chosen", is_flag=True, help="The person chose this PIN and nobody else knows it.")
@actor_option
@pass_platform
def add_person(
    platform: Platform,
    person_id: str,
    facility_id: str,
    name: str,
    pin: str,
    chosen: bool,
    actor: str,
) -> None:
    """Add a person; PERSON_ID is the number that is keyed on the phone.

    The PIN is for the first call only: there the person chooses an own one.
    """
    places.add_person(
        platform.database, platform.pin_key, person_id, facility_id, name, pin, actor, chosen=chosen
    )
    build_new_names(platform.settings, platform.database)
    click.echo(f"person {person_id} added")


@person.command("pin")
@click.argument("person_id")
@click.option("--pin", prompt=True, hide_input=True, help="4 to 6 digits.")
@actor_option
@note_option
@pass_platform
def new_pin(platform: Platform, person_id: str, pin: str, actor: str, note: str) -> None:
    """Give a new PIN for the next call only; there the person chooses an own one."""
    orders.new_first_pin(platform.database, platform.pin_key, person_id, pin, actor, note)
    click.echo(f"person {person_id} has a new PIN for one call")


@person.command()
@click.argument("person_id")
@actor_option
@note_option
@pass_platform
def unlock(platform: Platform, person_id: str, actor: str, note: str) -> None:
    """Let a person try the PIN again at once, after too many wrong ones."""
    orders.unlock(platform.database, person_id, actor, note)
    click.echo(f"person {person_id} can try again")


@person.command("orders")
@click.argument("person_id")
@pass_platform
def list_orders(platform: Platform, person_id: str) -> None:
    """List what was done about a person's PIN and name, by whom and why."""
    with platform.database.begin() as connection:
        people.person(connection, person_id)
        rows = orders.orders(connection, person_id)
    for row in rows:
        click.echo(f"{row.at:%Y-%m-%d %H:%M:%S}  {row.kind:14} {row.actor:16} {row.note}")


@person.group("name", cls=Group)
def name_() -> None:
    """The name in the person's own voice."""


@name_.command("show")
@click.argument("person_id")
@actor_option
@note_option
@pass_platform
def show_name(platform: Platform, person_id: str, actor: str, note: str) -> None:
    """Print the file to listen to; that it was asked for is noted."""
    clip = orders.name_heard(platform.database, person_id, actor, note)
    click.echo(_file(platform, clip) if clip else f"person {person_id} has recorded no name")


@name_.command("reset")
@click.argument("person_id")
@actor_option
@note_option
@pass_platform
def reset_name(platform: Platform, person_id: str, actor: str, note: str) -> None:
    """Have the name recorded again at the next call; the file stays as evidence."""
    clip = orders.reset_name(platform.database, person_id, actor, note)
    kept = f"; the old one stays in {_file(platform, clip)}" if clip else ""
    click.echo(f"person {person_id} is asked for the name at the next call{kept}")


for command in PLACE:
    person.add_command(command)


def _file(platform: Platform, clip: str) -> str:
    return f"{platform.settings.asterisk_dir / 'sounds' / Recording(clip).path}.wav"
