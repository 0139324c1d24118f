"""``parloir asterisk``: the Asterisk of this platform."""

from __future__ import annotations

import click

from agi.lines import take_lines
from asterisk_conf.errors import AsteriskError
from asterisk_conf.install import find, find_or_build
from asterisk_conf.instance import Instance
from parloir.common import Group, Platform, pass_platform
from parloir.prompts import build_prompts
from store.database import Database
from store.settings import Settings


@click.group(cls=Group)
def asterisk() -> None:
    """Asterisk: up, down, how it is, its console."""


@asterisk.command()
@pass_platform
def up(platform: Platform) -> None:
    """Start Asterisk, or hand the running one changed settings and phones."""
    instance = prepared(platform.settings, platform.database)
    instance.up()
    click.echo(f"Asterisk {instance.status().version} is up, SIP on port {_sip(platform)}")


@asterisk.command()
@pass_platform
def down(platform: Platform) -> None:
    """Stop Asterisk at once, live calls with it."""
    existing(platform.settings).down()
    click.echo("Asterisk is down")


@asterisk.command("reload")
@pass_platform
def hand_over(platform: Platform) -> None:
    """Hand the running Asterisk its phones, trunks and hotlines at once; live calls go on."""
    instance = existing(platform.settings)
    if not instance.is_running():
        raise AsteriskError("Asterisk isn't running: 'parloir asterisk up' starts it")
    take_lines(instance, platform.database)
    changed = instance.follow()
    click.echo("Asterisk has taken what was changed" if changed else "nothing was changed")


@asterisk.command()
@pass_platform
def status(platform: Platform) -> None:
    """Tell whether Asterisk runs."""
    now = existing(platform.settings).status()
    state = f"up for {now.uptime}, {now.channels} channels" if now.running else "down"
    click.echo(f"Asterisk {now.version}: {state}")


@asterisk.command()
@click.argument("words", nargs=-1, required=True)
@pass_platform
def cli(platform: Platform, words: tuple[str, ...]) -> None:
    """Run a command on Asterisk's console, such as: core show channels."""
    click.echo(existing(platform.settings).cli(" ".join(words)), nl=False)


def prepared(settings: Settings, database: Database) -> Instance:
    """The platform's Asterisk with its phones and prompts in place, not started."""
    installation = find_or_build(lambda line: click.echo(line, err=True))
    instance = Instance(installation, settings)
    take_lines(instance, database)
    instance.prepare()
    build_prompts(settings, database)
    return instance


def existing(settings: Settings) -> Instance:
    """The platform's Asterisk as it is. Raises :class:`AsteriskError` when there is none."""
    installation = find()
    if installation is None:
        raise AsteriskError("there is no Asterisk 22 here yet: 'parloir asterisk up' gets one")
    return Instance(installation, settings)


def _sip(platform: Platform) -> int:
    return platform.settings.asterisk.sip_port
