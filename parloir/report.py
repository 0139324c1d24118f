"""``parloir report``: what a facility is told of its month, and what it was paid."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

import click

from billing import site as sites
from parloir.common import Group, Platform, actor_option, note_option, pass_platform
from parloir.moments import Month
from parloir.money import Amount, dollars
from store.types import now


@click.group(cls=Group)
def report() -> None:
    """Monthly reports for facilities."""


@report.command()
@click.argument("facility_id")
@click.argument("month", type=Month())
@click.option("--csv", "as_csv", is_flag=True, help="Cents, as a table for another program.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="A file, not the screen."
)
@pass_platform
def site(platform: Platform, facility_id: str, month: str, as_csv: bool, out: Path | None) -> None:
    """Report a facility's MONTH: calls, minutes, charges, additive, taxes, credits, payments."""
    with platform.database.begin() as connection:
        found = sites.report(connection, facility_id, month)
    target = out.open("w", encoding="utf-8", newline="") if out else nullcontext(sys.stdout)
    with target as file:
        if as_csv:
            sites.write_csv(found, file)
        else:
            file.write("\n".join(_lines(found)) + "\n")


@report.command()
@click.argument("facility_id")
@click.argument("month", type=Month())
@click.argument("amount", type=Amount())
@click.option("--key", required=True, help="The payment's own id: it is recorded once.")
@actor_option
@note_option
@pass_platform
def pay(
    platform: Platform,
    facility_id: str,
    month: str,
    amount: int,
    key: str,
    actor: str,
    note: str,
) -> None:
    """Record that a facility was paid AMOUNT of the additive of the closed MONTH, and no more."""
    one = sites.Payment(facility_id, month, amount, key, actor, now(), note)
    with platform.database.begin() as connection:
        new = sites.pay(connection, one)
        found = sites.report(connection, facility_id, month)
    told = "recorded" if new else "was recorded before"
    paid, collected = dollars(found.paid_cents), dollars(found.collected_cents)
    click.echo(f"{key} {told}; {paid} of {collected} paid")


_HEADS = ("minutes", "base", "additive", "taxes", "credits")


def _lines(found: sites.SiteReport) -> list[str]:
    state = "final" if found.final else "not final: its books are open"
    heads = "".join(f"{head:>12}" for head in _HEADS)
    return [
        f"{found.name} ({found.facility_id}), {found.month} (UTC), {state}",
        f"{'product':20}{'jurisdiction':15}{'calls':>7}{heads}",
        *map(_row, (*found.rows, found.total)),
        f"additive collected, less its share of credits: {dollars(found.collected_cents)}",
        *(
            f"paid {one.at:%Y-%m-%d} {dollars(one.cents)} by {one.actor}: {one.key} {one.note}"
            for one in found.payments
        ),
        f"paid to the facility: {dollars(found.paid_cents)}",
    ]


def _row(row: sites.SiteRow) -> str:
    money = (row.base_cents, row.additive_cents, row.tax_cents, row.credit_cents)
    cells = "".join(f"{dollars(cents):>12}" for cents in money)
    minutes = f"{row.seconds // 60}:{row.seconds % 60:02}"
    product = row.product or "free"
    return f"{product:20}{row.jurisdiction:15}{row.calls:>7}{minutes:>12}{cells}"
