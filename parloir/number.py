"""``parloir number``: blocked, allowed and privileged numbers."""

from __future__ import annotations

from datetime import datetime

import click

from blocklists import blocking, lists
from blocklists.lists import WAY_OUT, BlockCause
from blocklists.orders import Order, Scope
from blocklists.privilege import registry
from parloir.common import Group, Platform, pass_platform
from parloir.number_bulk import bulk
from parloir.number_lists import LISTS
from parloir.number_options import (
    actor_option,
    at,
    cause_option,
    facility_option,
    person_option,
    until_option,
    why_option,
)
from store.types import AnyRow, now


@click.group(cls=Group)
def number() -> None:
    """Blocked, allowed and privileged numbers."""


@number.command()
@click.argument("number")
@cause_option
@until_option
@why_option
@person_option
@facility_option
@actor_option
@pass_platform
def block(
    platform: Platform,
    number: str,
    cause: str,
    expires_at: datetime | None,
    note: str,
    person_id: str | None,
    facility_id: str | None,
    actor: str,
) -> None:
    """Block NUMBER from now on: a number, or a pattern such as +1212555???? or +1212*."""
    scope = Scope(facility_id, person_id)
    order = Order(BlockCause(cause), actor, note, expires_at, scope)
    with platform.database.begin() as connection:
        entry = blocking.order_block(connection, number, order, now())
    click.echo(f"{number} is blocked {at(facility_id, person_id)} (block {entry})")


@number.command("list")
@click.argument("number", required=False)
@pass_platform
def list_(platform: Platform, number: str | None) -> None:
    """List the blocks in force, of NUMBER or of all: cause, actor, whom they bind, way out."""
    with platform.database.begin() as connection:
        rows = lists.blocks(connection, number, now())
    for row in rows:
        click.echo(_line(row))


@number.command()
@click.argument("number")
@pass_platform
def history(platform: Platform, number: str) -> None:
    """Show every block that ever bound NUMBER, with who lifted it."""
    with platform.database.begin() as connection:
        rows = blocking.history(connection, number)
    for row in rows:
        click.echo(
            _line(row)
            + (f"; lifted {_said(row.lifted_at)} by {row.lifted_by}" if row.lifted_at else "")
        )


@number.command()
@click.argument("block_id", type=int, metavar="BLOCK")
@actor_option
@pass_platform
def lift(platform: Platform, block_id: int, actor: str) -> None:
    """Lift the one block of this id, as `parloir number list` shows it."""
    with platform.database.begin() as connection:
        row = blocking.lift(connection, block_id, actor, now())
    done = "is lifted" if row.lifted_at is None else f"was lifted before, by {row.lifted_by}"
    click.echo(f"block {block_id} of {row.number} {done}")


@number.command()
@click.argument("number")
@cause_option
@person_option
@facility_option
@actor_option
@pass_platform
def unblock(
    platform: Platform,
    number: str,
    cause: str,
    person_id: str | None,
    facility_id: str | None,
    actor: str,
) -> None:
    """Lift the blocks of NUMBER of this cause, that hold just there, for just this person."""
    with platform.database.begin() as connection:
        why = BlockCause(cause)
        lifted = lists.unblock(connection, number, why, actor, facility_id, person_id)
    click.echo(f"{lifted} blocks of {number} (cause {cause}) lifted {at(facility_id, person_id)}")


@number.command()
@click.argument("number")
@person_option
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
        registry.mark_privileged(
            connection, number, actor, facility_id=facility_id, person_id=person_id, note=note
        )
    click.echo(f"calls to {number} are never recorded {at(facility_id, person_id)}")


def _line(row: AnyRow) -> str:
    until = f"until {_said(row.expires_at)}" if row.expires_at else "until lifted"
    return (
        f"{row.id:6} {row.number:12} {row.cause:12} {at(row.facility_id, row.person_id)}, "
        f"by {row.actor}, {_said(row.at)} {until}; way out: {WAY_OUT[BlockCause(row.cause)]}"
        + (f" ({row.note})" if row.note else "")
    )


def _said(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


number.add_command(bulk)
for command in LISTS:
    number.add_command(command)
