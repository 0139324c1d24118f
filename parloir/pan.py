"""``parloir pan``: the numbers that a person in custody may call (PAN)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from blocklists import files, pan_orders
from blocklists.orders import Scope, must_exist
from blocklists.pan import State
from custody.facilities import must_be_facility
from parloir.common import Group, Platform, actor_option, pass_platform
from parloir.number_lists import content_of, told
from parloir.number_options import until_option, why_option
from store.types import now

_relationship = click.option("--relationship", default="", help="Such as mother, or friend.")


@click.group(cls=Group)
def pan() -> None:
    """The numbers that a person in custody may call."""


@pan.command("list")
@click.argument("person_id", metavar="PERSON")
@pass_platform
def list_(platform: Platform, person_id: str) -> None:
    """List PERSON's numbers with their whole history, and how many places there are."""
    with platform.database.begin() as connection:
        must_exist(connection, Scope(person_id=person_id))
        have = pan_orders.maximum_of(connection, person_id, now())
        rows = pan_orders.entries(connection, person_id)
    for row in rows:
        decided = f", {row.state} by {row.decided_by}" if row.decided_by else ""
        stands = row.state in (State.REQUESTED, State.APPROVED)
        until = f" until {row.expires_at:%Y-%m-%d}" if row.expires_at and stands else ""
        words = ", ".join(filter(None, (row.relationship, row.note)))
        click.echo(
            f"{row.id:6} {row.number} {row.state}{until}, asked {row.at:%Y-%m-%d %H:%M} "
            f"by {row.actor}{decided}" + (f" ({words})" if words else "")
        )
    click.echo(f"at most {have} numbers")


@pan.command()
@click.argument("facility_id", metavar="FACILITY")
@pass_platform
def waiting(platform: Platform, facility_id: str) -> None:
    """List what people of FACILITY have asked for and nobody has decided."""
    with platform.database.begin() as connection:
        must_be_facility(connection, facility_id)
        rows = pan_orders.requested(connection, facility_id)
    for row in rows:
        words = f" ({row.relationship})" if row.relationship else ""
        click.echo(f"{row.person_id}  entry {row.id} {row.number}{words}, {row.at:%Y-%m-%d %H:%M}")


@pan.command()
@click.argument("person_id", metavar="PERSON")
@click.argument("number")
@_relationship
@why_option
@actor_option
@pass_platform
def request(
    platform: Platform, person_id: str, number: str, relationship: str, note: str, actor: str
) -> None:
    """Ask for NUMBER on PERSON's list: it may be called when somebody approves it."""
    with platform.database.begin() as connection:
        done = (actor, now(), relationship, note)
        entry = pan_orders.request(connection, person_id, number, *done)
    click.echo(f"entry {entry} of {person_id}: {number}")


@pan.command()
@click.argument("person_id", metavar="PERSON")
@click.argument("number")
@_relationship
@until_option
@why_option
@actor_option
@pass_platform
def add(
    platform: Platform,
    person_id: str,
    number: str,
    relationship: str,
    expires_at: datetime | None,
    note: str,
    actor: str,
) -> None:
    """Put NUMBER on PERSON's list at once."""
    with platform.database.begin() as connection:
        done = (actor, now(), relationship, note, expires_at)
        entry = pan_orders.add(connection, person_id, number, *done)
    click.echo(f"entry {entry} of {person_id}: {number} may be called")


@pan.command()
@click.argument("person_id", metavar="PERSON")
@click.argument("entry", type=int)
@actor_option
@pass_platform
def approve(platform: Platform, person_id: str, entry: int, actor: str) -> None:
    """Let PERSON call the number of ENTRY."""
    with platform.database.begin() as connection:
        row = pan_orders.approve(connection, person_id, entry, actor, now())
    click.echo(f"{person_id} may call {row.number}")


@pan.command()
@click.argument("person_id", metavar="PERSON")
@click.argument("entry", type=int)
@actor_option
@pass_platform
def refuse(platform: Platform, person_id: str, entry: int, actor: str) -> None:
    """Say no to the number of ENTRY, which PERSON has asked for."""
    with platform.database.begin() as connection:
        row = pan_orders.refuse(connection, person_id, entry, actor, now())
    click.echo(f"{row.number} doesn't come onto the list of {person_id}")


@pan.command()
@click.argument("person_id", metavar="PERSON")
@click.argument("entry", type=int)
@actor_option
@pass_platform
def remove(platform: Platform, person_id: str, entry: int, actor: str) -> None:
    """Take the number of ENTRY off PERSON's list."""
    with platform.database.begin() as connection:
        row = pan_orders.remove(connection, person_id, entry, actor, now())
    click.echo(f"{row.number} is no longer on the list of {person_id}")


@pan.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@actor_option
@pass_platform
def import_(platform: Platform, file: Path, actor: str) -> None:
    """Put person,number[,relationship] of every line of FILE on the lists: all or nothing."""
    content = content_of(file)
    with platform.database.begin() as connection:
        taken = files.add_to_pans(connection, content, actor, now())
    click.echo(f"{told(taken)} on the lists of their people")
