"""``parloir account``: what is done about an account in the course of its life."""

from __future__ import annotations

import click

from accounts import life, prepaid
from accounts.life import ClosedFor, SuspendedFor
from blocklists.lists import dialable
from parloir.common import Group, Platform, actor_option, note_option, pass_platform
from parloir.money import dollars
from store.types import now

_SUSPENSION = click.Choice([cause.value for cause in SuspendedFor])
_CLOSING = click.Choice([cause.value for cause in ClosedFor])
_cause = click.option("--cause", type=_SUSPENSION, default="staff", show_default=True)
_why = click.option("--note", default="", help="Why: it is kept.")


@click.command()
@click.argument("account_id")
@actor_option
@_why
@pass_platform
def verify(platform: Platform, account_id: str, actor: str, note: str) -> None:
    """Note that somebody made sure who the holder is."""
    with platform.database.begin() as connection:
        new = life.verify(connection, account_id, actor, now(), note)
    click.echo(f"account {account_id} {'is' if new else 'was'} verified{'' if new else ' before'}")


@click.command()
@click.argument("account_id")
@_cause
@actor_option
@note_option
@pass_platform
def suspend(platform: Platform, account_id: str, cause: str, actor: str, note: str) -> None:
    """Let an account pay for no new call, until it is lifted."""
    with platform.database.begin() as connection:
        new = life.suspend(connection, account_id, cause, actor, now(), note)
    click.echo(f"account {account_id} {'is' if new else 'was already'} suspended: {cause}")


@click.command()
@click.argument("account_id")
@_cause
@actor_option
@note_option
@pass_platform
def lift(platform: Platform, account_id: str, cause: str, actor: str, note: str) -> None:
    """End a suspension for one cause; for other causes the account stays suspended."""
    with platform.database.begin() as connection:
        lifted = life.lift(connection, account_id, cause, actor, now(), note)
        account = life.find(connection, account_id)
    assert account is not None
    told = "lifted" if lifted else f"wasn't suspended for {cause}"
    still = f", still suspended: {account.suspended_for}" if account.suspended_for else ""
    click.echo(f"account {account_id} {told}{still}")


@click.command()
@click.argument("account_id")
@click.option("--cause", type=_CLOSING, default="requested", show_default=True)
@actor_option
@note_option
@pass_platform
def close(platform: Platform, account_id: str, cause: str, actor: str, note: str) -> None:
    """Close an account: unused money is refunded, its numbers are free again."""
    with platform.database.begin() as connection:
        before = prepaid.find(connection, account_id)
        new = life.close(connection, account_id, cause, actor, now(), note)
    assert before is not None
    back = f"; {dollars(before.balance_cents)} go back" if before.balance_cents else ""
    click.echo(
        f"account {account_id} is closed{back}" if new else f"{account_id} was closed before"
    )


@click.command()
@click.argument("person_id")
@actor_option
@note_option
@pass_platform
def release(platform: Platform, person_id: str, actor: str, note: str) -> None:
    """Pay out and close the own account of a person who leaves custody."""
    with platform.database.begin() as connection:
        closed = life.release(connection, person_id, actor, now(), note)
    whose = f"person {person_id}"
    click.echo(f"account {closed} of {whose} is closed" if closed else f"{whose} has none open")


@click.command()
@click.argument("account_id")
@pass_platform
def interest(platform: Platform, account_id: str) -> None:
    """Note that the holder answered or showed interest: it isn't inactive."""
    with platform.database.begin() as connection:
        life.refuse_strangers(connection, account_id)
        life.interest(connection, account_id, now())
    click.echo(f"account {account_id}: its inactivity is counted from today")


@click.command()
@click.argument("account_id")
@pass_platform
def orders(platform: Platform, account_id: str) -> None:
    """List what was done about an account, why and by whom."""
    with platform.database.begin() as connection:
        life.refuse_strangers(connection, account_id)
        done = life.orders(connection, account_id)
    for one in done:
        told = f"{one.kind:14} {one.cause:16} {one.actor:16} {one.note}"
        click.echo(f"{one.at:%Y-%m-%d %H:%M:%S}  {told}".rstrip())


@click.group(cls=Group)
def number() -> None:
    """The numbers whose calls an account pays for."""


@number.command()
@click.argument("account_id")
@click.argument("called")
@actor_option
@_why
@pass_platform
def add(platform: Platform, account_id: str, called: str, actor: str, note: str) -> None:
    """Let the account pay for calls to CALLED."""
    with platform.database.begin() as connection:
        life.add_number(connection, account_id, dialable(called), actor, now(), note)
    click.echo(f"account {account_id} pays for calls to {dialable(called)}")


@number.command()
@click.argument("account_id")
@click.argument("called")
@actor_option
@_why
@pass_platform
def remove(platform: Platform, account_id: str, called: str, actor: str, note: str) -> None:
    """Let the account pay for calls to CALLED no longer."""
    with platform.database.begin() as connection:
        paid = life.remove_number(connection, account_id, dialable(called), actor, now(), note)
    told = "pays no longer" if paid else "didn't pay"
    click.echo(f"account {account_id} {told} for calls to {dialable(called)}")


LIFE = (verify, suspend, lift, close, release, interest, orders, number)
