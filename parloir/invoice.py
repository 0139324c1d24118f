"""``parloir invoice``: the monthly invoices of direct bill."""

from __future__ import annotations

from pathlib import Path

import click

from billing import invoices
from billing.render import Sender
from parloir.common import Group, Platform, pass_platform
from parloir.moments import Month
from parloir.money import dollars
from parloir.pages import (
    directory_option,
    file_of,
    file_option,
    format_option,
    language_option,
    page,
    put,
)
from store.types import now


@click.group(cls=Group)
def invoice() -> None:
    """Invoices of direct bill accounts."""


@invoice.command()
@click.argument("month", type=Month())
@pass_platform
def issue(platform: Platform, month: str) -> None:
    """Issue the invoices of the closed MONTH, once each."""
    with platform.database.begin() as connection:
        new = invoices.issue(connection, month, now(), platform.settings.billing)
        issued = invoices.listed(connection, month=month)
    due = sum(one.due_cents for one in issued)
    click.echo(f"{new} new invoices; {len(issued)} of {month}, {dollars(due)} due")


@invoice.command("list")
@click.option("--account", "account_id", help="Only this account's.")
@click.option("--month", type=Month(), help="Only this month's.")
@pass_platform
def list_(platform: Platform, account_id: str | None, month: str | None) -> None:
    """List invoices: what was asked for, until when, and what isn't paid of it."""
    with platform.database.begin() as connection:
        found = invoices.listed(connection, account_id, month)
    for one in found:
        click.echo(
            f"{one.id:24}  {dollars(one.due_cents):>10}  due {one.due_at:%Y-%m-%d}"
            f"  open {dollars(one.open_cents):>10}"
        )


@invoice.command()
@click.argument("invoice_id")
@format_option
@language_option
@file_option
@pass_platform
def show(
    platform: Platform, invoice_id: str, form: str, language: str | None, out: Path | None
) -> None:
    """Show an invoice as it is sent."""
    with platform.database.begin() as connection:
        found = invoices.find(connection, invoice_id)
        statement = invoices.statement_of(connection, found)
    sender = Sender.of(platform.settings)
    put(page(form, statement, language, sender, found), form, out)


@invoice.command("all")
@click.argument("month", type=Month())
@format_option
@language_option
@directory_option
@pass_platform
def all_(platform: Platform, month: str, form: str, language: str | None, out: Path) -> None:
    """Write every invoice of MONTH, a file each."""
    out.mkdir(parents=True, exist_ok=True)
    sender, count = Sender.of(platform.settings), 0
    with platform.database.begin() as connection:
        for one, statement in invoices.with_statements(connection, month):
            file_of(out, one.id, form).write_bytes(page(form, statement, language, sender, one))
            count += 1
    click.echo(f"{count} invoices of {month} in {out}")
