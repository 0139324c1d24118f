"""``parloir demo``: one whole call between two real SIP phones, told as it happens."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click

from accounts import prepaid
from cdr import records
from ivr_prompts import builder, catalogue
from ivr_prompts.catalogue import PAUSE
from ivr_prompts.saying import Digits, Duration, Name, Rate, Sentence, name_clip, plan, text
from parloir import sample
from parloir.call import show_record
from parloir.check import findings_by_rule
from parloir.initialise import create
from parloir.money import dollars
from parloir.stack import Stack
from phones.clip import Clip
from phones.events import PhoneError
from phones.phone import Phone
from rating.money import dollars_per_minute
from rating.terms import Quote
from store.tables import calls
from store.types import AnyRow

HELLO = "Hi Sam, it's me. I am doing all right. I will call again on Sunday."
HEAR_SECONDS = 30
REPLY = "So good to hear you. We are all fine, and we miss you."


@click.command()
def demo() -> None:
    """Place one whole call between two real SIP phones and tell what happens."""
    directory = Path(tempfile.mkdtemp(prefix="parloir-demo-"))
    settings = create(directory)
    loaded = sample.load_sample(settings)
    tell("setup", f"a private platform in {directory}, with the fictitious {sample.FACILITY.name}")
    with Stack(directory / "parloir.toml", [loaded.called]) as stack:
        tell("setup", f"Asterisk {stack.asterisk.installation.version} and the AGI server are up")
        try:
            _Demo(stack, loaded).run()
        except PhoneError as error:
            raise click.ClickException(str(error)) from None
        finally:
            stack.remove()


class _Demo:
    """The call, step by step; each step waits for what its party really hears."""

    def __init__(self, stack: Stack, loaded: sample.Sample) -> None:
        self._stack = stack
        self._loaded = loaded
        self._words = catalogue.load("en")
        builder.build(self._words, stack.asterisk.sounds_dir, names=[HELLO, REPLY])
        self._sounds = stack.asterisk.sounds_dir / "en"

    def run(self) -> None:
        """Call, talk, hang up, and show what the books say."""
        settings = self._stack.settings
        sip, directory = settings.asterisk, settings.state_dir / "phones"
        caller, called = self._loaded.caller, self._loaded.called
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
            before = self._balance()
            self._dial(alex)
            self._accept(sam)
            self._talk(alex, sam)
        self._settle(before)

    def _dial(self, alex: Phone) -> None:
        tell("Alex", "lifts the phone in the housing unit")
        alex.call("home")
        alex.wait_connected()
        self._begins(alex, "Alex", Sentence("enter-id"))
        tell("Alex", f"keys ID {sample.PERSON} and #")
        alex.press(f"{sample.PERSON}#")
        self._begins(alex, "Alex", Sentence("enter-pin"))
        tell("Alex", "keys the PIN and #")
        alex.press(f"{sample.PIN}#")
        self._hears(alex, "Alex", Sentence("calls-are-recorded"))
        self._begins(alex, "Alex", Sentence("enter-number"))
        number = sample.NUMBER.removeprefix("+1")
        tell("Alex", f"keys {number} and #")
        alex.press(f"{number}#")
        self._begins(alex, "Alex", Sentence("confirm-number", number=Digits(number)))
        tell("Alex", "keys 1: yes, this number")
        alex.press("1")

    def _accept(self, sam: Phone) -> None:
        sam.wait_incoming()
        call = self._call()
        for rule, answer in call.decision["trail"]:
            tell("decision", f"{rule}: {answer}")
        terms = Quote.from_json(call.decision["terms"])
        tell(
            "decision",
            f"${dollars_per_minute(terms.base_e4 + terms.additive_e4)} a minute, at most "
            f"{call.limit_seconds} s; {dollars(call.decision['held_cents'])} held",
        )
        tell("Sam", "hears the phone ring and answers")
        sam.answer()
        intro = Sentence(
            "called-intro",
            provider=Name(self._stack.settings.provider_name),
            caller=Name(sample.PERSON_NAME),
            facility=Name(sample.FACILITY.name),
        )
        self._hears(sam, "Sam", intro)
        self._hears(sam, "Sam", Sentence("called-recorded"))
        tell("Sam", "keys 2 to hear the price")
        sam.press("2")
        longest = Duration(call.limit_seconds)
        rate = Rate(terms.base_e4 + terms.additive_e4)
        self._hears(sam, "Sam", Sentence("called-price", rate=rate, longest=longest))
        tell("Sam", "keys 1 to accept")
        sam.press("1")

    def _talk(self, alex: Phone, sam: Phone) -> None:
        self._says(alex, "Alex", HELLO, sam)
        self._says(sam, "Sam", REPLY, alex)
        tell("Sam", "hangs up")
        sam.hangup()
        alex.wait_disconnected()

    def _settle(self, before: int) -> None:
        call_id = self._call().id
        record = self._record(call_id)
        show_record(record)
        after = self._balance()
        tell("money", f"balance before {dollars(before)}, after {dollars(after)}")
        broken = [one for _, found in self._checks() for one in found]
        if broken or record.recording_path is None:
            raise click.ClickException(f"the books are not right: {broken or 'no recording'}")
        tell("check", "every invariant of money, calls and recordings holds")
        tell("try", "'make up' keeps this running and tells how to call in with a softphone")
        click.echo(
            f"demo ok: call {call_id} {record.billed_seconds} s charged "
            f"{dollars(record.charged_cents)} recording {record.recording_path}"
        )

    def _record(self, call_id: str) -> AnyRow:
        """The call's record, once its recording is sealed."""
        deadline = time.monotonic() + 10
        while True:
            with self._stack.database.begin() as connection:
                record = records.find(connection, call_id)
            if record is not None and (record.recording_path or time.monotonic() > deadline):
                return record
            if time.monotonic() > deadline:
                raise click.ClickException(f"call {call_id} has no CDR")
            time.sleep(0.1)

    def _checks(self) -> list[tuple[str, list[str]]]:
        return list(findings_by_rule(self._stack.settings, self._stack.database))

    def _call(self) -> AnyRow:
        with self._stack.database.begin() as connection:
            return connection.execute(calls.select()).one()

    def _balance(self) -> int:
        with self._stack.database.begin() as connection:
            balance = prepaid.find(connection, sample.ACCOUNT)
        assert balance is not None
        return balance.balance_cents

    def _hears(self, phone: Phone, who: str, sentence: Sentence) -> None:
        """Wait until the phone has heard the sentence to its last word."""
        last = [clip for clip in plan(self._words, sentence) if clip != PAUSE][-1]
        self._told(who, "hears", sentence, lambda: phone.wait_heard(self._clip(last), HEAR_SECONDS))

    def _begins(self, phone: Phone, who: str, sentence: Sentence) -> None:
        """Wait until the last stretch of the sentence has begun: a key may cut it short."""
        own = self._clip(self._words.sentences[sentence.id].fragments[-1].clip or "")
        self._told(who, "is asked", sentence, lambda: phone.wait_begun(own, timeout=HEAR_SECONDS))

    def _told(self, who: str, how: str, sentence: Sentence, wait: Callable[[], object]) -> None:
        wait()
        tell(who, f"{how} “{text(self._words, sentence)}”")

    def _clip(self, name: str) -> Clip:
        return Clip.load(self._sounds / f"{name}.wav")

    def _says(self, speaker: Phone, who: str, words: str, listener: Phone) -> None:
        name = name_clip(words)
        tell(who, f"says “{words}”")
        speaker.play(self._sounds / f"{name}.wav")
        listener.wait_heard(self._clip(name))
        tell("", "which the other one really hears")


def tell(who: str, what: str) -> None:
    """One line of the story."""
    click.echo(f"{time.strftime('%H:%M:%S')}  {who:9} {what}")
