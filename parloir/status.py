"""``parloir status``: each part and its health."""

from __future__ import annotations

import socket
from collections.abc import Callable

import click
from sqlalchemy import func, select

from cdr import recordings
from parloir.asterisk import existing
from parloir.common import EXPECTED, Platform, pass_platform
from store.tables import calls

CONNECT_SECONDS = 2.0


@click.command()
@pass_platform
def status(platform: Platform) -> None:
    """Tell how each part is; exit 1 when one is not well."""
    parts = (("database", _database), ("Asterisk", _asterisk), ("AGI server", _agi))
    unwell = [name for name, ask in parts if not _report(name, ask, platform)]
    if unwell:
        raise click.ClickException(f"not well: {', '.join(unwell)}")


def _report(name: str, ask: Callable[[Platform], str], platform: Platform) -> bool:
    try:
        click.echo(f"{name:12} up    {ask(platform)}")
    except (*EXPECTED, OSError) as error:
        click.echo(f"{name:12} DOWN  {error}")
        return False
    return True


def _database(platform: Platform) -> str:
    with platform.database.begin() as connection:
        live = connection.execute(
            select(func.count()).select_from(calls).where(calls.c.ended_at.is_(None))
        ).scalar_one()
        short = recordings.incomplete(connection)
    told = f"{platform.database.engine.dialect.name}, {live} calls live"
    return f"{told}, incomplete recordings: {', '.join(short)}" if short else told


def _asterisk(platform: Platform) -> str:
    now = existing(platform.settings).status()
    if not now.running:
        raise OSError("it isn't running: parloir asterisk up")
    return f"{now.version}, up for {now.uptime}, {now.channels} channels"


def _agi(platform: Platform) -> str:
    agi = platform.settings.agi
    try:
        socket.create_connection((agi.host, agi.port), CONNECT_SECONDS).close()
    except OSError as error:
        raise OSError(f"port {agi.port} doesn't answer ({error}): parloir agi") from None
    return f"answers on {agi.host} port {agi.port}"
