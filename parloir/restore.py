"""``parloir restore``: a backup into a platform that has nothing in it yet."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import click
from sqlalchemy import make_url

from blocklists.bulk_orders import moved_to
from parloir.backup import AMI_SECRET, DATABASE, LISTS, PIN_KEY, RECORDINGS, SETTINGS, described
from parloir.check import report
from parloir.common import Platform, pass_platform
from store import archive
from store.archive import ArchiveError
from store.backup import BackupError, Totals, load, refuse_unless_fresh
from store.database import migrate, newest_schema, open_database
from store.settings import Settings

ASIDE = ".before-restore"


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@pass_platform
def restore(platform: Platform, file: Path) -> None:
    """Fill a fresh platform (parloir init) from FILE; compare the totals, run every check.

    Nothing changes when FILE is damaged or the database has anything in it.
    """
    settings = platform.settings
    refuse_unless_fresh(settings.database_url)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.state_dir) as staging:
        taken = Path(staging)
        manifest = archive.extract(file, taken)
        expected = _suitable(file, manifest, settings)
        _put_files(taken, settings)
        # Last, for it is what makes the platform a restored one.
        load(settings.database_url, taken / DATABASE, expected)
    migrate(settings.database_url)
    with closing(open_database(settings.database_url)) as database, database.begin() as connection:
        moved_to(connection, settings.lists_dir)
    click.echo(f"restored, and the control totals agree: {described(expected)}")
    with closing(open_database(settings.database_url)) as database:
        report(settings, database)


def _suitable(file: Path, manifest: dict[str, Any], settings: Settings) -> Totals:
    """The totals to expect; raises :class:`BackupError` where the backup can't go here."""
    kind = make_url(settings.database_url).get_backend_name()
    try:
        expected = Totals(**manifest["totals"])
        made_by, schema = manifest["kind"], manifest["schema"]
    except (KeyError, TypeError) as error:
        raise ArchiveError(f"{file} is no backup of a platform: {error}") from None
    if made_by != kind:
        raise BackupError(f"{file} is of a {made_by} database, the settings name a {kind} one")
    if schema > newest_schema():
        raise BackupError(f"{file} was made by a newer version (schema {schema}): upgrade first")
    return expected


def _put_files(taken: Path, settings: Settings) -> None:
    _put(taken / PIN_KEY, settings.pin_key_file)
    _put(taken / AMI_SECRET, settings.ami_secret_file)
    # The platform's own are in force: theirs may name another machine's addresses.
    _put(taken / SETTINGS, settings.state_dir / f"{SETTINGS}.restored")
    for path in sorted((taken / LISTS).glob("*.numbers")):
        _put(path, settings.lists_dir / path.name)
    for path in sorted((taken / RECORDINGS).rglob("*.wav")):
        _put(path, settings.recordings_dir / path.relative_to(taken / RECORDINGS))


def _put(path: Path, target: Path) -> None:
    """Move a file to its place; another one that is there is kept aside."""
    if not path.exists():
        return
    if target.exists() and target.read_bytes() != path.read_bytes():
        target.rename(target.with_name(target.name + ASIDE))
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(path, target)
