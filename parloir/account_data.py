"""``parloir account``: the terms that were accepted, and what is kept about a holder."""

from __future__ import annotations

import json

import click

from accounts import personal
from accounts import terms as its_terms
from accounts.opening import LANGUAGES
from parloir.common import Group, Platform, actor_option, note_option, pass_platform
from store.types import now


@click.group(cls=Group)
def terms() -> None:
    """The terms of accounts, and who has accepted them."""


@terms.command()
@click.option("--version", "version", help="The one in force, if not said.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
def text(version: str | None, language: str) -> None:
    """Print the terms."""
    click.echo(its_terms.text(version or its_terms.current(), language).rstrip())


@terms.command()
@click.argument("account_id")
@click.option("--version", "version", help="The one in force, if not said.")
@click.option("--how", type=click.Choice(its_terms.WAYS), required=True)
@actor_option
@pass_platform
def accept(platform: Platform, account_id: str, version: str | None, how: str, actor: str) -> None:
    """Note that an account's owner accepted the terms."""
    of = version or its_terms.current()
    with platform.database.begin() as connection:
        new = its_terms.accept(connection, account_id, of, how, actor, now())
    click.echo(f"account {account_id} accepted {of}{'' if new else ' before'}")


@terms.command("show")
@click.argument("account_id")
@pass_platform
def show_terms(platform: Platform, account_id: str) -> None:
    """Show which versions were accepted, and which one isn't yet."""
    with platform.database.begin() as connection:
        done = its_terms.accepted(connection, account_id)
        missing = its_terms.to_accept(connection, account_id)
    for one in done:
        click.echo(f"{one.version}  accepted {one.at:%Y-%m-%d} by {one.how}, noted by {one.actor}")
    if missing:
        click.echo(f"{missing}  is to be accepted")


@click.command()
@click.argument("account_id")
@pass_platform
def export(platform: Platform, account_id: str) -> None:
    """Print everything that is kept about an account's holder, as JSON."""
    with platform.database.begin() as connection:
        found = personal.export(connection, account_id)
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))


@click.command()
@click.argument("account_id")
@actor_option
@note_option
@pass_platform
def erase(platform: Platform, account_id: str, actor: str, note: str) -> None:
    """Forget who held a closed and settled account; its books and calls stay."""
    with platform.database.begin() as connection:
        new = personal.erase(connection, account_id, actor, now(), note)
    click.echo(f"account {account_id}: its holder {'is' if new else 'was'} erased")


DATA = (terms, export, erase)
