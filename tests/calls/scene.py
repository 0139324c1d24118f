"""One call on real phones, as a test tells it: who does and hears what, and what the books say."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from accounts import prepaid
from agi.context import Context
from agi.sweeping import sweep_once
from asterisk_conf.render import Phone as Login
from calls import journal, places
from cdr import records
from ivr_prompts import builder
from ivr_prompts.catalogue import load_all
from ivr_prompts.saying import name_clip
from parloir import sample
from parloir.check import findings_by_rule
from parloir.stack import Stack
from phones.clip import Clip
from phones.events import Heard
from phones.phone import Phone
from store.tables import calls
from store.types import AnyRow

PERSON_NAME, PIN = "Alex Rivers", "4821"
HELLO = "Hello, this is a test of talking from the facility to the outside world."
REPLY = "And this is what comes back from the outside to the one who called."
SETTLE_SECONDS = 10.0
Found = TypeVar("Found")


@dataclass
class Town:
    """A running platform with telephones to hand out, each used by one test only."""

    stack: Stack
    logins: dict[str, list[Login]]
    numbers: list[Login]
    used: int = field(default=0)

    def scene(
        self, directory: Path, facility: str = "millbrook", deposit_cents: int = 2500
    ) -> Scene:
        """A person at a phone of the facility, and somebody with a telephone and an account."""
        self.used += 1
        number = self.numbers.pop()
        person = f"{200000 + self.used}"
        database = self.stack.database
        key = self.stack.settings.pin_key_file.read_bytes()
        places.add_person(database, key, person, facility, PERSON_NAME, PIN)
        if deposit_cents >= 0:
            account = f"AC-{self.used}"
            prepaid.open_account(database, account, "Sam Rivers", [f"+{number.id}"])
        if deposit_cents > 0:
            with database.begin() as connection:
                prepaid.deposit(connection, account, deposit_cents, account, "test")
        return Scene(self.stack, directory, self.logins[facility].pop(), number, person, self.used)


class Scene:
    """``alex`` is in custody and calls; ``sam`` is called. Waits are for what is really heard."""

    def __init__(
        self, stack: Stack, directory: Path, caller: Login, called: Login, person: str, place: int
    ) -> None:
        sip = stack.settings.asterisk
        self.stack = stack
        self.number = called.id.removeprefix("1")
        self.person = person
        self.account = f"AC-{place}"
        self.phone_id = caller.id
        self.directory = directory
        self.alex = Phone(
            caller.id,
            directory / "alex",
            password=caller.password,
            registrar=f"{sip.bind}:{sip.sip_port}",
            vocabulary=vocabulary(self.sounds),
        )
        self.sam = Phone(
            called.id,
            directory / "sam",
            password=called.password,
            registrar=f"{sip.trunk_host}:{sip.trunk_port}",
            vocabulary=vocabulary(self.sounds),
        )
        self._open = ExitStack()
        self._marks: dict[str, datetime] = {}

    def __enter__(self) -> Self:
        for phone in (self.alex, self.sam):
            self._open.enter_context(phone).register()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    # What is said.

    @property
    def sounds(self) -> Path:
        """The platform's prompts, a folder a language."""
        return self.stack.settings.asterisk_dir / "sounds"

    def clip(self, name: str) -> Clip:
        """A prompt by its file's name: English, or of another language as ``es/name``."""
        return load_clip(self.sounds / f"{name if '/' in name else f'en/{name}'}.wav")

    def hears(self, phone: Phone, name: str, timeout: float = 30) -> Heard:
        """Wait until the phone has heard a whole prompt."""
        return phone.wait_heard(self.clip(name), timeout)

    def begins(self, phone: Phone, name: str, timeout: float = 30) -> None:
        """Wait until the phone has heard the beginning of a prompt."""
        phone.wait_begun(self.clip(name), timeout=timeout)

    def key_at(self, phone: Phone, name: str, keys: str, timeout: float = 30) -> None:
        """Press as soon as the prompt begins."""
        self.begins(phone, name, timeout)
        phone.press(keys)

    # The same prompts again: what was heard before the last of these doesn't count.

    def hears_next(self, phone: Phone, name: str) -> None:
        """Wait until the phone has heard a whole prompt, after what it was asked to hear last."""
        self._mark(phone, phone.wait_heard(self.clip(name), 30, self._marks.get(phone.user)))

    def begins_next(self, phone: Phone, name: str) -> None:
        """Wait for the beginning of a prompt, after what it was asked to hear last."""
        after = self._marks.get(phone.user)
        self._mark(phone, phone.wait_begun(self.clip(name), timeout=30, after=after))

    def key_at_next(self, phone: Phone, name: str, keys: str) -> None:
        """Press as soon as the prompt begins, after what it was asked to hear last."""
        self.begins_next(phone, name)
        phone.press(keys)

    def _mark(self, phone: Phone, heard: Heard) -> None:
        self._marks[phone.user] = heard.at + timedelta(milliseconds=300)

    def says(self, speaker: Phone, words: str, listener: Phone) -> None:
        """Speak, until the other one has heard it whole."""
        clip = self.clip(name_clip(words))
        speaker.play(self.sounds / "en" / f"{clip.name}.wav")
        listener.wait_heard(clip)

    # What is done.

    def lift(self) -> None:
        """Alex lifts the phone."""
        self.alex.call("home")
        self.alex.wait_connected()

    def identify(self, pin: str = PIN) -> None:
        """Alex keys ID and PIN."""
        self.key_at(self.alex, "enter-id", f"{self.person}#")
        self.key_at(self.alex, "enter-pin", f"{pin}#")

    def enter(self, dialled: str | None = None) -> None:
        """Alex keys the number and confirms it."""
        self.key_at(self.alex, "enter-number", f"{dialled or self.number}#")
        self.key_at(self.alex, "confirm-number-1", "1")

    def dial(self, dialled: str | None = None) -> None:
        """All of Alex's part, up to the ringing."""
        self.lift()
        self.identify()
        self.enter(dialled)

    def answer(self) -> None:
        """Sam's phone rings, and is answered."""
        self.sam.wait_incoming()
        self.sam.answer()
        self.sam.wait_connected()

    def choose(self, key: str = "1") -> None:
        """Sam presses a key as soon as the announcement begins: by default, to accept."""
        opening = ("called-intro-1", "called-intro-2", "called-recorded", "called-not-recorded")
        self.sam.wait_begun(*map(self.clip, opening), timeout=30)
        self.sam.press(key)

    def talk(self) -> None:
        """Both speak, and hear each other."""
        self.says(self.alex, HELLO, self.sam)
        self.says(self.sam, REPLY, self.alex)

    # What is on the books.

    def call(self) -> AnyRow:
        """The call's row."""
        with self.stack.database.begin() as connection:
            return connection.execute(
                calls.select()
                .where(calls.c.phone_id == self.phone_id)
                .order_by(calls.c.offhook_at.desc())
                .limit(1)
            ).one()

    def record(self) -> AnyRow:
        """The call's CDR, once it is written."""
        call_id = self.call().id
        return wait_for(lambda: self._record(call_id), f"CDR of call {call_id}")

    def sealed(self) -> AnyRow:
        """The call's CDR, once its recording is sealed."""
        call_id = self.call().id

        def with_recording() -> AnyRow | None:
            record = self._record(call_id)
            return record if record and record.recording_path else None

        return wait_for(with_recording, f"recording of call {call_id}")

    def pressed(self) -> list[str]:
        """The keys in the call's journal."""
        call_id = self.call().id
        with self.stack.database.begin() as connection:
            events = journal.read(connection, call_id)
        return [event.detail for event in events if event.kind == "pressed"]

    def balance(self) -> prepaid.Balance:
        """The account's money."""
        with self.stack.database.begin() as connection:
            found = prepaid.find(connection, self.account)
        assert found is not None
        return found

    def nothing_charged(self) -> bool:
        """Whether the account has all its money, and none of it is held."""
        balance = self.balance()
        return balance.balance_cents == 2500 and balance.held_cents == 0

    def audio(self) -> list[Path]:
        """Every file of this call's audio, wherever it may be."""
        call_id, settings = self.call().id, self.stack.settings
        places = (settings.asterisk_dir / "spool", settings.recordings_dir)
        return [path for place in places for path in place.rglob(f"*{call_id}*.[rw]a[wv]")]

    def broken(self) -> list[str]:
        """What ``parloir check`` finds."""
        rules = findings_by_rule(self.stack.settings, self.stack.database)
        return [finding for _, findings in rules for finding in findings]

    def sweep(self) -> list[str]:
        """What ``parloir sweep`` does."""
        stack = self.stack
        context = Context(
            stack.settings,
            stack.database,
            stack.database,
            load_all(),
            stack.settings.pin_key_file.read_bytes(),
        )
        return sweep_once(context, stack.asterisk)

    def _record(self, call_id: str) -> AnyRow | None:
        with self.stack.database.begin() as connection:
            return records.find(connection, call_id)


def wait_for(look: Callable[[], Found | None], what: str) -> Found:
    """What ``look`` finds, as soon as it does: the database tells nobody of its changes."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise AssertionError(f"no {what} within {SETTLE_SECONDS:g} s")
        time.sleep(0.05)
    return found


@cache
def load_clip(path: Path) -> Clip:
    """A prompt's audio."""
    return Clip.load(path)


@cache
def vocabulary(sounds: Path) -> tuple[Clip, ...]:
    """The sentences that a failed wait is explained with, in every language."""
    return tuple(
        load_clip(sounds / language / f"{clip}.wav")
        for language, words in load_all().items()
        for clip in sorted({str(f.clip) for t in words.sentences.values() for f in t.fragments})
    )


def add_speech(stack: Stack) -> None:
    """Make what the two say to each other, and the names in every language."""
    sounds = stack.settings.asterisk_dir / "sounds"
    for language, words in load_all().items():
        speech = [HELLO, REPLY] if language == "en" else []
        builder.build(words, sounds, names=[*speech, PERSON_NAME, sample.FACILITY.name])
