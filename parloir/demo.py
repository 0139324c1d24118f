"""``parloir demo``: calls between two real SIP phones, told as they happen."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from accounts import prepaid
from cdr import records
from ivr_prompts import builder
from parloir import sample
from parloir.call import show_record
from parloir.check import findings_by_rule
from parloir.demo_party import Party, tell, words
from parloir.demo_scenes import SPEECH, Scenes
from parloir.initialise import create
from parloir.money import dollars
from parloir.stack import Stack
from phones.events import PhoneError
from phones.phone import Phone
from store.types import AnyRow


@click.command()
def demo() -> None:
    """Place calls between two real SIP phones and tell what happens: a whole one, a refused one,
    a blocked one, and one in Spanish."""
    directory = Path(tempfile.mkdtemp(prefix="parloir-demo-"))
    settings = create(directory)
    loaded = sample.load_sample(settings)
    tell("setup", f"a private platform in {directory}, with the fictitious {sample.FACILITY.name}")
    with Stack(directory / "parloir.toml", [loaded.called]) as stack:
        tell("setup", f"Asterisk {stack.asterisk.installation.version} and the AGI server are up")
        try:
            _play(stack, loaded)
        except PhoneError as error:
            raise click.ClickException(str(error)) from None
        finally:
            stack.remove()


def _play(stack: Stack, loaded: sample.Sample) -> None:
    sounds = stack.asterisk.sounds_dir
    for language, speech in SPEECH.items():
        builder.build(words()[language], sounds, names=speech)
    with _phones(stack, loaded) as (caller, called):
        alex, sam = Party("Alex", caller, sounds), Party("Sam", called, sounds)
        scenes = Scenes(stack.database, stack.settings.provider_name, alex, sam)
        before = _balance(stack)
        scenes.first_call()
        first = _settled(stack, scenes, before)
        scenes.refused_call()
        scenes.blocked_call()
        scenes.spanish_call()
        for call_id in list(scenes.ended())[1:]:
            show_record(_record(stack, call_id))
    _check(stack)
    tell("try", "'make up' keeps this running and tells how to call in with a softphone")
    click.echo(
        f"demo ok: call {first.call_id} {first.billed_seconds} s charged "
        f"{dollars(first.charged_cents)} recording {first.recording_path}"
    )


@contextmanager
def _phones(stack: Stack, loaded: sample.Sample) -> Iterator[tuple[Phone, Phone]]:
    sip, directory = stack.settings.asterisk, stack.settings.state_dir / "phones"
    caller, called = loaded.caller, loaded.called
    with (
        Phone(
            caller.id,
            directory / "caller",
            password=caller.password,
            registrar=f"{sip.bind}:{sip.sip_port}",
        ) as alex,
        Phone(
            called.id,
            directory / "called",
            password=called.password,
            registrar=f"{sip.trunk_host}:{sip.trunk_port}",
        ) as sam,
    ):
        alex.register()
        sam.register()
        yield alex, sam


def _settled(stack: Stack, scenes: Scenes, before: int) -> AnyRow:
    (call_id,) = scenes.ended()
    record = _record(stack, call_id)
    show_record(record)
    tell("money", f"balance before {dollars(before)}, after {dollars(_balance(stack))}")
    if record.recording_path is None:
        raise click.ClickException(f"call {call_id} has no recording")
    return record


def _record(stack: Stack, call_id: str) -> AnyRow:
    """The call's record, once its recording, if it has one, is sealed."""
    deadline = time.monotonic() + 10
    while True:
        with stack.database.begin() as connection:
            record = records.find(connection, call_id)
        late = time.monotonic() > deadline
        if record is not None and (record.recording_path or late or not record.recorded):
            return record
        if late:
            raise click.ClickException(f"call {call_id} has no CDR")
        time.sleep(0.1)


def _check(stack: Stack) -> None:
    rules = findings_by_rule(stack.settings, stack.database)
    if broken := [one for _, found in rules for one in found]:
        raise click.ClickException(f"the books are not right: {broken}")
    tell("check", "every invariant of money, calls and recordings holds")


def _balance(stack: Stack) -> int:
    with stack.database.begin() as connection:
        balance = prepaid.find(connection, sample.ACCOUNT)
    assert balance is not None
    return balance.balance_cents
