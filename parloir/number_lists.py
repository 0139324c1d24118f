"""``parloir number allow|allowed|disallow|import``: lists beside the people's own, and files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from blocklists import allowing, files
from blocklists.files import Taken
from blocklists.lists import BlockCause
from blocklists.orders import Order, Scope
from blocklists.patterns import NumberError
from custody.facilities import must_be_facility
from parloir.common import Platform, pass_platform
from parloir.number_options import (
    actor_option,
    at,
    cause_option,
    facility_option,
    person_option,
    until_option,
    why_option,
)
from store.types import now

file_argument = click.argument("file", type=click.Path(path_type=Path))


@click.command()
@click.argument("number")
@facility_option
@until_option
@why_option
@actor_option
@pass_platform
def allow(
    platform: Platform,
    number: str,
    facility_id: str | None,
    expires_at: datetime | None,
    note: str,
    actor: str,
) -> None:
    """Let everybody call NUMBER beside the own list; a pattern such as +1212555???? too."""
    with platform.database.begin() as connection:
        entry = allowing.allow(connection, number, actor, now(), facility_id, note, expires_at)
    click.echo(f"{number} is allowed {at(facility_id)} beside the own lists (entry {entry})")


@click.command()
@click.option("--facility", "facility_id", help="Its own, and everybody's.")
@pass_platform
def allowed(platform: Platform, facility_id: str | None) -> None:
    """List what may be called beside the own lists."""
    with platform.database.begin() as connection:
        must_be_facility(connection, facility_id)
        rows = allowing.allowed(connection, now(), facility_id)
    for row in rows:
        until = f" until {row.expires_at:%Y-%m-%d %H:%M}" if row.expires_at else ""
        note = f" ({row.note})" if row.note else ""
        where = at(row.facility_id)
        click.echo(f"{row.id:6} {row.number:12} {where}, by {row.actor}{until}{note}")


@click.command()
@click.argument("entry", type=int)
@actor_option
@pass_platform
def disallow(platform: Platform, entry: int, actor: str) -> None:
    """Take the ENTRY of that id off such a list."""
    with platform.database.begin() as connection:
        row = allowing.disallow(connection, entry, actor, now())
    click.echo(f"{row.number} is no longer allowed {at(row.facility_id)} beside the own lists")


@click.command("import")
@file_argument
@click.option(
    "--allowed", "allows", is_flag=True, help="They may be called; else they are blocked."
)
@cause_option
@until_option
@why_option
@person_option
@facility_option
@actor_option
@pass_platform
def import_(
    platform: Platform,
    file: Path,
    allows: bool,
    cause: str,
    expires_at: datetime | None,
    note: str,
    person_id: str | None,
    facility_id: str | None,
    actor: str,
) -> None:
    """Block every number of FILE, one a line, patterns too: the whole file or nothing of it."""
    content = content_of(file)
    if allows and (person_id or expires_at):
        raise click.UsageError("an allowed list is a facility's or everybody's, without an end")
    with platform.database.begin() as connection:
        if allows:
            taken = files.allow_all(connection, content, actor, now(), facility_id, note)
        else:
            scope = Scope(facility_id, person_id)
            order = Order(BlockCause(cause), actor, note, expires_at, scope)
            taken = files.block_all(connection, content, order, now())
    what = "allowed" if allows else "blocked"
    click.echo(f"{told(taken)} {what} {at(facility_id, person_id)}")


def content_of(file: Path) -> bytes:
    """What a list file holds. Raises :class:`NumberError`."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise NumberError(f"{file} can't be read: {error.strerror}") from None


def told(taken: Taken) -> str:
    """What came of a file, in words."""
    twice = f", {taken.doubled} lines say one again" if taken.doubled else ""
    return f"{taken.numbers} numbers in the file{twice}; {taken.new} of them are newly"


LISTS = (allow, allowed, disallow, import_)
