"""``parloir agi``: the FastAGI server that Asterisk's calls talk to."""

from __future__ import annotations

import click

from agi import logs, service
from parloir.asterisk import existing
from parloir.common import Platform, pass_platform


@click.command()
@pass_platform
def agi(platform: Platform) -> None:
    """Serve calls until SIGTERM; then live scripts may finish."""
    logs.set_up()
    service.serve(platform.settings, platform.pin_key, existing(platform.settings))
