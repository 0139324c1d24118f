"""``parloir status``: each part and its health."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import closing
from datetime import datetime

import click
from sqlalchemy import func, select

from cdr import recordings
from parloir.asterisk import existing
from parloir.common import EXPECTED, Platform, pass_platform
from store.hot import LIVE_SECONDS, Hot
from store.tables import calls
from store.types import now

CONNECT_SECONDS = 2.0


@click.command()
@pass_platform
def status(platform: Platform) -> None:
    """Tell how each part is; exit 1 when one is not well."""
    parts = (
        ("database", _database),
        ("Asterisk", _asterisk),
        ("AGI server", _agi),
        ("Redis", _redis),
        ("monitor", _monitor),
    )
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


def _redis(platform: Platform) -> str:
    with closing(Hot(platform.settings.redis_url)) as hot:
        if not hot.up():
            raise OSError(f"no answer at {platform.settings.redis_url}: parloir redis")
        today = hot.counted(now()) or {}
    return ", ".join(f"{number} {name}" for name, number in today.items()) or "nothing counted yet"


def _monitor(platform: Platform) -> str:
    with closing(Hot(platform.settings.redis_url)) as hot:
        seen = hot.monitor_seen() if hot.up() else _seen_calls(platform)
    ago = None if seen is None else (now() - seen).total_seconds()
    if ago is None or ago > LIVE_SECONDS:
        told = "not seen" if ago is None else f"not seen for {ago:.0f} s"
        raise OSError(f"{told}: parloir monitor")
    return f"seen {ago:.0f} s ago"


def _seen_calls(platform: Platform) -> datetime:
    """Without Redis the live calls tell when a monitor last saw them; raises OSError."""
    with platform.database.begin() as connection:
        seen = connection.execute(
            select(func.max(calls.c.seen_at)).where(calls.c.ended_at.is_(None))
        ).scalar_one()
    if seen is None:
        raise OSError("can't be told while Redis is down and no call is live")
    found: datetime = seen
    return found
