"""``parloir backup``: the database, the secrets and the settings in one file."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path

import click
from sqlalchemy import select

from blocklists.bulk_orders import lists_in_force
from parloir.common import Platform, pass_platform
from parloir.money import dollars
from store import archive, settings
from store.backup import Totals, dump
from store.tables import recordings
from store.types import now
from store.version import CODE_VERSION

DATABASE, PIN_KEY, AMI_SECRET, SETTINGS = "database", "pin.key", "ami.secret", "parloir.toml"
RECORDINGS, LISTS = "recordings", "lists"


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--with-recordings", is_flag=True, help="Put the sealed recordings in, too.")
@pass_platform
def backup(platform: Platform, file: Path, with_recordings: bool) -> None:
    """Write the platform into FILE (a tar), which only you may read. Calls go on meanwhile."""
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=file.absolute().parent) as staging:
        copy = Path(staging) / DATABASE
        dumped = dump(platform.settings.database_url, copy)
        # Asked afterwards: so no recording that is on the copied books is missed.
        audio = _recordings(platform)
        members = {DATABASE: copy, **_secrets(platform), **_lists(platform)}
        members |= audio if with_recordings else {}
        about = {
            "made_at": now().isoformat(),
            "code": CODE_VERSION,
            "recordings": with_recordings,
            **asdict(dumped),
        }
        archive.write(file, members, about)
    click.echo(f"{file}: {described(dumped.totals)}")
    if audio and not with_recordings:
        click.echo(f"{len(audio)} recordings are listed and not in it (--with-recordings)")


def described(totals: Totals) -> str:
    """The control totals in words."""
    balances = ", ".join(f"{name} {dollars(one)}" for name, one in totals.balance_cents.items())
    return (
        f"{totals.entries} entries up to {totals.newest_entry}, "
        f"debits {dollars(totals.debit_cents)}, balances: {balances or 'none'}; "
        f"{totals.cdrs} CDRs, charged {dollars(totals.charged_cents)}"
    )


def _secrets(platform: Platform) -> dict[str, Path]:
    files = {
        PIN_KEY: platform.settings.pin_key_file,
        AMI_SECRET: platform.settings.ami_secret_file,
        SETTINGS: settings.chosen_file(platform.settings_file),
    }
    return {name: path for name, path in files.items() if path.exists()}


def _lists(platform: Platform) -> dict[str, Path]:
    """The files of the blocked lists in force: without them nothing could be decided."""
    with platform.database.begin() as connection:
        files = [Path(row.file) for row in lists_in_force(connection, now())]
    return {f"{LISTS}/{file.name}": file for file in files if file.exists()}


def _recordings(platform: Platform) -> dict[str, Path]:
    """The sealed recordings on the books that are where they belong, by their name in a backup."""
    place = platform.settings.recordings_dir
    with platform.database.begin() as connection:
        booked = [Path(one) for one in connection.execute(select(recordings.c.path)).scalars()]
    return {
        f"{RECORDINGS}/{path.relative_to(place)}": path
        for path in booked
        if path.is_relative_to(place) and path.exists()
    }
