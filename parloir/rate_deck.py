"""``parloir rate deck``: check, load, show and compare rate decks."""

from __future__ import annotations

import getpass
from difflib import unified_diff
from pathlib import Path

import click

from parloir.common import Group, Platform, pass_platform
from parloir.rate_prices import FILE, all_facilities, named_deck
from rating import deckfile, deckstore
from rating.deckcheck import check
from store.types import now


@click.group(cls=Group)
def deck() -> None:
    """Rate decks: contract rates, state caps, termination costs, taxes."""


@deck.command("check")
@click.argument("file", type=FILE)
@pass_platform
def check_deck(platform: Platform, file: Path) -> None:
    """Read FILE and hold it against the caps of all facilities; nothing is stored."""
    found = deckfile.parse(str(file), deckfile.read_text(file))
    check(found, all_facilities(platform), str(file))
    click.echo(f"{found.version} can be loaded: {len(found.rates)} contract rates")


@deck.command("load")
@click.argument("file", type=FILE)
@pass_platform
def load_deck(platform: Platform, file: Path) -> None:
    """Check FILE and put it in force, whole or not at all."""
    text = deckfile.read_text(file)
    known = all_facilities(platform)
    found = deckstore.load(platform.database, str(file), text, known, getpass.getuser(), now())
    click.echo(f"{found.version} is in force")


@deck.command("show")
@click.argument("version", default="")
@pass_platform
def show_deck(platform: Platform, version: str) -> None:
    """Print a deck as it was loaded (the one in force, or VERSION), and what was loaded when."""
    with platform.database.begin() as connection:
        found = deckstore.find(connection, version)
        loads = deckstore.versions(connection)
    click.echo(found.text or "# no deck is loaded: the federal caps are the rates")
    for name, at, actor in loads:
        click.echo(f"# {name} loaded {at:%Y-%m-%d %H:%M:%S} UTC by {actor}")


@deck.command("diff")
@click.argument("old")
@click.argument("new")
@pass_platform
def diff_decks(platform: Platform, old: str, new: str) -> None:
    """Show what changes from deck OLD to NEW: each a file, or a version that was loaded."""
    one, other = (named_deck(platform, name) for name in (old, new))
    lines = unified_diff(
        one.text.splitlines(), other.text.splitlines(), one.version, other.version, lineterm=""
    )
    click.echo("\n".join(lines) or "the decks are the same")
