"""``parloir prompts``: the spoken sentences."""

from __future__ import annotations

import click

from custody.places import spoken_names
from ivr_prompts import builder, catalogue
from ivr_prompts.template import Slot
from parloir.common import Group, Platform, pass_platform
from store.database import Database
from store.settings import Settings


@click.group(cls=Group)
def prompts() -> None:
    """What is said on the line."""


@prompts.command()
@pass_platform
def build(platform: Platform) -> None:
    """Make the audio of every sentence and name that isn't made yet."""
    build_prompts(platform.settings, platform.database)


@prompts.command("list")
@click.option(
    "--language", type=click.Choice(catalogue.languages()), default="en", show_default=True
)
def list_(language: str) -> None:
    """List every sentence with its words."""
    for sentence in catalogue.load(language).sentences.values():
        words = "".join(
            f"<{part.name}>" if isinstance(part, Slot) else part.text for part in sentence.parts
        )
        click.echo(f"{sentence.id:28} {words}")


def build_prompts(settings: Settings, database: Database) -> None:
    """Make what isn't made yet, where this platform's Asterisk finds it."""
    with database.begin() as connection:
        names = [settings.provider_name, *spoken_names(connection)]
    for words in catalogue.load_all().values():
        builder.build(
            words,
            settings.asterisk_dir / "sounds",
            names=names,
            studio_dir=settings.studio_dir,
            progress=progress,
        )


def build_new_names(settings: Settings, database: Database) -> None:
    """Make the names that were just added, if Asterisk was set up before; else it is to come."""
    if settings.asterisk_dir.exists():
        build_prompts(settings, database)


def progress(done: int, of: int) -> None:
    """Tell how far the making of prompts is."""
    if done % 20 == 0 or done == of:
        click.echo(f"prompts: {done} of {of} made", err=True)
