"""``parloir attorney``: lawyers and others with privileged numbers, and whole offices at once."""

from __future__ import annotations

from pathlib import Path

import click

from blocklists.privilege import attorneys, office
from blocklists.privilege.attorneys import Attorney
from parloir.common import Group, Platform, actor_option, pass_platform
from store.types import now


@click.group(cls=Group)
def attorney() -> None:
    """Lawyers, and others whose calls are privileged."""


@attorney.command()
@click.argument("attorney_id")
@click.option("--name", required=True)
@click.option("--office", "office_name", default="")
@click.option("--bar-state", default="", help="The state's two letters.")
@click.option("--bar-number", default="")
@click.option("--email", default="")
@click.option("--language", default="en", show_default=True)
@actor_option
@pass_platform
def add(
    platform: Platform,
    attorney_id: str,
    name: str,
    office_name: str,
    bar_state: str,
    bar_number: str,
    email: str,
    language: str,
    actor: str,
) -> None:
    """Add a lawyer, or change one: what is said now is kept. Numbers come with 'privilege add'."""
    one = Attorney(attorney_id, name, office_name, bar_state, bar_number, email, language)
    with platform.database.begin() as connection:
        new = attorneys.add(connection, one, actor, now())
    click.echo(f"attorney {attorney_id} {'is kept' if new else 'was known so already'}")


@attorney.command("list")
@pass_platform
def list_(platform: Platform) -> None:
    """List everybody, by office."""
    with platform.database.begin() as connection:
        rows = attorneys.listed(connection)
    for row in rows:
        bar = f"{row.bar_state} {row.bar_number}".strip() or "no bar"
        click.echo(f"{row.id:16} {row.name}, {row.office or 'no office'}, {bar}, {row.email}")


@attorney.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--office", "office_name", required=True, help="The office's name.")
@click.option("--facility", "facility_id", help="Only there; else everywhere.")
@actor_option
@pass_platform
def import_(
    platform: Platform, file: Path, office_name: str, facility_id: str | None, actor: str
) -> None:
    """Register the lawyers and numbers of an office from a CSV FILE, whole or not at all."""
    with platform.database.begin() as connection:
        taken = office.register_office(
            connection, file.read_bytes(), office_name, actor, now(), facility_id
        )
    click.echo(
        f"{taken.attorneys} attorneys new or changed, {taken.registered} numbers registered, "
        f"{taken.unchanged} unchanged"
    )
