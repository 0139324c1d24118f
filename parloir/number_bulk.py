"""``parloir number bulk``: blocked lists of millions of numbers."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from blocklists import bulk_orders
from blocklists.bulk_files import compile_list
from blocklists.lists import BlockCause
from blocklists.orders import Order, Scope
from parloir.common import Group, Platform, pass_platform
from parloir.number_options import (
    actor_option,
    at,
    cause_option,
    facility_option,
    until_option,
    why_option,
)
from store.types import now

_name = click.option("--name", required=True, help="A list of this name is replaced.")


@click.group(cls=Group)
def bulk() -> None:
    """Blocked lists of millions of numbers."""


@bulk.command()
@click.argument("file", type=click.Path(path_type=Path))
@_name
@cause_option
@until_option
@why_option
@facility_option
@actor_option
@pass_platform
def load(
    platform: Platform,
    file: Path,
    name: str,
    cause: str,
    expires_at: datetime | None,
    note: str,
    facility_id: str | None,
    actor: str,
) -> None:
    """Block every number of FILE, one a line: the whole file or nothing of it."""
    compiled = compile_list(file, platform.settings.lists_dir)
    order = Order(BlockCause(cause), actor, note, expires_at, Scope(facility_id))
    with platform.database.begin() as connection:
        bulk_orders.register(connection, name, compiled, order, now())
    twice = f", {compiled.doubled} lines say one again" if compiled.doubled else ""
    click.echo(f"{compiled.entries} numbers of {name} are blocked {at(facility_id)}{twice}")


@bulk.command("list")
@pass_platform
def list_(platform: Platform) -> None:
    """List what is in force."""
    with platform.database.begin() as connection:
        rows = bulk_orders.lists_in_force(connection, now())
    for row in rows:
        until = f"until {row.expires_at:%Y-%m-%d %H:%M}" if row.expires_at else "until lifted"
        note = f" ({row.note})" if row.note else ""
        click.echo(
            f"{row.name}: {row.entries} numbers, {row.cause}, {at(row.facility_id)}, "
            f"by {row.actor}, {row.at:%Y-%m-%d %H:%M} {until}{note}; {row.file}"
        )


@bulk.command()
@_name
@facility_option
@actor_option
@pass_platform
def lift(platform: Platform, name: str, facility_id: str | None, actor: str) -> None:
    """Block the numbers of a list no more."""
    with platform.database.begin() as connection:
        row = bulk_orders.lift(connection, name, actor, now(), facility_id)
    click.echo(
        f"{row.entries} numbers of {name} are blocked no more {at(facility_id)} by this list"
    )
