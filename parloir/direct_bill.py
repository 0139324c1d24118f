"""``parloir account open-direct-bill`` and ``raise-limits``: credit, and what it depends on."""

from __future__ import annotations

import click

from accounts import direct_bill
from accounts.credit_check import Application, HolderKind
from blocklists.lists import dialable
from parloir.common import Platform, actor_option, pass_platform
from parloir.money import dollars
from store.types import now


@click.command("open-direct-bill")
@click.argument("account_id")
@click.option("--kind", type=click.Choice([kind.value for kind in HolderKind]), required=True)
@click.option("--holder", required=True, help="Who pays the bill.")
@click.option("--number", "numbers", multiple=True, required=True, help="May be given repeatedly.")
@click.option("--email", help="Where invoices go.")
@click.option("--address", help="Where invoices go.")
@click.option("--language", type=click.Choice(["en", "es"]), default="en", show_default=True)
@actor_option
@pass_platform
def open_direct_bill(
    platform: Platform,
    account_id: str,
    kind: str,
    holder: str,
    numbers: tuple[str, ...],
    email: str | None,
    address: str | None,
    language: str,
    actor: str,
) -> None:
    """Check the credit of a holder and open a direct bill account with its limit."""
    normal = tuple(dialable(number) for number in numbers)
    asked = Application(HolderKind(kind), holder, normal)
    with platform.database.begin() as connection:
        limit = direct_bill.apply(
            connection,
            account_id,
            asked,
            actor,
            now(),
            email=email,
            address=address,
            language=language,
        )
    click.echo(f"account {account_id} is billed monthly, up to {dollars(limit)} at any time")


@click.command("raise-limits")
@actor_option
@pass_platform
def raise_limits(platform: Platform, actor: str) -> None:
    """Raise the credit limit of every account that went well for long enough."""
    with platform.database.begin() as connection:
        raised = direct_bill.raise_limits(connection, actor, now())
    for account_id, limit in raised.items():
        click.echo(f"{account_id}  {dollars(limit)}")
    click.echo(f"{len(raised)} limits raised")
