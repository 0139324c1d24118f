"""``parloir phone``: the phones that people in custody call from."""

from __future__ import annotations

from dataclasses import replace

import click

from custody.facilities import must_be_facility
from custody.lines import phones
from custody.lines.phones import Phone
from custody.lines.shared import orders
from parloir import line_test
from parloir.common import Group, Platform, actor_option, note_option, pass_platform
from store.types import AnyRow, now

TAKES = "Asterisk knows it within seconds of 'parloir agi', or after 'parloir asterisk reload'."
transport = click.option(
    "--transport", type=click.Choice(["udp", "tcp", "tls"]), help="Of its SIP."
)
encrypt = click.option("--encrypt/--no-encrypt", default=None, help="SRTP or no sound; needs tls.")
codecs = click.option("--codecs", help="Best first, such as g722,ulaw,alaw.")


@click.group(cls=Group)
def phone() -> None:
    """Phones in a facility."""


@phone.command("add")
@click.argument("phone_id")
@click.option("--facility", "facility_id", required=True)
@click.option("--unit", "unit_id", help="The unit it hangs in.")
@click.option("--label", default="", help="Where it hangs, for staff.")
@transport
@encrypt
@codecs
@click.option("--address", "addresses", multiple=True, help="May come from here only; repeatable.")
@actor_option
@pass_platform
def add_phone(
    platform: Platform,
    phone_id: str,
    facility_id: str,
    unit_id: str | None,
    label: str,
    transport: str | None,
    encrypt: bool | None,
    codecs: str | None,
    addresses: tuple[str, ...],
    actor: str,
) -> None:
    """Add a phone and print its SIP password, once."""
    new = Phone(phone_id, facility_id, unit_id, label, addresses=",".join(addresses))
    new = _described(new, transport=transport, encrypts=encrypt, codecs=codecs)
    with platform.database.begin() as connection:
        password = phones.add_phone(connection, new, actor, now())
    click.echo(f"phone {phone_id} added; SIP user {phone_id}, password {password}")
    click.echo(TAKES)


@phone.command("set")
@click.argument("phone_id")
@click.option("--unit", "unit_id", help="The unit it hangs in.")
@click.option("--label", help="Where it hangs, for staff.")
@transport
@encrypt
@codecs
@click.option("--address", "addresses", multiple=True, help="May come from here only; repeatable.")
@click.option("--any-address", is_flag=True, help="May come from anywhere.")
@actor_option
@note_option
@pass_platform
def set_phone(
    platform: Platform,
    phone_id: str,
    unit_id: str | None,
    label: str | None,
    transport: str | None,
    encrypt: bool | None,
    codecs: str | None,
    addresses: tuple[str, ...],
    any_address: bool,
    actor: str,
    note: str,
) -> None:
    """Change what is given."""
    given = {"unit_id": unit_id, "label": label, "transport": transport, "codecs": codecs}
    where = "" if any_address else ",".join(addresses) or None
    with platform.database.begin() as connection:
        known = phones.find_phone(connection, phone_id)
        changed = _described(_as_kept(known), **given, encrypts=encrypt, addresses=where)
        phones.change_phone(connection, changed, actor, note, now())
    click.echo(f"phone {phone_id} is changed\n{TAKES}")


@phone.command("password")
@click.argument("phone_id")
@actor_option
@note_option
@pass_platform
def new_password(platform: Platform, phone_id: str, actor: str, note: str) -> None:
    """Give a phone another SIP password and print it, once."""
    with platform.database.begin() as connection:
        password = phones.new_password(connection, phone_id, actor, note, now())
    click.echo(f"phone {phone_id}: SIP user {phone_id}, password {password}\n{TAKES}")


@phone.command("off")
@click.argument("phone_id")
@actor_option
@note_option
@pass_platform
def switch_off(platform: Platform, phone_id: str, actor: str, note: str) -> None:
    """Let nobody call from a phone, from the next call on; hotlines are still reached."""
    _switch(platform, phone_id, False, actor, note)


@phone.command("on")
@click.argument("phone_id")
@actor_option
@note_option
@pass_platform
def switch_on(platform: Platform, phone_id: str, actor: str, note: str) -> None:
    """Let people call from a phone again."""
    _switch(platform, phone_id, True, actor, note)


@phone.command("list")
@click.option("--facility", "facility_id", help="This one's only.")
@pass_platform
def list_phones(platform: Platform, facility_id: str | None) -> None:
    """List the phones."""
    with platform.database.begin() as connection:
        must_be_facility(connection, facility_id)
        for row in phones.phones_of(connection, facility_id):
            click.echo(_line(row))


@phone.command("show")
@click.argument("phone_id")
@pass_platform
def show_phone(platform: Platform, phone_id: str) -> None:
    """Show a phone and what was done to it."""
    with platform.database.begin() as connection:
        click.echo(_line(phones.find_phone(connection, phone_id)))
        for one in orders(connection, "phone", phone_id):
            click.echo(f"{one.at:%Y-%m-%d %H:%M} {one.kind} by {one.actor} {one.note}".rstrip())


@phone.command("test")
@click.argument("phone_id")
@pass_platform
def test_phone(platform: Platform, phone_id: str) -> None:
    """Ring a phone: whoever lifts it hears a sentence. Says what came of it."""
    with platform.database.begin() as connection:
        phones.find_phone(connection, phone_id)
    click.echo(line_test.ring_phone(platform.settings, phone_id))


def _switch(platform: Platform, phone_id: str, active: bool, actor: str, note: str) -> None:
    with platform.database.begin() as connection:
        phones.switch_phone(connection, phone_id, active, actor, note, now())
    click.echo(f"phone {phone_id} is {'on' if active else 'off'}")


def _described(phone: Phone, **given: object) -> Phone:
    told = {name: value for name, value in given.items() if value is not None}
    return replace(phone, **told)  # type: ignore[arg-type]


def _as_kept(row: AnyRow) -> Phone:
    return Phone(
        row.id,
        row.facility_id,
        row.unit_id,
        row.label,
        row.transport,
        row.encrypts,
        row.codecs,
        row.addresses,
    )


def _line(row: AnyRow) -> str:
    words = [row.id, row.facility_id, "on" if row.active else "off", row.transport]
    words += ["SRTP"] if row.encrypts else []
    words += [row.codecs, f"from {row.addresses or 'anywhere'}"]
    words += [f"unit {row.unit_id}"] if row.unit_id else []
    return "  ".join([*words, row.label]).rstrip()
