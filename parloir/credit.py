"""``parloir credit``: requests to credit a call that was cut off."""

from __future__ import annotations

import click

from calls.credits import grant, open_requests, refuse
from parloir.common import Group, Platform, actor_option, note_option, pass_platform
from parloir.money import Amount, dollars


@click.group(cls=Group)
def credit() -> None:
    """Requests of callers to credit a call that was cut off."""


@credit.command("list")
@pass_platform
def list_(platform: Platform) -> None:
    """List the requests that wait for a decision, oldest first."""
    with platform.database.begin() as connection:
        waiting = open_requests(connection)
    for one in waiting:
        click.echo(
            f"{one.call_id}  asked {one.asked_at:%Y-%m-%d %H:%M}  {one.person_id:>12}  "
            f"{one.number:13} {one.cause:20} {one.talk_ms // 1000:>5} s  "
            f"{dollars(one.charged_cents):>7} from {one.account_id}"
        )


@credit.command("grant")
@click.argument("call_id")
@click.argument("amount", type=Amount())
@actor_option
@note_option
@pass_platform
def grant_(platform: Platform, call_id: str, amount: int, actor: str, note: str) -> None:
    """Give AMOUNT back to the account that paid, at most what was charged."""
    grant(platform.database, call_id.upper(), amount, actor, note)
    click.echo(f"{dollars(amount)} credited for call {call_id.upper()}")


@credit.command("refuse")
@click.argument("call_id")
@actor_option
@note_option
@pass_platform
def refuse_(platform: Platform, call_id: str, actor: str, note: str) -> None:
    """Give nothing back."""
    refuse(platform.database, call_id.upper(), actor, note)
    click.echo(f"no credit for call {call_id.upper()}")
