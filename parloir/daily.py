"""``parloir daily``: what has to be done once a day; more often does no harm."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from accounts import inactivity, refunds
from accounts.payments.stripe_gateway import StripeGateway
from billing import dunning
from blocklists.privilege import sending
from calls import quarantining
from parloir.common import Platform, pass_platform
from parloir.moments import Moment
from store.mail import MailDown
from store.types import now

logger = logging.getLogger(__name__)


class NotDone(Exception):
    """A job had to leave something for the next time; the message says what."""


@click.command()
@click.option("--at", type=Moment(), help="As if it were then. Now, if not said.")
@pass_platform
def daily(platform: Platform, at: datetime | None) -> None:
    """Remind, suspend and lift; find accounts that nobody uses; send refunds; sweep recordings;
    write to lawyers.

    Each job is whole by itself: one that fails keeps no other from its work, and what a job has
    done it doesn't do again. Exit 1 when one has failed.
    """
    moment = at or now()
    failed = [name for name, job in JOBS.items() if not _done(name, job, platform, moment)]
    if failed:
        raise click.ClickException(f"not done: {', '.join(failed)}")


def _done(
    name: str, job: Callable[[Platform, datetime], Any], platform: Platform, at: datetime
) -> bool:
    try:
        counts = asdict(job(platform, at))
    except NotDone as error:
        click.echo(f"{name:12}{error}")
        return False
    except Exception as error:
        # Whatever it is, the other jobs are about other people.
        logger.exception("%s", name)
        click.echo(f"{name:12}failed: {error}")
        return False
    click.echo(f"{name:12}" + ", ".join(f"{count} {word}" for word, count in counts.items()))
    return True


def _dunning(platform: Platform, at: datetime) -> dunning.Dunned:
    with platform.database.begin() as connection:
        return dunning.run(connection, at, platform.settings.billing)


def _inactivity(platform: Platform, at: datetime) -> inactivity.Ran:
    with platform.database.begin() as connection:
        return inactivity.run(connection, at)


def _refunds(platform: Platform, at: datetime) -> refunds.Sent:
    """A platform that takes no cards needs no gateway."""
    with platform.database.begin() as connection:
        waiting = [one for one in refunds.not_paid_out(connection) if one.payment_id]
    if not waiting:
        return refunds.Sent()
    sent = refunds.send_due(platform.database, StripeGateway.of(platform.settings), at)
    if sent.unanswered:
        raise NotDone(f"the gateway doesn't answer: {sent.unanswered} wait for the next run")
    return sent


def _privilege(platform: Platform, at: datetime) -> quarantining.Swept:
    """No recording of a number that is privileged stays where it can be heard."""
    recordings_dir = platform.settings.recordings_dir
    swept = quarantining.sweep(platform.database, recordings_dir, "parloir daily", at)
    if swept.failed:
        raise NotDone(f"{swept.failed} recordings could not be set aside: see the log")
    return swept


def _notices(platform: Platform, _: datetime) -> sending.Sent:
    """What is sent is sent now, whatever moment the other jobs are told."""
    try:
        return sending.send_due(platform.database, platform.settings)
    except MailDown as error:
        raise NotDone(str(error)) from None


JOBS: dict[str, Callable[[Platform, datetime], Any]] = {
    "invoices": _dunning,
    "inactivity": _inactivity,
    "refunds": _refunds,
    "privilege": _privilege,
    "notices": _notices,
}
