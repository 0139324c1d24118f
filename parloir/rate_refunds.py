"""``parloir rate refunds``: propose what a re-rate gives back, look at it, post it once."""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict
from datetime import datetime

import click

from billing.refunds import (
    Basis,
    Proposal,
    Sum,
    left_to_a_person,
    post_run,
    proposals,
    propose,
    sums,
)
from parloir.common import Group, Platform, pass_platform
from parloir.money import dollars
from parloir.rate_prices import all_facilities, named_deck, prices_in_force
from parloir.rate_rerate import DAY, rerate_with_bar, run_name
from parloir.rate_text import report_lines
from rating.rows import Vocabulary
from rating.rules import RULES_VERSION, Book, book
from store.types import now


@click.group(cls=Group)
def refunds() -> None:
    """Give back what past calls were charged too much: propose, list, post."""


@refunds.command("propose")
@click.option("--from", "first", type=DAY, required=True, help="First day (UTC).")
@click.option("--to", "last", type=DAY, required=True, help="Last day (UTC).")
@click.option("--deck", "name", help="A deck file or version; else the deck in force.")
@click.option("--run", required=True, callback=run_name, help="Name of the run.")
@click.option("--reason", required=True, help="Why, for the ledger and the account holder.")
@pass_platform
def propose_refunds(
    platform: Platform, first: datetime, last: datetime, name: str | None, run: str, reason: str
) -> None:
    """Re-rate past calls and propose a ledger entry for each that was overcharged.

    Nothing is posted. What the run proposed before and nobody has posted is replaced.
    """
    prices = book(named_deck(platform, name)) if name else prices_in_force(platform)
    words = Vocabulary.of(prices, list(all_facilities(platform).values()))
    report = rerate_with_bar(platform, words, first.date(), last.date(), run)
    with platform.database.begin() as connection:
        propose(connection, _basis(run, reason, prices))
        left = left_to_a_person(connection, run)
        found = sums(connection, run)
    click.echo("\n".join([*report_lines(report), *map(_sum, found)]))
    for call in left:
        click.echo(f"call {call}: something else was posted on it; left to you")


@refunds.command("list")
@click.argument("run", default="")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@pass_platform
def list_refunds(platform: Platform, run: str, as_json: bool) -> None:
    """Show what RUN proposes, call by call; without RUN, the sums of every run."""
    with platform.database.begin() as connection:
        if not run:
            found = sums(connection)
            click.echo("\n".join(map(_sum, found)) or "no refunds are proposed")
        for one in proposals(connection, run):
            click.echo(json.dumps(asdict(one)) if as_json else _line(one))


@refunds.command("post")
@click.argument("run")
@click.option("--by", "actor", default=getpass.getuser, help="Who decided; else you.")
@pass_platform
def post_refunds(platform: Platform, run: str, actor: str) -> None:
    """Post what RUN proposes to the accounts, exactly once however often it is asked for."""
    post_run(platform.database, run, actor, now())
    with platform.database.begin() as connection:
        click.echo("\n".join(map(_sum, sums(connection, run))))


def _basis(run: str, reason: str, prices: Book) -> Basis:
    versions = (prices.deck.version, prices.caps.version, RULES_VERSION)
    return Basis(run, reason, *versions, getpass.getuser(), now())


def _sum(one: Sum) -> str:
    what = f"{dollars(one.cents)} to {one.accounts} accounts for {one.calls} calls"
    return f"{one.run}  {one.outcome or 'proposed'}  {what}"


def _line(one: Proposal) -> str:
    lines = (("base", one.base_cents), ("additive", one.additive_cents), ("tax", one.tax_cents))
    parts = ", ".join(f"{name} {dollars(cents)}" for name, cents in lines if cents)
    decks = f"deck {one.charged_by or 'none'} -> {one.deck or 'none'}"
    known = f"{one.account_id}  {dollars(one.cents)}  call {one.call_id}"
    return f"{known}  ({parts}; {decks})  {one.outcome or 'proposed'}: {one.reason}"
