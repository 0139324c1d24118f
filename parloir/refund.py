"""``parloir refund``: unused money on its way back to its owner."""

from __future__ import annotations

import secrets

import click

from accounts import life, refunds
from accounts.ledger import LedgerError
from accounts.payments.stripe_gateway import StripeGateway
from accounts.policy import Act, may
from accounts.products import Party
from accounts.refunds import Refund
from parloir.common import Group, Platform, actor_option, note_option, pass_platform
from parloir.money import Amount, dollars
from store.types import now


@click.group(cls=Group)
def refund() -> None:
    """Unused money that goes back to its owner."""


@refund.command()
@click.argument("account_id")
@click.option("--amount", type=Amount(), help="All that is the account's own, if not said.")
@click.option("--key", help="The same key is never refunded twice.")
@actor_option
@note_option
@pass_platform
def request(
    platform: Platform,
    account_id: str,
    amount: int | None,
    key: str | None,
    actor: str,
    note: str,
) -> None:
    """Promise money of an account back to its owner, who asked for it."""
    key = key or secrets.token_hex(8)
    with platform.database.begin() as connection:
        _refuse_unless_allowed(life.find(connection, account_id), account_id)
        made = refunds.request(connection, account_id, amount, key, "requested", actor, now(), note)
    for one in made:
        click.echo(_line(one))


@refund.command("list")
@click.option("--of", "account_id", help="Every refund of this account.")
@pass_platform
def list_(platform: Platform, account_id: str | None) -> None:
    """List refunds that aren't paid out, the most urgent first."""
    with platform.database.begin() as connection:
        found = (
            refunds.of_account(connection, account_id)
            if account_id
            else refunds.not_paid_out(connection)
        )
    for one in found:
        click.echo(_line(one))


@refund.command()
@pass_platform
def send(platform: Platform) -> None:
    """Give back by the gateway what came by it; what had no answer is asked for again."""
    sent = refunds.send_due(platform.database, StripeGateway.of(platform.settings), now())
    told = f"{sent.done} given back, {sent.waiting} on their way, {sent.failed} failed"
    click.echo(f"{told}, {sent.unanswered} without an answer: ask again")


@refund.group(cls=Group)
def check() -> None:
    """Refunds that go by check."""


@check.command()
@click.argument("refund_id")
@click.argument("number")
@pass_platform
def issued(platform: Platform, refund_id: str, number: str) -> None:
    """Check NUMBER was sent."""
    with platform.database.begin() as connection:
        new = refunds.check_issued(connection, refund_id, number, now())
    click.echo(f"refund {refund_id}: check {number} {'sent' if new else 'was sent before'}")


@check.command()
@click.argument("refund_id")
@actor_option
@pass_platform
def cashed(platform: Platform, refund_id: str, actor: str) -> None:
    """The check was cashed."""
    with platform.database.begin() as connection:
        new = refunds.check_cashed(connection, refund_id, actor, now())
    click.echo(f"refund {refund_id} {'is' if new else 'was'} paid out")


@check.command()
@click.argument("refund_id")
@note_option
@pass_platform
def returned(platform: Platform, refund_id: str, note: str) -> None:
    """The check came back, or is void."""
    with platform.database.begin() as connection:
        refunds.check_returned(connection, refund_id, note, now())
    click.echo(f"refund {refund_id} has failed: send another check, or escheat it in time")


@refund.command()
@click.argument("refund_id")
@note_option
@pass_platform
def failed(platform: Platform, refund_id: str, note: str) -> None:
    """The gateway couldn't give it back, and didn't tell by itself."""
    with platform.database.begin() as connection:
        new = refunds.failed(connection, refund_id, note, now())
    click.echo(f"refund {refund_id} {'has failed' if new else 'had failed or was settled'}")


@refund.command()
@click.argument("refund_id")
@actor_option
@note_option
@pass_platform
def escheat(platform: Platform, refund_id: str, actor: str, note: str) -> None:
    """Set a failed refund aside for the state, as its law on unclaimed property says."""
    with platform.database.begin() as connection:
        refunds.escheat(connection, refund_id, actor, now(), note)
    click.echo(f"refund {refund_id} is unclaimed property")


@refund.command()
@click.argument("refund_id")
@actor_option
@note_option
@pass_platform
def remit(platform: Platform, refund_id: str, actor: str, note: str) -> None:
    """The state has received unclaimed property."""
    with platform.database.begin() as connection:
        refunds.remit(connection, refund_id, actor, now(), note)
    click.echo(f"refund {refund_id} was remitted to the state")


def _refuse_unless_allowed(account: life.Account | None, account_id: str) -> None:
    if account is None:
        raise LedgerError(f"no account {account_id}")
    if not may(Party.STAFF, Act.ASK_REFUND, account.product):
        raise LedgerError(f"{account.product} holds no money that could be refunded")


def _line(one: Refund) -> str:
    way = f"payment {one.payment_id}" if one.payment_id else f"check {one.check_number or '-'}"
    late = " LATE" if one.status in ("requested", "sent") and one.due_at < now() else ""
    told = f"{dollars(one.cents):>10}  {one.status:9} due {one.due_at:%Y-%m-%d}{late}"
    return f"{one.id}  {one.account_id:20} {told}  {one.cause}, {way}  {one.failure or ''}".rstrip()
