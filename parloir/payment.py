"""``parloir payment``: what was paid in, files of payments, the gateway's books against ours."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import click

from accounts.ledger import LedgerError
from accounts.payments import imports, records, unmatched, webhooks
from accounts.payments.reconcile import reconcile
from accounts.payments.stripe_gateway import StripeGateway
from calls import renewal
from parloir.common import Group, Platform, actor_option, note_option, pass_platform
from parloir.moments import Moment
from parloir.money import dollars
from store import hot
from store.types import now


@click.group(cls=Group)
def payment() -> None:
    """Money that comes in: payments, files of payments, the gateway."""


@payment.command()
@click.argument("payment_id")
@pass_platform
def show(platform: Platform, payment_id: str) -> None:
    """Show one payment."""
    with platform.database.begin() as connection:
        one = records.find(connection, payment_id)
    if one is None:
        raise LedgerError(f"no payment {payment_id}")
    card = f"{one.card_brand} ending in {one.card_last4}" if one.card_last4 else ""
    facts = {
        "payment": f"{one.id} ({one.status})",
        "amount": dollars(one.cents),
        "account": one.account_id,
        "payer": one.payer,
        "method": f"{one.method} {card}".strip(),
        "gateway": f"{one.gateway} {one.gateway_id or ''}".strip() if one.gateway else None,
        "import": one.import_id,
        "asked for": f"{one.created_at:%Y-%m-%d %H:%M:%S} UTC",
        "paid": f"{one.succeeded_at:%Y-%m-%d %H:%M:%S} UTC" if one.succeeded_at else None,
        "failure": one.failure,
        "given back": dollars(one.refunded_cents) if one.refunded_cents else None,
        "disputed": dollars(one.disputed_cents) if one.disputed_cents else None,
    }
    click.echo("\n".join(f"{name:12}{fact}" for name, fact in facts.items() if fact))


@payment.command("list")
@click.option("--account", "account_id", help="Only of this account.")
@click.option("--most", default=50, show_default=True, help="How many, the newest first.")
@pass_platform
def list_(platform: Platform, account_id: str | None, most: int) -> None:
    """List payments, the newest first."""
    with platform.database.begin() as connection:
        for one in records.listed(connection, account_id, most):
            click.echo(
                f"{one.created_at:%Y-%m-%d %H:%M:%S}  {one.id}  {dollars(one.cents):>10}  "
                f"{one.status:9}  {one.method:7}  {one.account_id}"
            )


@payment.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@actor_option
@pass_platform
def import_(platform: Platform, file: Path, actor: str) -> None:
    """Take FILE of lockbox, cash or trust payments: whole or not at all, and once."""
    at = now()
    with platform.database.begin() as connection:
        taken = imports.take(connection, file.read_bytes(), actor, at)
        for account_id in sorted(taken.account_ids):
            renewal.deposited(connection, account_id, at)
    hot.wake(platform.settings)
    click.echo(
        f"import {taken.id} ({taken.kind} {taken.name}): "
        f"{taken.items} items, {dollars(taken.cents)} paid in"
    )


@payment.command("reconcile")
@click.argument("day", type=Moment(), required=False)
@pass_platform
def reconcile_(platform: Platform, day: datetime | None) -> None:
    """Hold the gateway's books of DAY (yesterday, if not said) against ours."""
    at = now()
    gateway = StripeGateway.of(platform.settings)
    late = webhooks.handle_pending(platform.database, gateway.name, at)
    chosen = (day or at - timedelta(days=1)).date()
    found = reconcile(platform.database, gateway, chosen, at)
    if late:
        click.echo(f"{len(late)} webhooks were handled late")
    click.echo(
        f"{chosen}: {found.matched} match, {found.queued} new in the queue; "
        f"paid over {dollars(found.payouts_cents)}, fees {dollars(found.fees_cents)}"
    )


@payment.command("unmatched")
@click.option("--resolved", is_flag=True, help="Those that were resolved, and how.")
@pass_platform
def unmatched_(platform: Platform, *, resolved: bool) -> None:
    """List what didn't match and waits for a person."""
    with platform.database.begin() as connection:
        items = unmatched.items(connection, resolved=resolved)
    for one in items:
        click.echo(
            f"{one.id:6}  {one.found_at:%Y-%m-%d}  {one.problem:14}  {dollars(one.cents):>10}  "
            f"{one.source} {one.reference}: {one.detail}"
        )
        if one.resolved_at:
            click.echo(f"{'':8}{one.resolved_at:%Y-%m-%d} {one.resolved_by}: {one.resolution}")
    if not items:
        click.echo("nothing was resolved yet" if resolved else "everything matches")


@payment.command()
@click.argument("item", type=int)
@actor_option
@note_option
@pass_platform
def resolve(platform: Platform, item: int, actor: str, note: str) -> None:
    """Say what was done about ITEM of the queue."""
    with platform.database.begin() as connection:
        unmatched.resolve(connection, item, actor, note, now())
    click.echo(f"item {item} is resolved")
