"""``parloir monitor``: renews the money of live calls, says warnings, knows what lives."""

from __future__ import annotations

import click

from agi import logs
from asterisk_conf import secret
from monitor import service
from parloir.common import Platform, pass_platform


@click.command()
@pass_platform
def monitor(platform: Platform) -> None:
    """Look after live calls until SIGTERM; any number may run."""
    logs.set_up()
    service.serve(platform.settings, secret.kept(platform.settings))
