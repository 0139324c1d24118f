"""``parloir hotline``: free numbers that are reached without PIN or money, whatever is down."""

from __future__ import annotations

import click

from custody.facilities import must_be_facility
from custody.lines import hotlines
from custody.lines.hotlines import HotlineKind
from parloir.common import Group, Platform, actor_option, note_option, pass_platform
from parloir.phone import TAKES
from store.types import now

KINDS = [kind.value.replace("_", "-") for kind in HotlineKind]


@click.group(cls=Group)
def hotline() -> None:
    """Free numbers without PIN or money: abuse reporting, defender, consulate, crisis."""


@hotline.command("add")
@click.argument("facility_id")
@click.argument("code")
@click.argument("number")
@click.option("--kind", type=click.Choice(KINDS), required=True)
@click.option("--name", required=True, help="What it is called, for staff.")
@actor_option
@pass_platform
def add_hotline(
    platform: Platform,
    facility_id: str,
    code: str,
    number: str,
    kind: str,
    name: str,
    actor: str,
) -> None:
    """Have CODE reach NUMBER from every phone of the facility."""
    meant = HotlineKind(kind.replace("-", "_"))
    with platform.database.begin() as connection:
        given = (facility_id, code, number, meant, name)
        hotlines.add_hotline(connection, *given, actor, now())
    click.echo(f"{code} reaches {name} from {facility_id}: dialled, or as *{code}# for the ID")
    click.echo(TAKES)


@hotline.command("off")
@click.argument("facility_id")
@click.argument("code")
@actor_option
@note_option
@pass_platform
def switch_off(platform: Platform, facility_id: str, code: str, actor: str, note: str) -> None:
    """Take a hotline away."""
    _switch(platform, facility_id, code, False, actor, note)


@hotline.command("on")
@click.argument("facility_id")
@click.argument("code")
@actor_option
@note_option
@pass_platform
def switch_on(platform: Platform, facility_id: str, code: str, actor: str, note: str) -> None:
    """Give a hotline back."""
    _switch(platform, facility_id, code, True, actor, note)


@hotline.command("list")
@click.option("--facility", "facility_id", help="This one's only.")
@pass_platform
def list_hotlines(platform: Platform, facility_id: str | None) -> None:
    """List the hotlines."""
    with platform.database.begin() as connection:
        must_be_facility(connection, facility_id)
        for row in hotlines.every_hotline(connection, facility_id):
            state = "on" if row.active else "off"
            words = (row.facility_id, row.code, row.number, state, row.kind, row.name)
            click.echo("  ".join(words))


@hotline.command("calls")
@click.argument("facility_id")
@pass_platform
def list_calls(platform: Platform, facility_id: str) -> None:
    """List the latest calls to a facility's hotlines: which phone, when; never who."""
    with platform.database.begin() as connection:
        must_be_facility(connection, facility_id)
        for row in hotlines.calls_of(connection, facility_id):
            talked = "-" if row.talk_ms is None else f"{row.talk_ms // 1000} s"
            click.echo(
                f"{row.began_at:%Y-%m-%d %H:%M} {row.phone_id} {row.code} {row.number} "
                f"{row.outcome} {talked}"
            )


def _switch(
    platform: Platform, facility_id: str, code: str, active: bool, actor: str, note: str
) -> None:
    with platform.database.begin() as connection:
        hotlines.switch_hotline(connection, facility_id, code, active, actor, note, now())
    click.echo(f"hotline {code} of {facility_id} is {'on' if active else 'off'}\n{TAKES}")
