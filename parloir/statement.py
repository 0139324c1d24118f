"""``parloir statement``: what each account had in a month, paid and has left."""

from __future__ import annotations

from pathlib import Path

import click

from billing.render import Sender
from billing.statements import of_month
from parloir.common import Group, Platform, pass_platform
from parloir.moments import Month
from parloir.pages import (
    directory_option,
    file_of,
    file_option,
    format_option,
    language_option,
    page,
    put,
)


@click.group(cls=Group)
def statement() -> None:
    """Monthly statements of every account."""


@statement.command()
@click.argument("account_id")
@click.argument("month", type=Month())
@format_option
@language_option
@file_option
@pass_platform
def show(
    platform: Platform,
    account_id: str,
    month: str,
    form: str,
    language: str | None,
    out: Path | None,
) -> None:
    """Show an account's statement of MONTH (such as 2026-10, UTC)."""
    with platform.database.begin() as connection:
        found = list(of_month(connection, month, account_id))
    if not found:
        raise click.ClickException(f"account {account_id} had nothing in {month}")
    sender = Sender.of(platform.settings)
    put(page(form, found[0], language, sender), form, out)


@statement.command("all")
@click.argument("month", type=Month())
@format_option
@language_option
@directory_option
@pass_platform
def all_(platform: Platform, month: str, form: str, language: str | None, out: Path) -> None:
    """Write every account's statement of MONTH, a file each."""
    out.mkdir(parents=True, exist_ok=True)
    sender, count = Sender.of(platform.settings), 0
    with platform.database.begin() as connection:
        for one in of_month(connection, month):
            made = page(form, one, language, sender)
            file_of(out, one.account_id, form).write_bytes(made)
            count += 1
    click.echo(f"{count} statements of {month} in {out}")
