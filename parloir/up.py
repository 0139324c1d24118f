"""``parloir up``: the sample jail, kept running for softphones of one's own."""

from __future__ import annotations

import signal
from pathlib import Path

import click

from parloir import sample
from parloir.initialise import create
from parloir.stack import Stack


@click.command()
@click.option(
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var"),
    show_default=True,
    help="Where the trial keeps its files; they stay for the next time.",
)
def up(directory: Path) -> None:
    """Keep a sample jail running until Ctrl-C, to call in with your own softphones."""
    settings = create(directory.resolve())
    loaded = sample.load_sample(settings)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Stack(settings.state_dir / "parloir.toml", [loaded.called]) as stack:
        sip = stack.settings.asterisk
        click.echo(
            f"facility phone  SIP user {loaded.caller.id}  password {loaded.caller.password}"
        )
        click.echo(f"                registrar {sip.bind}:{sip.sip_port} (UDP), dial anything")
        click.echo(
            f"called party    SIP user {loaded.called.id}  password {loaded.called.password}"
        )
        click.echo(f"                registrar {sip.trunk_host}:{sip.trunk_port} (UDP)")
        click.echo(f"on the line     ID {sample.PERSON}#  PIN {sample.PIN}#  ", nl=False)
        click.echo(f"number {sample.NUMBER.removeprefix('+1')}#  confirm 1")
        click.echo(f"look around     parloir --settings {stack.settings_file} status")
        click.echo("Ctrl-C ends it")
        try:
            signal.pause()
        except KeyboardInterrupt:
            click.echo("going down")
