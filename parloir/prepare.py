"""``parloir prepare``: what takes a while the first time, done ahead and kept in the cache."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from asterisk_conf.install import find_or_build
from ivr_prompts import builder, catalogue
from parloir.prompts import progress


@click.command()
def prepare() -> None:
    """Get a private Asterisk 22 and make the prompts, into the cache."""
    installation = find_or_build(lambda line: click.echo(line, err=True))
    with tempfile.TemporaryDirectory() as scratch:
        for words in catalogue.load_all().values():
            builder.build(words, Path(scratch), progress=progress)
    click.echo(f"ready: Asterisk {installation.version}, prompts in {builder.cache_folder()}")
