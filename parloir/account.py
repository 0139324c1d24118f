"""``parloir account``: accounts, their money, their lives."""

from __future__ import annotations

import secrets
from datetime import datetime

import click

from accounts import life, prepaid
from accounts.adjusting import AGAINST, Adjustment, adjust
from accounts.chart import HOUSE
from accounts.history import balance_at
from accounts.ledger import Kind, LedgerError
from accounts.opening import LANGUAGES, NewAccount, open_account
from accounts.products import ProductId
from blocklists.lists import dialable
from calls import renewal
from parloir.account_data import DATA
from parloir.account_life import LIFE
from parloir.common import Group, Platform, actor_option, note_option, pass_platform
from parloir.direct_bill import open_direct_bill, raise_limits
from parloir.moments import Moment
from parloir.money import Amount, dollars
from store import hot
from store.types import now


@click.group(cls=Group)
def account() -> None:
    """Accounts that pay for calls."""


@account.command("open")
@click.argument("account_id")
@click.option("--holder", required=True, help="Whose money it is.")
@click.option("--number", "numbers", multiple=True, required=True, help="May be given repeatedly.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--email", help="Where statements and notices go.")
@click.option("--address", help="Where checks and paper go.")
@actor_option
@pass_platform
def open_(
    platform: Platform,
    account_id: str,
    holder: str,
    numbers: tuple[str, ...],
    language: str,
    email: str | None,
    address: str | None,
    actor: str,
) -> None:
    """Open a prepaid collect account for the calls to its numbers."""
    normal = tuple(dialable(number) for number in numbers)
    new = NewAccount(
        account_id,
        ProductId.PREPAID_COLLECT,
        holder,
        normal,
        language=language,
        email=email,
        address=address,
    )
    with platform.database.begin() as connection:
        open_account(connection, new, actor, now())
    click.echo(f"account {account_id} pays for calls to {', '.join(normal)}")


@account.command("open-debit")
@click.argument("account_id")
@click.option("--person", "person_id", required=True, help="Whose own account it is.")
@click.option("--holder", required=True, help="The person's name, as it stands on receipts.")
@actor_option
@pass_platform
def open_debit(
    platform: Platform, account_id: str, person_id: str, holder: str, actor: str
) -> None:
    """Open a person's own account for the calls that the person chooses to pay."""
    new = NewAccount(account_id, ProductId.INMATE_DEBIT, holder, person_id=person_id)
    with platform.database.begin() as connection:
        open_account(connection, new, actor, now())
    click.echo(f"account {account_id} pays for calls of person {person_id}")


@account.command()
@click.argument("account_id")
@click.argument("amount", type=Amount())
@click.option("--key", help="The payment's own id: the same key is never paid in twice.")
@click.option("--by", "actor", default="command line", show_default=True)
@pass_platform
def deposit(platform: Platform, account_id: str, amount: int, key: str | None, actor: str) -> None:
    """Pay AMOUNT into an account."""
    with platform.database.begin() as connection:
        new = prepaid.deposit(connection, account_id, amount, key or secrets.token_hex(8), actor)
        renewal.deposited(connection, account_id, now())
        balance = prepaid.find(connection, account_id)
    hot.wake(platform.settings)
    assert balance is not None
    told = f"{dollars(amount)} paid in" if new else f"payment {key} was paid in before"
    click.echo(f"{told}; balance {dollars(balance.balance_cents)}")


@account.command("post", context_settings={"ignore_unknown_options": True})
@click.argument("account_id")
@click.argument("amount", type=Amount())
@click.option("--reason", type=click.Choice([kind.value for kind in AGAINST]), required=True)
@click.option("--against", type=click.Choice(list(HOUSE)), help="The other side of it.")
@click.option("--key", help="The same key is never posted twice.")
@click.option("--at", type=Moment(), help="When it belongs to, in an open month. Now, if not said.")
@actor_option
@note_option
@pass_platform
def post_(
    platform: Platform,
    account_id: str,
    amount: int,
    reason: str,
    against: str | None,
    key: str | None,
    at: datetime | None,
    actor: str,
    note: str,
) -> None:
    """Correct an account by AMOUNT: to its credit, or below zero to its debit."""
    kind = Kind(reason)
    other = against or AGAINST[kind]
    key = key or secrets.token_hex(8)
    one = Adjustment(account_id, amount, kind, key, actor, note, at or now(), other)
    with platform.database.begin() as connection:
        new = adjust(connection, one)
        balance = prepaid.find(connection, account_id)
    assert balance is not None
    told = f"{kind}:{key} posted" if new else f"{kind}:{key} was posted before"
    click.echo(f"{told}; balance {dollars(balance.balance_cents)}")


@account.command()
@click.argument("account_id")
@click.option("--at", type=Moment(end_of_day=True), help="What stood on it then, from the ledger.")
@pass_platform
def show(platform: Platform, account_id: str, at: datetime | None) -> None:
    """Show an account's money, now or at a moment in the past."""
    with platform.database.begin() as connection:
        balance = prepaid.find(connection, account_id)
        then = balance_at(connection, account_id, at) if at else None
        account = life.find(connection, account_id)
    if balance is None or account is None:
        raise LedgerError(f"no account {account_id}")
    click.echo(f"account    {balance.account_id} ({balance.holder})")
    if at is not None and then is not None:
        click.echo(f"balance    {dollars(then)} at {at:%Y-%m-%d %H:%M:%S} UTC")
        return
    why = f" ({account.suspended_for})" if account.suspended_for else ""
    click.echo(f"product    {account.product}, {account.status}{why}, {account.inactivity}")
    click.echo(f"numbers    {', '.join(account.numbers) or '-'}")
    click.echo(f"balance    {dollars(balance.balance_cents)}")
    click.echo(f"held       {dollars(balance.held_cents)}")
    click.echo(f"available  {dollars(balance.available_cents)}")


for command in (*LIFE, *DATA, open_direct_bill, raise_limits):
    account.add_command(command)
