"""``python -m benchmarks.soak``: parts are killed while calls live, then the books are asked."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from random import SystemRandom

import click

from benchmarks.storm import LAST, PARTS, storm

KILLS_A_STORM = len([*PARTS, LAST])


@click.command()
@click.option("--kills", default=100, show_default=True)
@click.option("--seed", type=int, help="For the same order and moments again.")
def main(kills: int, seed: int | None) -> None:
    """Kill AGI server, monitor, Redis, PostgreSQL and Asterisk and cut AMI, over and over.

    Fails with what is wrong as soon as anything is.
    """
    directory = Path(tempfile.mkdtemp(prefix="parloir-soak-"))
    # PostgreSQL's own user has to pass through.
    directory.chmod(0o711)
    chosen = SystemRandom().randrange(10**6) if seed is None else seed
    try:
        with storm(directory, chosen) as parts:
            for done in range(0, kills, KILLS_A_STORM):
                if wrong := parts.blow():
                    raise click.ClickException("\n".join(wrong))
                click.echo(f"{done + KILLS_A_STORM} kills, {parts.compared} talks compared: clean")
    finally:
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()
