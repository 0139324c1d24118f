"""``parloir carrier``: collect calls on the telephone bill: packs, answers, billable numbers."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import click

from accounts import billability
from accounts.ledger import LedgerError
from billing.carriers import pack_rows, packs, responses
from billing.carriers.writer import write
from blocklists.lists import dialable
from parloir.common import Group, Platform, actor_option, note_option, pass_platform
from parloir.money import dollars
from store.types import now

Directory = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group(cls=Group)
def carrier() -> None:
    """Collect calls that the telephone companies bill."""


@carrier.command()
@click.option("--dir", "directory", type=Directory, default=".", help="Where its file goes.")
@actor_option
@pass_platform
def submit(platform: Platform, directory: Path, actor: str) -> None:
    """Give all collect calls that weren't billed yet to the carriers, and write the file."""
    with platform.database.begin() as connection:
        pack = packs.submit(connection, now(), actor)
    if pack is None:
        click.echo("no call is to be billed")
        return
    # From here on it is posted: whatever happens, 'carrier write' makes the same file.
    click.echo(_told(pack))
    _write(platform, pack.number, directory / f"pack-{pack.number:08}.emi")


@carrier.command("write")
@click.argument("number", type=int)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@pass_platform
def write_(platform: Platform, number: int, file: Path) -> None:
    """Write a pack's file again, byte for byte."""
    _write(platform, number, file)


@carrier.command()
@click.argument("file", type=click.File("rb"))
@actor_option
@pass_platform
def read(platform: Platform, file: IO[bytes], actor: str) -> None:
    """Take the clearing house's next answer, whole or not at all."""
    with platform.database.begin() as connection:
        taken = responses.take(connection, file, now(), actor)
    click.echo(_told(taken.pack))
    for outcome, cents in taken.cents.items():
        click.echo(f"  {outcome.value:12} {dollars(cents)}")
    for number in sorted(taken.unbillable):
        click.echo(f"  {number} isn't billable any more")


@carrier.command("list")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=1))
@pass_platform
def list_(platform: Platform, limit: int) -> None:
    """List the latest packs, to the carriers and from them."""
    with platform.database.begin() as connection:
        for direction in (pack_rows.OUT, pack_rows.IN):
            for pack in pack_rows.newest(connection, direction, limit):
                click.echo(f"{direction:4} {pack.made_at:%Y-%m-%d %H:%M}  {_told(pack)}")


@carrier.group(cls=Group)
def numbers() -> None:
    """Which numbers the telephone companies bill for us."""


@numbers.command("import")
@click.argument("file", type=click.File("rb"))
@actor_option
@pass_platform
def import_(platform: Platform, file: IO[bytes], actor: str) -> None:
    """Take a list of prefixes (CSV), whole or not at all."""
    with platform.database.begin() as connection:
        count = billability.import_csv(connection, file.read(), actor, now())
    click.echo(f"{count} prefixes taken")


@numbers.command()
@click.argument("number")
@pass_platform
def show(platform: Platform, number: str) -> None:
    """Show who bills a number, and what decides that."""
    with platform.database.begin() as connection:
        row = billability.find(connection, dialable(number))
    if row is None:
        raise LedgerError(f"nothing is known of {number}: it isn't billed")
    told = f"billed by {row.carrier} ({row.ocn})" if row.billable else "not billable"
    click.echo(f"{told}: {row.line_type}, prefix {row.prefix}, {row.actor} {row.at:%Y-%m-%d}")
    if row.note:
        click.echo(row.note)


@numbers.command()
@click.argument("number")
@actor_option
@note_option
@pass_platform
def mark(platform: Platform, number: str, actor: str, note: str) -> None:
    """Have no call to this number billed by its carrier."""
    normal = dialable(number)
    with platform.database.begin() as connection:
        billability.mark_unbillable(connection, normal, actor, now(), note)
    click.echo(f"{normal} isn't billable any more")


@numbers.command("clear")
@click.argument("number")
@pass_platform
def clear(platform: Platform, number: str) -> None:
    """Take a number's mark away: its exchange decides again."""
    normal = dialable(number)
    with platform.database.begin() as connection:
        billability.clear_mark(connection, normal)
    click.echo(f"the exchange of {normal} decides again")


def _write(platform: Platform, number: int, file: Path) -> None:
    part = file.with_name(f"{file.name}.part")
    try:
        with platform.database.begin() as connection, part.open("wb") as sink:
            write(connection, number, sink)
        part.replace(file)
    except OSError as error:
        raise LedgerError(f"pack {number} isn't written: {error}; 'carrier write' it") from None
    finally:
        part.unlink(missing_ok=True)
    click.echo(f"written to {file}")


def _told(pack: pack_rows.Pack) -> str:
    return f"pack {pack.number}: {pack.records} records, {dollars(pack.cents)}"
