"""``parloir rate exchanges``: load and show NPA-NXX data."""

from __future__ import annotations

import getpass
from pathlib import Path

import click

from parloir.common import Group, Platform, pass_platform
from parloir.rate_prices import FILE
from rating import exchangestore
from rating.exchanges import Exchanges
from store.types import now


@click.group(cls=Group)
def exchanges() -> None:
    """NPA-NXX data: the LATA and rate center of each block of numbers, local calling areas."""


@exchanges.command("load")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=FILE)
@pass_platform
def load_exchanges(platform: Platform, files: tuple[Path, ...]) -> None:
    """Check all FILEs and put them in force as one set, whole or not at all."""
    found = exchangestore.load(platform.database, files, getpass.getuser(), now())
    click.echo(f"{found.version} is in force: {_size(found)}")


@exchanges.command("show")
@click.argument("version", default="")
@pass_platform
def show_exchanges(platform: Platform, version: str) -> None:
    """Say how much is in force (or in VERSION), and what was loaded when."""
    with platform.database.begin() as connection:
        found = exchangestore.find(connection, version)
        loads = exchangestore.loads(connection)
    if found.version:
        click.echo(f"{found.version}: {_size(found)}")
    else:
        click.echo("no exchange data is loaded: calls within a state are intrastate")
    for name, at, actor, files in loads:
        click.echo(f"# {name} loaded {at:%Y-%m-%d %H:%M:%S} UTC by {actor}: {', '.join(files)}")


def _size(found: Exchanges) -> str:
    latas = {place.lata for place in found.places}
    centers = f"{len(found.places)} rate centers, {len(latas)} LATAs"
    return f"{len(found.keys)} blocks, {centers}, {len(found.local) // 2} local pairs"
