"""``parloir facility``: the jails and prisons that calls come from."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import click

from custody import places
from parloir.common import Group, Platform, pass_platform
from parloir.prompts import build_new_names

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
) -> None:
    """Add a facility."""
    try:
        population = Decimal(adp)
    except InvalidOperation:
        raise click.BadParameter(f"{adp!r} is no number", param_hint="--adp") from None
    places.add_facility(
        platform.database,
        places.Facility(
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
    )
    build_new_names(platform.settings, platform.database)
    click.echo(f"facility {facility_id} added")


@facility.command("list")
@pass_platform
def list_facilities(platform: Platform) -> None:
    """List the facilities with what was set for each."""
    with platform.database.begin() as connection:
        every = places.facilities_all(connection)
    for one in every:
        ends = "released people's calls end at once" if one.ends_live_calls else "live calls go on"
        daily = f"{one.daily_minutes} minutes a day" if one.daily_minutes else "no daily limit"
        click.echo(
            f"{one.id:16} {one.name}, {one.state}, {one.timezone}; "
            f"{one.longest_call_seconds} s a call, {daily}; "
            f"{'recorded' if one.records else 'not recorded'}; {ends}"
        )


@facility.command("set")
@click.argument("facility_id")
@click.option("--record-names/--no-record-names", default=None, help=NAMES)
@click.option("--overlay-seconds", type=int, help=OVERLAY)
@click.option("--daily-minutes", type=int, help=DAILY)
@click.option("--hold-whole-call/--hold-slices", default=None, help=HOLD)
@click.option("--end-live-calls/--keep-live-calls", default=None, help=ENDS)
@click.option("--caller-id", help="What called parties see, in digits; empty: the platform's own.")
@pass_platform
def set_facility(
    platform: Platform,
    facility_id: str,
    record_names: bool | None,
    overlay_seconds: int | None,
    daily_minutes: int | None,
    hold_whole_call: bool | None,
    end_live_calls: bool | None,
    caller_id: str | None,
) -> None:
    """Change what is given, from the next call on."""
    places.set_facility(
        platform.database,
        facility_id,
        records_name=record_names,
        overlay_seconds=overlay_seconds,
        daily_minutes=daily_minutes,
        holds_whole_call=hold_whole_call,
        ends_live_calls=end_live_calls,
        caller_id=caller_id,
    )
    click.echo(f"facility {facility_id} is changed")


@facility.command("exchange")
@click.argument("facility_id")
@click.argument("exchange")
@pass_platform
def move_facility(platform: Platform, facility_id: str, exchange: str) -> None:
    """Say in which EXCHANGE (NPA-NXX, such as 512555) the facility's street address lies."""
    places.move_facility(platform.database, facility_id, exchange)
    click.echo(f"facility {facility_id} lies in {exchange or 'no known exchange'}")
