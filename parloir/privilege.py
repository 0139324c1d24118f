"""``parloir privilege``: the registry of numbers that are never recorded, and its sweep."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

import click

from blocklists.privilege import entries, notices, registry, sending
from blocklists.privilege.attorneys import must_be_attorney
from blocklists.privilege.notices import Notice
from blocklists.privilege.registry import Entry, PrivilegeKind
from calls import quarantining
from cdr import quarantine
from parloir.common import Group, Platform, actor_option, pass_platform
from parloir.moments import Moment
from store.mail import MailDown
from store.types import AnyRow, now

_KINDS = click.Choice([one.value for one in PrivilegeKind])


@click.group(cls=Group)
def privilege() -> None:
    """Numbers that are never recorded: lawyers, clergy, doctors, consulates."""


@privilege.command()
@click.argument("number")
@click.option("--proof", required=True, help="What was checked, and where it is on file.")
@click.option("--kind", type=_KINDS, default=PrivilegeKind.ATTORNEY.value, show_default=True)
@click.option("--attorney", "attorney_id", help="Whose number it is.")
@click.option("--facility", "facility_id", help="Only there; else everywhere.")
@click.option("--person", "person_id", help="Only for this person's calls.")
@click.option(
    "--until", "expires", type=Moment(end_of_day=True), help="Until lifted, if not said (UTC)."
)
@click.option("--note", default="")
@actor_option
@pass_platform
def add(
    platform: Platform,
    number: str,
    proof: str,
    kind: str,
    attorney_id: str | None,
    facility_id: str | None,
    person_id: str | None,
    expires: datetime | None,
    note: str,
    actor: str,
) -> None:
    """Register NUMBER: calls to it aren't recorded from this moment on, live ones included."""
    scope = (attorney_id, facility_id, person_id)
    entry = Entry(number, proof, PrivilegeKind(kind), *scope, expires, note)
    with platform.database.begin() as connection:
        found = entries.find(connection, registry.register(connection, entry, actor, now()))
    click.echo(f"registered: {_line(found)}" if found else "")


@privilege.command("list")
@click.argument("number", required=False)
@click.option("--attorney", "attorney_id", help="Only this attorney's.")
@click.option("--all", "past", is_flag=True, help="Those that were lifted or have expired, too.")
@pass_platform
def list_(platform: Platform, number: str | None, attorney_id: str | None, past: bool) -> None:
    """List the entries in force: number, whom they bind, proof, who decided it, until when."""
    with platform.database.begin() as connection:
        must_be_attorney(connection, attorney_id)
        rows = entries.listed(connection, now(), number=number, attorney_id=attorney_id, past=past)
    for row in rows:
        click.echo(_line(row))


@privilege.command()
@click.argument("entry_id", type=int)
@actor_option
@pass_platform
def lift(platform: Platform, entry_id: int, actor: str) -> None:
    """End an entry: later calls may be recorded. What was said before stays privileged."""
    with platform.database.begin() as connection:
        row = registry.lift(connection, entry_id, actor, now())
    click.echo(_line(row))


@privilege.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be set aside.")
@actor_option
@pass_platform
def sweep(platform: Platform, dry_run: bool, actor: str) -> None:
    """Compare all recordings with the registry; quarantine what nobody may hear; tell lawyers.

    Exit 1 when a recording could not be set aside.
    """
    if dry_run:
        found = list(quarantining.pending(platform.database, now()))
        for call_id in found:
            click.echo(f"{call_id} would be set aside")
        click.echo(f"{len(found)} recordings would be set aside")
        return
    recordings_dir = platform.settings.recordings_dir
    swept = quarantining.sweep(platform.database, recordings_dir, actor, now())
    click.echo(
        f"{swept.recordings} recordings compared, {swept.quarantined} set aside, "
        f"{swept.notices} notices to lawyers"
    )
    if swept.failed:
        raise click.ClickException(f"{swept.failed} could not be set aside: see the log")


@privilege.command("quarantined")
@pass_platform
def quarantined(platform: Platform) -> None:
    """List what is in quarantine, and why."""
    with platform.database.begin() as connection:
        rows = quarantine.cases(connection)
    for row in rows:
        click.echo(f"{row.call_id}  {row.at:%Y-%m-%d %H:%M}  {row.why}, by {row.actor}: {row.path}")


@privilege.command("notices")
@click.option("--all", "sent", is_flag=True, help="Those that were sent, too.")
@pass_platform
def notices_(platform: Platform, sent: bool) -> None:
    """List what lawyers are to be told, each in their own language, and why it isn't sent yet."""
    with platform.database.begin() as connection:
        found = notices.listed(connection, sent=sent)
    for one in found:
        click.echo(f"{one.id}  {_state(one)}: {one.text}")


@privilege.command()
@pass_platform
def send(platform: Platform) -> None:
    """E-mail the notices that wait, by the mail server of the settings; 'daily' does the same."""
    if not platform.settings.mail.host:
        raise click.ClickException("no mail server is set (mail.host): 'parloir privilege notices'")
    try:
        counts = asdict(sending.send_due(platform.database, platform.settings))
    except MailDown as error:
        raise click.ClickException(str(error)) from None
    click.echo(", ".join(f"{count} {word.replace('_', ' ')}" for word, count in counts.items()))


@privilege.command()
@click.argument("notice_id", type=int)
@pass_platform
def sent(platform: Platform, notice_id: int) -> None:
    """Note that a notice was sent in another way, such as by letter."""
    with platform.database.begin() as connection:
        notices.note_sent(connection, notice_id, now())
    click.echo(f"notice {notice_id} was sent")


def _state(one: Notice) -> str:
    to = f"to {one.letter.name}"
    if one.sent_at:
        return f"sent {one.sent_at:%Y-%m-%d}, {to}"
    if one.by_letter:
        return f"to be sent, {to} by letter ({one.by_letter})"
    put_off = f" (not yet: {one.fault})" if one.fault else ""
    return f"to be sent, {to} <{one.letter.email}>{put_off}"


def _line(row: AnyRow) -> str:
    where = row.facility_id or "everywhere"
    whose = f" for person {row.person_id}" if row.person_id else ""
    who = f", {row.attorney_id}" if row.attorney_id else ""
    return (
        f"{row.id}  {row.number}  {row.kind}{who}, {where}{whose}, by {row.actor}, "
        f"{row.at:%Y-%m-%d %H:%M} {_until(row)}; proof: {row.proof or 'none on file'}"
        + (f" ({row.note})" if row.note else "")
    )


def _until(row: AnyRow) -> str:
    if row.lifted_at:
        return f"lifted {row.lifted_at:%Y-%m-%d %H:%M} by {row.lifted_by}"
    return f"until {row.expires_at:%Y-%m-%d %H:%M}" if row.expires_at else "until lifted"
