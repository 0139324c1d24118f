"""One call on real phones, as a test tells it: who does and hears what, and what the books say."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

from accounts import prepaid
from asterisk_conf.lines import Phone as Login
from calls.reasons import Reason
from custody import places
from ivr_prompts.catalogue import PAUSE, load_all
from ivr_prompts.saying import Sentence, name_clip, plan
from parloir.stack import Stack
from phones.clip import Clip
from phones.events import Heard
from phones.phone import Phone
from tests.calls.books import DEPOSIT_CENTS, Books
from tests.calls.studio import HELLO, PERSON_NAME, REPLY

PIN = "4821"
BEGINNING, SLACK = timedelta(milliseconds=300), timedelta(milliseconds=500)


@dataclass
class Town:
    """A running platform with telephones to hand out, each used by one test only."""

    stack: Stack
    logins: dict[str, list[Login]]
    numbers: list[Login]
    used: int = field(default=0)

    def scene(
        self,
        directory: Path,
        facility: str = "millbrook",
        deposit_cents: int = DEPOSIT_CENTS,
        *,
        chosen: bool = True,
    ) -> Scene:
        """A person at a phone of the facility, and somebody with a telephone and an account."""
        self.used += 1
        number = self.numbers.pop()
        person = f"{200000 + self.used}"
        database = self.stack.database
        key = self.stack.settings.pin_key_file.read_bytes()
        places.add_person(database, key, person, facility, PERSON_NAME, PIN, "desk", chosen=chosen)
        if deposit_cents >= 0:
            account = f"AC-{self.used}"
            prepaid.open_account(database, account, "Sam Rivers", [f"+{number.id}"])
        if deposit_cents > 0:
            with database.begin() as connection:
                prepaid.deposit(connection, account, deposit_cents, account, "test")
        return Scene(self.stack, directory, self.logins[facility].pop(), number, person, self.used)


class Scene(Books):
    """``alex`` is in custody and calls; ``sam`` is called. Waits are for what is really heard."""

    def __init__(
        self, stack: Stack, directory: Path, caller: Login, called: Login, person: str, place: int
    ) -> None:
        sip = stack.settings.asterisk
        super().__init__(stack, caller.id, person, f"AC-{place}")
        self.number = called.id.removeprefix("1")
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
        self._call_began: dict[str, datetime] = {}
        self.languages = {self.alex.user: "en", self.sam.user: "en"}
        self.refusals: set[Reason] = set()

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

    def spoken(self, phone: Phone, name: str) -> Clip:
        """A prompt in the language that is spoken on this phone, unless its name says another."""
        return self.clip(name if "/" in name else f"{self.languages[phone.user]}/{name}")

    def hears(self, phone: Phone, name: str, timeout: float = 30) -> Heard:
        """Wait until the phone has heard a whole prompt in this call."""
        return phone.wait_heard(self.spoken(phone, name), timeout, self._began(phone))

    def begins(self, phone: Phone, name: str, timeout: float = 30) -> None:
        """Wait until the phone has heard the beginning of a prompt in this call."""
        clip = self.spoken(phone, name)
        phone.wait_begun(clip, timeout=timeout, after=self._began(phone))

    def told(self, phone: Phone, *sentences: Sentence) -> None:
        """Wait until the phone has heard all of these, with all that stands in their slots."""
        language = self.languages[phone.user]
        clips = [clip for clip in plan(load_all()[language], *sentences) if clip != PAUSE]
        spoken = [self.spoken(phone, clip) for clip in clips]
        heard = phone.wait_heard(spoken, 45, self._after(phone), lost=max(1, len(clips) // 8))
        self._marks[phone.user] = heard.until - SLACK

    def key_at(self, phone: Phone, name: str, keys: str, timeout: float = 30) -> None:
        """Press as soon as the prompt begins."""
        self.begins(phone, name, timeout)
        phone.press(keys)

    # The same prompts again: what was heard before the last of these doesn't count.

    def hears_next(self, phone: Phone, name: str) -> None:
        """Wait until the phone has heard a whole prompt, after what it was asked to hear last."""
        heard = phone.wait_heard(self.spoken(phone, name), 30, self._after(phone))
        self._marks[phone.user] = heard.until - SLACK

    def begins_next(self, phone: Phone, name: str) -> None:
        """Wait for the beginning of a prompt, after what it was asked to hear last."""
        clip = self.spoken(phone, name)
        heard = phone.wait_begun(clip, timeout=30, after=self._after(phone))
        self._marks[phone.user] = heard.at + BEGINNING

    def key_at_next(self, phone: Phone, name: str, keys: str) -> None:
        """Press as soon as the prompt begins, after what it was asked to hear last."""
        self.begins_next(phone, name)
        phone.press(keys)

    def _after(self, phone: Phone) -> datetime | None:
        known = (self._marks.get(phone.user), self._began(phone))
        return max((one for one in known if one), default=None)

    def _began(self, phone: Phone) -> datetime | None:
        return self._call_began.get(phone.user)

    def _begin(self, phone: Phone) -> None:
        self._call_began[phone.user] = datetime.now(UTC)

    def says(self, speaker: Phone, words: str, listener: Phone) -> None:
        """Speak, until the other one has heard it whole."""
        clip, began = self.clip(name_clip(words)), datetime.now(UTC)
        speaker.play(self.sounds / "en" / f"{clip.name}.wav")
        listener.wait_heard(clip, after=began - SLACK)

    # What is done.

    def lift(self, language: str = "en") -> None:
        """Alex lifts the phone, and goes on in this language."""
        self.languages[self.alex.user] = "en"
        self._begin(self.alex)
        self.alex.call("home")
        self.alex.wait_connected()
        if language != "en":
            self.key_at(self.alex, "enter-id", "9#")
            self.languages[self.alex.user] = language

    def identify(self, pin: str = PIN) -> None:
        """Alex keys ID and PIN."""
        self.key_at_next(self.alex, "enter-id", f"{self.person}#")
        self.key_at_next(self.alex, "enter-pin", f"{pin}#")

    def enter(self, dialled: str | None = None) -> None:
        """Alex keys the number and confirms it."""
        self.key_at_next(self.alex, "enter-number", f"{dialled or self.number}#")
        self.key_at_next(self.alex, "confirm-number-1", "1")

    def dial(self, dialled: str | None = None, language: str = "en") -> None:
        """All of Alex's part, up to the ringing."""
        self.lift(language)
        self.identify()
        self.enter(dialled)

    def answer(self, language: str = "en") -> None:
        """Sam's phone rings, is answered, and Sam goes on in this language."""
        self.sam.wait_incoming()
        self.languages[self.sam.user] = "en"
        self._begin(self.sam)
        self.sam.answer()
        self.sam.wait_connected()
        if language != "en":
            self.choose("9")
            self.languages[self.sam.user] = language

    def choose(self, key: str = "1") -> None:
        """Sam presses a key as soon as the announcement begins: by default, to accept."""
        opening = ("called-intro-1", "called-intro-2", "called-recorded", "called-not-recorded")
        clips = [self.spoken(self.sam, name) for name in opening]
        self.sam.wait_begun(*clips, timeout=30, after=self._began(self.sam))
        self.sam.press(key)

    def talk(self) -> None:
        """Both speak, and hear each other."""
        self.says(self.alex, HELLO, self.sam)
        self.says(self.sam, REPLY, self.alex)


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
