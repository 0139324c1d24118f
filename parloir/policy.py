"""``parloir policy``: what the layers ask of a call, and why one may be or may not."""

from __future__ import annotations

import json
from datetime import datetime

import click

from agi.scripts.refusals import REFUSALS
from blocklists.policy import controls
from blocklists.policy.kinds import CONTROLS, Kind
from blocklists.policy.rules import Layer
from calls.explaining import Explanation, explain
from calls.reasons import PaidBy, Reason
from ivr_prompts.catalogue import load
from ivr_prompts.saying import text
from parloir.common import Group, Platform, actor_option, note_option, pass_platform
from parloir.moments import Moment
from store.types import AnyRow, now

KINDS = "\n".join(f"  {kind:22}{control.means}" for kind, control in CONTROLS.items())
layer_argument = click.argument("layer", type=click.Choice([one.value for one in Layer]))
kind_argument = click.argument(
    "kind", type=click.Choice([one.value for one in Kind]), metavar="KIND"
)


@click.group(cls=Group)
def policy() -> None:
    """What facility, unit, phone, person and number ask of a call. The strictest wins."""


@policy.command(
    "set",
    help=f"""Ask it of every call from now on.

LAYER is facility, unit, phone, person or number; SUBJECT its id, or the number. VALUE by KIND:

\b
{KINDS}

It takes the place of this layer's control of the same kind; one that lasts until a moment stands
beside one that lasts.
""",
)
@layer_argument
@click.argument("subject")
@kind_argument
@click.argument("value")
@click.option("--until", type=Moment(), help="When it ends by itself; else it lasts until lifted.")
@note_option
@actor_option
@pass_platform
def set_(
    platform: Platform,
    layer: str,
    subject: str,
    kind: str,
    value: str,
    until: datetime | None,
    note: str,
    actor: str,
) -> None:
    """Ask it of every call from now on."""
    with platform.database.begin() as connection:
        control_id = controls.set_control(
            connection, Layer(layer), subject, Kind(kind), value, actor, note, now(), until
        )
    click.echo(f"control {control_id}: {kind} {value} for {layer} {subject}, from the next call on")


@policy.command("list")
@click.argument("layer", type=click.Choice([one.value for one in Layer]), required=False)
@click.argument("subject", required=False)
@click.option("--all", "history", is_flag=True, help="With those that were lifted or have ended.")
@pass_platform
def list_(platform: Platform, layer: str | None, subject: str | None, history: bool) -> None:
    """List the controls in force: of all, of a LAYER, or of one SUBJECT."""
    with platform.database.begin() as connection:
        whose = Layer(layer) if layer else None
        named = controls.known(connection, whose, subject) if whose and subject else subject
        rows = controls.listed(connection, now(), whose, named, history=history)
    for row in rows:
        click.echo(_line(row))


@policy.command()
@click.argument("control_id", type=int)
@actor_option
@pass_platform
def lift(platform: Platform, control_id: int, actor: str) -> None:
    """Ask it no more, from the next call on; it stays in the list of all."""
    with platform.database.begin() as connection:
        controls.lift(connection, control_id, actor, now())
    click.echo(f"control {control_id} is lifted")


@policy.command("explain")
@click.option("--person", "person_id", required=True)
@click.option("--phone", "phone_id", required=True)
@click.option("--to", required=True, help="The number, as it would be keyed.")
@click.option("--at", type=Moment(), help="When; else now. In UTC, or with a zone.")
@click.option(
    "--paid-by",
    type=click.Choice([one.value for one in PaidBy]),
    default=PaidBy.CALLED.value,
    show_default=True,
)
@pass_platform
def explain_(
    platform: Platform,
    person_id: str,
    phone_id: str,
    to: str,
    at: datetime | None,
    paid_by: str,
) -> None:
    """Print every rule that is asked for a call, its layer, its answer, and which one decides.

    It is the decision itself, taken back: nothing is kept, held or dialled.
    """
    call = platform.settings.call
    keyed = "".join(key for key in to if key not in " -.()")
    found = explain(
        platform.database, person_id, phone_id, keyed, at or now(), PaidBy(paid_by), call
    )
    click.echo(f"   {found.at:%A %Y-%m-%d %H:%M:%S}, {found.at.tzinfo}")
    for step in found.steps:
        mark = "->" if step.decided else "  "
        click.echo(f"{mark} {step.rule:22}{step.layer:10}{step.answer}")
    click.echo(_outcome(found))


def sentence(reason: Reason) -> str:
    """What the line says for a refusal, in English."""
    return text(load("en"), REFUSALS[reason])


def _outcome(found: Explanation) -> str:
    decision = found.decision
    if decision.reason is not None:
        return f"refused, code {decision.reason.code}: “{sentence(decision.reason)}”"
    heard = "recorded" if decision.recorded else "not recorded"
    why = ", privileged" if decision.privileged else ""
    return f"may be: at most {decision.limit_seconds} s, {heard}{why}"


def _line(row: AnyRow) -> str:
    until = f"until {row.expires_at:%Y-%m-%d %H:%M}" if row.expires_at else "until lifted"
    lifted = f"; lifted {row.lifted_at:%Y-%m-%d %H:%M} by {row.lifted_by}" if row.lifted_at else ""
    return (
        f"{row.id:6}  {row.layer:9} {row.subject:16} {row.kind} {_said(row.value)}, by {row.actor} "
        f"{row.at:%Y-%m-%d %H:%M} {until} ({row.note}){lifted}"
    )


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, dict):
        return " in ".join(map(str, value.values())) if "count" in value else _list_said(value)
    return value if isinstance(value, str) else json.dumps(value)


def _list_said(value: dict[str, object]) -> str:
    return f"{value['mode']} {value['max']}"
