"""``parloir number``: blocked and privileged numbers."""

from __future__ import annotations

import click

from blocklists import lists
from blocklists.lists import WAY_OUT, BlockCause
from blocklists.privilege import registry
from parloir.common import Group, Platform, pass_platform
from store.types import now

person_option = click.option("--person", "person_id", help="Only for this person's calls.")
facility_option = click.option("--facility", "facility_id", help="Only there; else everywhere.")
cause_option = click.option(
    "--cause",
    type=click.Choice([one.value for one in BlockCause]),
    default=BlockCause.FACILITY.value,
    show_default=True,
)
actor_option = click.option("--by", "actor", required=True, help="Who decided this.")


@click.group(cls=Group)
def number() -> None:
    """Blocked and privileged numbers."""


@number.command()
@click.argument("number")
@cause_option
@click.option("--note", default="")
@person_option
@facility_option
@actor_option
@pass_platform
def block(
    platform: Platform,
    number: str,
    cause: str,
    note: str,
    person_id: str | None,
    facility_id: str | None,
    actor: str,
) -> None:
    """Block NUMBER from now on."""
    with platform.database.begin() as connection:
        lists.block(
            connection,
            number,
            BlockCause(cause),
            actor,
            facility_id=facility_id,
            person_id=person_id,
            note=note,
        )
    click.echo(f"{number} is blocked {at(facility_id, person_id)}")


@number.command("list")
@click.argument("number", required=False)
@pass_platform
def list_(platform: Platform, number: str | None) -> None:
    """List the blocks in force, of NUMBER or of all: cause, actor, whom they bind, way out."""
    with platform.database.begin() as connection:
        rows = lists.blocks(connection, number, now())
    for row in rows:
        until = f"until {row.expires_at:%Y-%m-%d %H:%M}" if row.expires_at else "until lifted"
        click.echo(
            f"{row.number}  {row.cause:12} {at(row.facility_id, row.person_id)}, by {row.actor}, "
            f"{row.at:%Y-%m-%d %H:%M} {until}; way out: {WAY_OUT[BlockCause(row.cause)]}"
            + (f" ({row.note})" if row.note else "")
        )


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


def at(facility_id: str | None, person_id: str | None = None) -> str:
    """Where and for whom it holds, in words."""
    whose = f" for person {person_id}" if person_id else ""
    return (f"at {facility_id}" if facility_id else "everywhere") + whose
