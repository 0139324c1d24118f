"""``parloir facility``, ``phone``, ``person``: who is where."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import click

from calls import places
from parloir.common import Group, Platform, pass_platform
from parloir.prompts import build_new_names


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
        ),
    )
    build_new_names(platform.settings, platform.database)
    click.echo(f"facility {facility_id} added")


@facility.command("exchange")
@click.argument("facility_id")
@click.argument("exchange")
@pass_platform
def move_facility(platform: Platform, facility_id: str, exchange: str) -> None:
    """Say in which EXCHANGE (NPA-NXX, such as 512555) the facility's street address lies."""
    places.move_facility(platform.database, facility_id, exchange)
    click.echo(f"facility {facility_id} lies in {exchange or 'no known exchange'}")


@click.group(cls=Group)
def phone() -> None:
    """Phones in a facility."""


@phone.command("add")
@click.argument("phone_id")
@click.option("--facility", "facility_id", required=True)
@pass_platform
def add_phone(platform: Platform, phone_id: str, facility_id: str) -> None:
    """Add a phone and print its SIP password, once."""
    password = places.add_phone(platform.database, phone_id, facility_id)
    click.echo(f"phone {phone_id} added; SIP user {phone_id}, password {password}")
    click.echo("it is known to Asterisk after: parloir asterisk up")


@click.group(cls=Group)
def person() -> None:
    """People in custody."""


@person.command("add")
@click.argument("person_id")
@click.option("--facility", "facility_id", required=True)
@click.option("--name", required=True, help="As it is spoken to the called party.")
@click.option("--pin", prompt=True, hide_input=True, help="4 to 6 digits.")
@pass_platform
def add_person(platform: Platform, person_id: str, facility_id: str, name: str, pin: str) -> None:
    """Add a person; PERSON_ID is the number that is keyed on the phone."""
    places.add_person(platform.database, platform.pin_key, person_id, facility_id, name, pin)
    build_new_names(platform.settings, platform.database)
    click.echo(f"person {person_id} added")
