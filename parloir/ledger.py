"""``parloir ledger``: the books: what was posted, taking it back, months, the general ledger."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

import click

from accounts import history, periods
from accounts import reversal as reversals
from accounts.export import export
from accounts.months import end_of, start_of
from parloir.common import Group, Platform, actor_option, note_option, pass_platform
from parloir.moments import Month
from parloir.money import dollars
from store.types import EPOCH, now

CHANGED = "the books of a closed month have changed"


@click.group(cls=Group)
def ledger() -> None:
    """The books: entries, reversals, months, the general ledger."""


@ledger.command()
@click.argument("key", required=False)
@click.option("--account", "account_id", help="Everything on one account, with its balance.")
@click.option("--month", type=Month(), help="Of the account: only this month.")
@click.option("--call", "call_id", help="Everything that was posted for a call.")
@pass_platform
def show(
    platform: Platform,
    key: str | None,
    account_id: str | None,
    month: str | None,
    call_id: str | None,
) -> None:
    """Show the entry KEY, an account's statement, or what a call has cost and brought."""
    if [key, account_id, call_id].count(None) != 2:
        raise click.UsageError("say one of KEY, --account and --call")
    with platform.database.begin() as connection:
        if account_id:
            since, until = (start_of(month), end_of(month)) if month else (EPOCH, None)
            for line in history.history(connection, account_id, since, until):
                click.echo(_statement_line(line))
            return
        if call_id:
            found = history.entries_of_call(connection, call_id.upper())
        else:
            found = [history.entry(connection, str(key))]
    click.echo("\n\n".join(map(_whole, found)) or f"nothing was posted for call {call_id}")


@ledger.command()
@click.argument("key")
@actor_option
@note_option
@pass_platform
def reverse(platform: Platform, key: str, actor: str, note: str) -> None:
    """Take the entry KEY back: its mirror image is posted, once."""
    with platform.database.begin() as connection:
        new = reversals.reverse(connection, key, actor, note, now())
    click.echo(f"{key} is reversed" if new else f"{key} was reversed before")


@ledger.command()
@click.argument("month", type=Month())
@actor_option
@pass_platform
def close(platform: Platform, month: str, actor: str) -> None:
    """Close MONTH (such as 2026-10, UTC): nothing is posted into it any more. For good."""
    click.echo(_period(periods.close(platform.database, month, actor, now())))


@ledger.command("periods")
@pass_platform
def periods_(platform: Platform) -> None:
    """List the closed months with their control totals; exit 1 when one has changed."""
    with platform.database.begin() as connection:
        for period in periods.closed(connection):
            click.echo(_period(period))
        due = periods.next_month(connection)
        changed = list(periods.changed(connection))
    click.echo(f"next to close: {due or 'none, nothing was posted yet'}")
    if changed:
        raise click.ClickException("\n".join([CHANGED, *changed]))


@ledger.command("export")
@click.argument("first", type=Month())
@click.argument("last", type=Month(), required=False)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="A file, not the screen."
)
@pass_platform
def export_(platform: Platform, first: str, last: str | None, out: Path | None) -> None:
    """Write the entries of the month FIRST, or FIRST to LAST, as CSV for a general ledger."""
    target = out.open("w", encoding="utf-8", newline="") if out else nullcontext(sys.stdout)
    with platform.database.begin() as connection, target as file:
        totals = export(connection, first, last or first, file)
    told = f"{totals.entries} entries, debits and credits {dollars(totals.debit_cents)} each"
    click.echo(told, err=True)


def _period(period: periods.Period) -> str:
    totals = period.totals
    return (
        f"{period.month}  closed {period.closed_at:%Y-%m-%d %H:%M} by {period.actor}: "
        f"{totals.entries} entries, debits and credits {dollars(totals.debit_cents)} each"
    )


def _statement_line(line: history.Line) -> str:
    return (
        f"{line.at:%Y-%m-%d %H:%M:%S}  {line.kind:10}  {dollars(line.cents):>10}  "
        f"{dollars(line.balance_cents):>10}  {line.key}"
    )


def _whole(entry: history.Posted) -> str:
    facts = {
        "entry": f"{entry.key} ({entry.kind})",
        "posted": f"{entry.at:%Y-%m-%d %H:%M:%S} UTC by {entry.actor}",
        "call": entry.call_id,
        "note": entry.note,
        "reverses": entry.reverses,
        "reversed by": entry.reversed_by,
    }
    told = [f"{name:12}{fact}" for name, fact in facts.items() if fact]
    for line in entry.lines:
        side = "debit" if line.cents < 0 else "credit"
        told.append(f"  {side:10}{dollars(abs(line.cents)):>10}  {line.account_id}")
    return "\n".join(told)
