"""``parloir api``: the HTTP API, and the tokens by which it is asked."""

from __future__ import annotations

from datetime import timedelta

import click

from accounts.products import Party
from agi import logs
from api import server, tokens
from api.tokens import NewToken, Scope, Token
from parloir.common import Group, Platform, actor_option, pass_platform
from parloir.policy import sentence
from store.types import now

LONGEST_DAYS = 3660
ROLES = [role.value for role in tokens.GRANTABLE]
SCOPES = [scope.value for scope in Scope]


@click.group(cls=Group)
def api() -> None:
    """The HTTP API: accounts and payments."""


@api.command()
@pass_platform
def serve(platform: Platform) -> None:
    """Answer HTTP until SIGTERM; any number may run, each on its own port."""
    logs.set_up()
    server.serve(platform.settings, sentence)


@api.group(cls=Group)
def token() -> None:
    """Who may ask, for what, until when."""


@token.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--of", "subject", help="The account, person or facility that it is for.")
@click.option("--staff", "staff_id", help="For whom on the staff: it can do what the role may.")
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True)
@click.option("--days", type=click.IntRange(1, LONGEST_DAYS), default=365, show_default=True)
@actor_option
@pass_platform
def make(
    platform: Platform,
    name: str,
    role: str,
    subject: str | None,
    staff_id: str | None,
    scopes: tuple[str, ...],
    days: int,
    actor: str,
) -> None:
    """Make a token and show it, this once: only its hash is kept.

    For somebody on a staff, no --scope means all that their role may have.
    """
    at = now()
    good_for = frozenset(Scope(scope) for scope in scopes)
    new = NewToken(name, Party(role), good_for, subject, at + timedelta(days=days), staff_id)
    with platform.database.begin() as connection:
        made, secret = tokens.make(connection, new, actor, at)
    click.echo(f"token {made.id}, good until {made.expires_at:%Y-%m-%d}; it isn't shown again:")
    click.echo(secret)


@token.command("list")
@pass_platform
def list_(platform: Platform) -> None:
    """List every token, newest first."""
    with platform.database.begin() as connection:
        every = tokens.listed(connection)
    for one in every:
        whose = " ".join(filter(None, (one.role, one.subject, one.staff_id)))
        scopes = " ".join(sorted(one.scopes))
        click.echo(f"{one.id}  {_state(one):24}{whose:24} {one.name}  [{scopes}]")


@token.command()
@click.argument("token_id")
@actor_option
@pass_platform
def revoke(platform: Platform, token_id: str, actor: str) -> None:
    """Let a token open nothing any more, from now on."""
    with platform.database.begin() as connection:
        tokens.revoke(connection, token_id, actor, now())
    click.echo(f"token {token_id} is revoked")


def _state(one: Token) -> str:
    if one.revoked_at is not None:
        return f"revoked {one.revoked_at:%Y-%m-%d}"
    if one.dismissed:
        return "off the staff"
    return f"{'good until' if one.good(now()) else 'expired'} {one.expires_at:%Y-%m-%d}"
