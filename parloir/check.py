"""``parloir check`` and ``sweep``: is all as it must be, and mend what was left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import click
from sqlalchemy import Connection

from accounts import invariants as money
from accounts import periods
from agi.context import Context
from agi.sweeping import sweep_once
from billing.carriers import invariants as carriers
from calls import invariants as calls
from cdr import invariants as recordings
from custody import invariants as people
from ivr_prompts.catalogue import load_all
from parloir.asterisk import existing
from parloir.common import Platform, pass_platform
from store.database import Database
from store.settings import Settings

Rule = Callable[[Connection], Iterator[str]]


@click.command()
@pass_platform
def check(platform: Platform) -> None:
    """Check every invariant of money, calls and recordings; exit 1 when one is broken."""
    report(platform.settings, platform.database)


def report(settings: Settings, database: Database) -> None:
    """Tell of each rule whether it holds; raises ClickException when one is broken."""
    broken = 0
    for name, findings in findings_by_rule(settings, database):
        click.echo(f"{'ok    ' if not findings else 'BROKEN'} {name}")
        for finding in findings:
            click.echo(f"       {finding}")
        broken += bool(findings)
    if broken:
        raise click.ClickException(f"{broken} invariants are broken")


def findings_by_rule(settings: Settings, database: Database) -> Iterator[tuple[str, list[str]]]:
    """Each rule in words, with what breaks it."""
    for name, rule in _rules(settings):
        with database.begin() as connection:
            yield name, list(rule(connection))


@click.command()
@pass_platform
def sweep(platform: Platform) -> None:
    """End calls that no channel carries any more, seal recordings that were left."""
    context = Context(
        platform.settings, platform.database, platform.database, load_all(), platform.pin_key
    )
    swept = sweep_once(context, existing(platform.settings))
    click.echo(f"{len(swept)} calls ended" + "".join(f"\n{call_id}" for call_id in swept))


def _rules(settings: Settings) -> Iterator[tuple[str, Rule]]:
    spool = settings.asterisk_dir / "spool" / "monitor"
    yield "every entry's postings sum to zero", money.unbalanced_entries
    yield "cached balances equal the postings, within their limits", money.cached_balances
    yield "no hold outlives its lease", money.stale_holds
    yield "every reversal mirrors its entry, once", money.reversals_sound
    yield "what is promised back equals the open refunds", money.refunds_in_the_books
    yield "what payments gave back equals their refunds", money.payments_given_back
    yield "closed months have their control totals", periods.changed
    yield "the carriers owe what is open of their records", carriers.carriers_owe_what_is_open
    yield "every pack of the carriers has its totals", carriers.packs_have_their_totals
    yield "one CDR a call, and no ended call holds money", calls.one_cdr_a_call
    yield "every call's states follow each other as they may", calls.states_in_order
    yield "every call ended as its last state may", calls.ended_as_its_state_may
    yield "one off-hook is one person's, call after call", calls.one_off_hook_one_person
    yield "what is credited was granted, and no more than charged", calls.credits_as_granted
    yield "a person's own account pays for that person only", calls.debit_pays_for_its_owner
    yield "no charge without an acceptance", calls.no_charge_without_acceptance
    yield "everybody stands as was told of them", people.stands_as_told
    yield "every charge is as quoted, for no more than the talk", calls.charge_as_quoted
    yield (
        "no audio of a call that must not be recorded",
        lambda c: recordings.no_privileged_audio(c, spool, settings.recordings_dir),
    )
    yield "every recording is whole", recordings.recordings_are_whole
    yield "quarantine is closed, and nothing is missing", recordings.quarantine_is_closed
