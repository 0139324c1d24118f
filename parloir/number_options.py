"""Words that the commands about numbers share."""

from __future__ import annotations

import click

from blocklists.lists import BlockCause
from parloir.moments import Moment

person_option = click.option("--person", "person_id", help="Only for this person's calls.")
facility_option = click.option("--facility", "facility_id", help="Only there; else everywhere.")
cause_option = click.option(
    "--cause",
    type=click.Choice([one.value for one in BlockCause]),
    default=BlockCause.FACILITY.value,
    show_default=True,
)
actor_option = click.option("--by", "actor", required=True, help="Who decided this.")
why_option = click.option("--note", default="", help="Such as the order's number: it is kept.")
until_option = click.option(
    "--until", "expires_at", type=Moment(end_of_day=True), help="When it ends by itself (UTC)."
)


def at(facility_id: str | None, person_id: str | None = None) -> str:
    """Where and for whom it holds, in words."""
    whose = f" for person {person_id}" if person_id else ""
    return (f"at {facility_id}" if facility_id else "everywhere") + whose
