"""``parloir init``: a new platform in a directory of its own."""

from __future__ import annotations

import secrets
import socket
from contextlib import closing
from pathlib import Path

import click

from accounts.ledger import open_books
from asterisk_conf import secret
from store.database import migrate, open_database
from store.settings import Settings, load

TEMPLATE = """\
# Parloir's settings. What isn't here has its default; docs/operators.md explains each.
database = "{database}"

[asterisk]
sip_port = {sip}
trunk_port = {trunk}
ami_port = {ami}

[agi]
port = {agi}
"""


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--database", default="", help="SQLAlchemy address; empty: SQLite in the directory.")
def init(directory: Path, database: str) -> None:
    """Write settings, key and database for a new platform into DIRECTORY."""
    settings = create(directory, database)
    click.echo(f"settings: {directory / 'parloir.toml'}")
    click.echo(f"database: {settings.database_url}")
    click.echo(f"next: parloir --settings {directory / 'parloir.toml'} facility add --help")


def create(directory: Path, database: str = "") -> Settings:
    """Make what a new platform needs, on free loopback ports; what exists stays as it is."""
    # It will hold the PIN key, SIP passwords, people's names and recordings.
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = directory / "parloir.toml"
    if not file.exists():
        sip, trunk = free_ports(2, socket.SOCK_DGRAM)
        agi, ami = free_ports(2, socket.SOCK_STREAM)
        ports = {"sip": sip, "trunk": trunk, "agi": agi, "ami": ami}
        file.write_text(TEMPLATE.format(database=database, **ports))
    settings = load(file)
    if not settings.pin_key_file.exists():
        settings.pin_key_file.touch(mode=0o600)
        settings.pin_key_file.write_bytes(secrets.token_bytes(32))
    secret.made(settings)
    migrate(settings.database_url)
    with closing(open_database(settings.database_url)) as opened:
        open_books(opened)
    return settings


def free_ports(count: int, kind: socket.SocketKind) -> list[int]:
    """Ports of the loopback address that nobody has at this moment."""
    taken = [socket.socket(socket.AF_INET, kind) for _ in range(count)]
    try:
        for one in taken:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in taken]
    finally:
        for one in taken:
            one.close()
