"""``parloir call`` and ``cdr``: look up what happened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from calls import journal, live, orders
from cdr import records
from parloir.common import Group, Platform, actor_option, pass_platform
from parloir.money import dollars
from store import tables
from store.hot import Hot
from store.live_calls import LiveCall, Shown
from store.types import AnyRow, now

SECOND = timedelta(seconds=1)


@click.group(cls=Group)
def call() -> None:
    """Calls: live and past, with all that is known."""


@call.command("show")
@click.argument("call_id")
@pass_platform
def show_call(platform: Platform, call_id: str) -> None:
    """Show a call: states, prompts and keys, the decision and its reasons, money, channels."""
    with platform.database.begin() as connection:
        row = connection.execute(
            select(tables.calls).where(tables.calls.c.id == call_id.upper())
        ).one_or_none()
        events = journal.read(connection, call_id.upper())
        record = records.find(connection, call_id.upper())
        ordered = orders.orders(connection, call_id.upper())
    if row is None:
        raise click.ClickException(f"no call {call_id}")
    click.echo(f"call {row.id}  phone {row.phone_id}  person {row.person_id or '-'}")
    if row.follows:
        click.echo(f"follows call {row.follows} of the same off-hook")
    click.echo(f"channels  caller {row.caller_channel}  called {row.called_channel or '-'}")
    for event in events:
        click.echo(f"  {event.at:%H:%M:%S.%f}  {event.leg:7} {event.kind:8} {event.detail}")
    for order in ordered:
        click.echo(f"  {order.at:%H:%M:%S.%f}  {order.kind} by {order.actor}: {order.cause}")
    for rule, answer in (row.decision or {}).get("trail", []):
        click.echo(f"  decision  {rule:14} {answer}")
    if record is None:
        click.echo("still live: no CDR yet")
        return
    show_record(record)


@call.command("cut-off")
@click.argument("call_id")
@click.option("--note", required=True, help="Why: it is kept.")
@actor_option
@pass_platform
def cut_off(platform: Platform, call_id: str, note: str, actor: str) -> None:
    """End a call that rings or lasts, within seconds: both parties hear that it was ordered."""
    with platform.database.begin() as connection:
        orders.cut_off(connection, call_id.upper(), note, actor, now())
    click.echo(f"call {call_id.upper()} is being cut off")


@call.command("live")
@pass_platform
def live_calls(platform: Platform) -> None:
    """List the calls that haven't ended: state, talk so far, and how long the money lasts."""
    with closing(Hot(platform.settings.redis_url)) as hot:
        shown = hot.live()
    at = now()
    if shown is None:
        with platform.database.begin() as connection:
            shown = Shown(at, live.live_now(connection))
        source = "from the database"
    else:
        source = f"as the monitor saw them {(at - shown.at).total_seconds():.0f} s ago"
    for one in shown.calls:
        click.echo(_live_line(one, at))
    click.echo(f"{len(shown.calls)} calls live, {source}")


def _live_line(one: LiveCall, at: datetime) -> str:
    return (
        f"{one.id}  {one.state:10} {one.person_id or '-':>12}  {one.number or '-':13} "
        f"{one.account_id or '-':16} talked {_seconds(one.accepted_at, at):>5} s  "
        f"left {_seconds(at, one.ends_at):>5} s"
    )


def _seconds(start: datetime | None, end: datetime | None) -> str:
    return "-" if start is None or end is None else str(max(0, (end - start) // SECOND))


@click.group(cls=Group)
def cdr() -> None:
    """Call detail records."""


@cdr.command("list")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@pass_platform
def list_(platform: Platform, limit: int) -> None:
    """List the latest records."""
    with platform.database.begin() as connection:
        rows = records.newest(connection, limit)
    for row in rows:
        click.echo(
            f"{row.call_id}  {row.started_at:%Y-%m-%d %H:%M:%S}  {row.person_id or '-':>12}  "
            f"{row.number or '-':13} {row.cause:20} {row.billed_seconds:>5} s  "
            f"{dollars(row.charged_cents):>7}"
        )


@cdr.command("show")
@click.argument("call_id")
@pass_platform
def show_cdr(platform: Platform, call_id: str) -> None:
    """Show one record as a table."""
    with platform.database.begin() as connection:
        record = records.find(connection, call_id.upper())
    if record is None:
        raise click.ClickException(f"no CDR of a call {call_id}")
    show_record(record)


def show_record(record: AnyRow) -> None:
    """Print a record as a table."""
    table = Table("CDR")
    table.add_column(record.call_id, overflow="fold")
    for name, value in _facts(record):
        table.add_row(name, value)
    Console(soft_wrap=False).print(table)


def _facts(record: AnyRow) -> Iterator[tuple[str, str]]:
    yield "phone, person", f"{record.phone_id}, {record.person_id or 'nobody identified'}"
    yield "dialled, number", f"{record.dialled or '-'}, {record.number or '-'}"
    yield from record.states.items()
    yield "cause of the end", record.cause
    if record.refusal_code:
        yield "refusal code", str(record.refusal_code)
    yield "talk, billed", f"{record.talk_ms} ms, {record.billed_seconds} s"
    for kind, cents in record.lines:
        yield f"charge: {kind}", dollars(cents)
    payer = f"{record.account_id} ({record.product})" if record.account_id else "nobody"
    yield "charged", f"{dollars(record.charged_cents)} to {payer}"
    if record.note:
        yield "note", record.note
    yield "rate", (record.quote or {}).get("rule", "-")
    yield (
        "deck, caps, code",
        f"{record.deck_version or 'none'}, {record.caps_version or '-'}, {record.code_version}",
    )
    yield "privileged, recorded", f"{_yes(record.privileged)}, {_yes(record.recorded)}"
    if record.recording_path:
        yield "recording", record.recording_path
        yield "length, bytes", f"{record.recording_ms} ms, {record.recording_bytes}"
        yield "SHA-256", record.recording_sha256
    if record.quarantined:
        yield "in quarantine", f"nobody may hear it: {record.quarantined}; {record.quarantine_path}"
    yield "Asterisk", ", ".join(f"{leg} {unique}" for leg, unique in record.asterisk.items())


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"
