"""``parloir facility``: the jails and prisons that calls come from."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import click

from custody import facilities
from parloir.common import Group, Platform, actor_option, pass_platform
from parloir.prompts import build_new_names
from store.types import AnyRow

NAMES = "Have people say their own names."
OVERLAY = "How often both parties are told where the call comes from; 0: never."
HOLD = "Hold the money of the whole longest call at once, or slice after slice."
ENDS = "Whether a live call ends when its caller is released, transferred or suspended."
DAILY = "What a person may talk in a day; 0: no limit."


@click.group(cls=Group)
def facility() -> None:
    """Jails and prisons."""


@facility.command("add")
@click.argument("facility_id")
@click.option("--name", required=True, help="As it is spoken to the called party.")
@click.option("--type", "kind", type=click.Choice(["jail", "prison"]), default="jail")
@click.option("--adp", required=True, help="Last year's average daily population.")
@click.option("--state", required=True, help="Two letters, such as OH.")
@click.option("--timezone", required=True, help="Such as America/New_York.")
@click.option("--longest-call", type=int, default=900, show_default=True, help="Seconds.")
@click.option("--exchange", default="", help="NPA-NXX of the address, such as 512555.")
@click.option("--record/--no-record", default=True, show_default=True)
@click.option("--record-names/--no-record-names", default=False, show_default=True, help=NAMES)
@click.option("--overlay-seconds", type=int, default=0, show_default=True, help=OVERLAY)
@click.option("--daily-minutes", type=int, default=0, show_default=True, help=DAILY)
@click.option("--hold-whole-call/--hold-slices", default=False, help=HOLD)
@actor_option
@pass_platform
def add_facility(
    platform: Platform,
    facility_id: str,
    name: str,
    kind: str,
    adp: str,
    state: str,
    timezone: str,
    longest_call: int,
    exchange: str,
    record: bool,
    record_names: bool,
    overlay_seconds: int,
    daily_minutes: int,
    hold_whole_call: bool,
    actor: str,
) -> None:
    """Add a facility."""
    try:
        population = Decimal(adp)
    except InvalidOperation:
        raise click.BadParameter(f"{adp!r} is no number", param_hint="--adp") from None
    facilities.add_facility(
        platform.database,
        facilities.Facility(
            id=facility_id,
            name=name,
            facility_type=kind,
            adp=population,
            state=state.upper(),
            timezone=timezone,
            longest_call_seconds=longest_call,
            records=record,
            exchange=exchange,
            records_name=record_names,
            overlay_seconds=overlay_seconds,
            daily_minutes=daily_minutes or None,
            holds_whole_call=hold_whole_call,
        ),
        actor,
    )
    build_new_names(platform.settings, platform.database)
    click.echo(f"facility {facility_id} added")


@facility.command("list")
@pass_platform
def list_facilities(platform: Platform) -> None:
    """List the facilities with what was set for each."""
    with platform.database.begin() as connection:
        for row in facilities.every_facility(connection):
            click.echo(_line(row))


@facility.command("set")
@click.argument("facility_id")
@click.option("--record-names/--no-record-names", "records_name", default=None, help=NAMES)
@click.option("--overlay-seconds", type=int, help=OVERLAY)
@click.option("--daily-minutes", type=int, help=DAILY)
@click.option("--hold-whole-call/--hold-slices", "holds_whole_call", default=None, help=HOLD)
@click.option("--end-live-calls/--keep-live-calls", "ends_live_calls", default=None, help=ENDS)
@click.option("--caller-id", help="What called parties see, in digits; empty: the platform's own.")
@actor_option
@click.option("--note", default="", help="Why: it is kept.")
@pass_platform
def set_facility(
    platform: Platform, /, facility_id: str, actor: str, note: str, **given: object
) -> None:
    """Change what is given, from the next call on."""
    facilities.set_facility(platform.database, facility_id, given, actor, note)
    click.echo(f"facility {facility_id} is changed")


@facility.command("exchange")
@click.argument("facility_id")
@click.argument("exchange")
@actor_option
@click.option("--note", default="", help="Why: it is kept.")
@pass_platform
def move_facility(
    platform: Platform, facility_id: str, exchange: str, actor: str, note: str
) -> None:
    """Say in which EXCHANGE (NPA-NXX, such as 512555) the facility's street address lies."""
    facilities.set_facility(platform.database, facility_id, {"exchange": exchange}, actor, note)
    click.echo(f"facility {facility_id} lies in {exchange or 'no known exchange'}")


@facility.command("show")
@click.argument("facility_id")
@pass_platform
def show_facility(platform: Platform, facility_id: str) -> None:
    """Show a facility, and what was set for it by whom."""
    with platform.database.begin() as connection:
        click.echo(_line(facilities.find_facility(connection, facility_id)))
        for one in facilities.orders(connection, facility_id):
            said = ", ".join(
                f"{name} {_said(old)} -> {_said(new)}" for name, (old, new) in one.changes.items()
            )
            line = f"{one.at:%Y-%m-%d %H:%M} {one.kind} by {one.actor}: {said or 'added'}"
            click.echo(f"{line} ({one.note})" if one.note else line)


def _line(one: AnyRow) -> str:
    ends = "released people's calls end at once" if one.ends_live_calls else "live calls go on"
    daily = f"{one.daily_minutes} minutes a day" if one.daily_minutes else "no daily limit"
    return (
        f"{one.id:16} {one.name}, {one.state}, {one.timezone}; "
        f"{one.longest_call_seconds} s a call, {daily}; "
        f"{'recorded' if one.records else 'not recorded'}; {ends}"
    )


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value in (None, "") else str(value)
