"""``parloir redis``: the platform's own Redis, in the foreground."""

from __future__ import annotations

import os

import click

from parloir.common import Platform, pass_platform
from store.redis_server import RedisServer


@click.command()
@pass_platform
def redis(platform: Platform) -> None:
    """Run the platform's Redis until it is told to end; it keeps nothing on the disk."""
    if platform.settings.redis:
        raise click.ClickException(f"the settings name another Redis: {platform.settings.redis}")
    server = RedisServer(platform.settings.redis_dir.absolute())
    command = server.command()
    if server.running:
        raise click.ClickException(f"it runs already, process {server.pid}")
    os.execv(command[0], command)
