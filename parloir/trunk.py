"""``parloir trunk``: the ways to the telephone network."""

from __future__ import annotations

from typing import TextIO

import click

from custody.lines import trunks
from custody.lines.hotlines import number_of
from custody.lines.shared import orders
from custody.lines.trunks import Trunk
from parloir import line_test
from parloir.common import Group, Platform, actor_option, note_option, pass_platform
from parloir.phone import TAKES
from store.types import AnyRow, now


@click.group(cls=Group)
def trunk() -> None:
    """Trunks: the ways to the telephone network, the lowest priority tried first."""


@trunk.command("add")
@click.argument("trunk_id")
@click.option("--host", required=True, help="The carrier's name or address.")
@click.option("--port", default=5060, show_default=True)
@click.option("--facility", "facility_id", help="For this one's calls only.")
@click.option("--transport", type=click.Choice(["udp", "tcp", "tls"]), default="udp")
@click.option("--encrypt/--no-encrypt", default=False, help="SRTP or no sound; needs tls.")
@click.option("--codecs", default="ulaw,alaw", show_default=True, help="Best first.")
@click.option("--username", default="", help="Where the carrier knows us by one.")
@click.option("--password-file", type=click.File(), help="Whose first line is the password.")
@click.option("--priority", default=10, show_default=True, help="The lowest is tried first.")
@click.option("--capacity", type=int, help="The most calls at once; else any number.")
@actor_option
@pass_platform
def add_trunk(
    platform: Platform,
    trunk_id: str,
    host: str,
    port: int,
    facility_id: str | None,
    transport: str,
    encrypt: bool,
    codecs: str,
    username: str,
    password_file: TextIO | None,
    priority: int,
    capacity: int | None,
    actor: str,
) -> None:
    """Add a trunk; from the first one on, the settings' trunk_host isn't used any more."""
    password = _first_line(password_file) if password_file else ""
    terms = (transport, encrypt, codecs, username, password, priority, capacity)
    new = Trunk(trunk_id, host, port, facility_id, *terms)
    with platform.database.begin() as connection:
        trunks.add_trunk(connection, new, actor, now())
    click.echo(f"trunk {trunk_id} added\n{TAKES}")


@trunk.command("off")
@click.argument("trunk_id")
@actor_option
@note_option
@pass_platform
def switch_off(platform: Platform, trunk_id: str, actor: str, note: str) -> None:
    """Place no more calls by a trunk; those that live go on."""
    _switch(platform, trunk_id, False, actor, note)


@trunk.command("on")
@click.argument("trunk_id")
@actor_option
@note_option
@pass_platform
def switch_on(platform: Platform, trunk_id: str, actor: str, note: str) -> None:
    """Place calls by a trunk again."""
    _switch(platform, trunk_id, True, actor, note)


@trunk.command("list")
@pass_platform
def list_trunks(platform: Platform) -> None:
    """List the trunks in the order in which they are tried."""
    with platform.database.begin() as connection:
        every = trunks.every_trunk(connection)
    for row in every:
        click.echo(_line(row))
    if not every:
        own = platform.settings.asterisk
        click.echo(f"none: calls leave by the settings' {own.trunk_host}:{own.trunk_port}")


@trunk.command("show")
@click.argument("trunk_id")
@pass_platform
def show_trunk(platform: Platform, trunk_id: str) -> None:
    """Show a trunk and what was done to it."""
    with platform.database.begin() as connection:
        click.echo(_line(trunks.find_trunk(connection, trunk_id)))
        for one in orders(connection, "trunk", trunk_id):
            click.echo(f"{one.at:%Y-%m-%d %H:%M} {one.kind} by {one.actor} {one.note}".rstrip())


@trunk.command("test")
@click.argument("trunk_id")
@click.option("--number", required=True, help="Whom to ring: a number of your own.")
@pass_platform
def test_trunk(platform: Platform, trunk_id: str, number: str) -> None:
    """Place a call by a trunk: whoever lifts hears a sentence. Says what came of it."""
    if trunk_id != line_test.OWN:
        with platform.database.begin() as connection:
            trunks.find_trunk(connection, trunk_id)
    digits = number_of(number).removeprefix("+")
    click.echo(line_test.call_by_trunk(platform.settings, trunk_id, digits))


def _switch(platform: Platform, trunk_id: str, active: bool, actor: str, note: str) -> None:
    with platform.database.begin() as connection:
        trunks.switch_trunk(connection, trunk_id, active, actor, note, now())
    click.echo(f"trunk {trunk_id} is {'on' if active else 'off'}\n{TAKES}")


def _line(row: AnyRow) -> str:
    words = [f"{row.priority:4}", row.id, "on" if row.active else "off"]
    words += [f"{row.host}:{row.port}", row.transport, *(["SRTP"] if row.encrypts else [])]
    words += [row.codecs, f"at most {row.capacity}" if row.capacity else "no limit"]
    return "  ".join([*words, row.facility_id or "every facility"])


def _first_line(file: TextIO) -> str:
    try:
        line = file.readline().strip()
    except (OSError, UnicodeDecodeError):
        line = ""
    if not line:
        raise click.BadParameter(f"{file.name} has no password on its first line")
    return line
