"""Asterisk's end of one AGI session, in memory: answers commands byte for byte as it does.

What it answers was read in res_agi.c and tried on Asterisk 22: a file that is missing gives -1, so
does a hang-up; on a dead channel most commands give 511; Playback skips what it can't find.
"""

from __future__ import annotations

import wave
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path

from agi import wire
from asterisk_conf.variables import CALL_ID, LANGUAGE
from tests.agi.asterisk_side import words_of
from tests.replay.clock import Clock
from tests.replay.person import Person

KEY_MS = 250
KEYS = "0123456789*#"
DEAD_SAFE = {"SET", "GET", "EXEC", "VERBOSE", "NOOP", "DATABASE"}


class Fault(Enum):
    """What happens instead of the answer to a command."""

    HANG_UP = auto()
    """The party hangs up: with AGIEXITONHANGUP, Asterisk closes the connection."""
    HANG_UP_NOTICED = auto()
    """The same, but the notice comes first, then the failure of the command."""
    HANG_UP_UNNOTICED = auto()
    """The same, but only the command's failure tells."""
    FAILS = auto()
    """The command fails, the channel lives."""
    REFUSED = auto()
    """Asterisk does not know the command."""
    MISUSED = auto()
    """Asterisk does not like the arguments."""
    SERVER_DIES = auto()
    """The process of the script is killed."""


HANG_UPS = (Fault.HANG_UP, Fault.HANG_UP_NOTICED, Fault.HANG_UP_UNNOTICED)
_SAID = {
    Fault.HANG_UP_NOTICED: b"HANGUP\n200 result=-1\n",
    Fault.HANG_UP_UNNOTICED: b"200 result=-1\n",
    Fault.FAILS: b"200 result=-1\n",
    Fault.REFUSED: b"510 Invalid or unknown command\n",
    Fault.MISUSED: b"520-Invalid command syntax.\nUsage: x\n520 End of proper usage.\n",
}


class ServerDied(BaseException):
    """Ends a script as a kill does: no handler of the script's may take it for an error."""


class Nonsense(BaseException):
    """The script sent what Asterisk would not read as one command that it knows: the test fails."""


@dataclass
class Leg:
    """One channel of a call, with whoever is at its end."""

    name: str
    channel: str
    uniqueid: str
    person: Person
    variables: dict[str, str] = field(default_factory=dict)
    up: bool = True
    hung_up_by: str = ""
    """The name of the channel whose party hung up, or nothing when the platform did."""
    sent_on: int | None = None
    """How many more commands are answered before the leg goes where the other one's end sent it."""
    joined: bool = False
    call_ids: list[str] = field(default_factory=list)
    """The calls that the leg has carried, one after the other."""
    last: str = ""
    """The last sound."""
    lost: bool = False
    """Whether its sound was lost."""

    def hear(self, sound: str) -> None:
        """A sound begins here."""
        self.last = sound
        self.person.hear(sound)

    def hang_up(self, by: str = "") -> None:
        """The channel is gone. The first one who hangs up is the one who did."""
        if self.up:
            self.up, self.hung_up_by = False, by


class Studio:
    """Asterisk's sounds: which there are, how long they last, and what callers record.

    English ones go by their bare name, those of another language by ``es/name``.
    """

    def __init__(self, folder: Path, lengths_ms: Mapping[str, int], *, speaks: bool) -> None:
        self._folder = folder
        self._lengths = dict(lengths_ms)
        self._speaks = speaks

    def name_of(self, file: str, leg: Leg) -> str:
        """The sound that Asterisk plays on this leg for a file's name."""
        language = leg.variables.get(LANGUAGE, "en")
        own = f"{language}/{file}"
        return own if language != "en" and own in self._lengths else file

    def length_ms(self, file: str, leg: Leg) -> int | None:
        """How long it lasts; None when there is no such sound."""
        return self._lengths.get(self.name_of(file, leg))

    def record(self, file: str) -> None:
        """Somebody speaks, or keeps silent, for a second."""
        self._lengths[file] = 1000
        path = self._folder / f"{file}.wav"
        path.parent.mkdir(exist_ok=True)
        with wave.open(str(path), "wb") as recording:
            recording.setparams((1, 2, 8000, 0, "NONE", ""))
            recording.writeframes((b"\x00\x40" if self._speaks else b"\0\0") * 8000)


class Line:
    """The :class:`agi.channel.Wire` of one session on a leg.

    ``before`` is asked before each command, by its place: it may give a fault or the bytes to
    answer with, or let the other leg do something. ``commands`` are those that were sent, as
    Asterisk splits them.
    """

    def __init__(
        self,
        leg: Leg,
        clock: Clock,
        studio: Studio,
        before: Callable[[int], Fault | bytes | None],
    ) -> None:
        self.commands: list[list[str]] = []
        self.missing: list[str] = []
        self._leg = leg
        self._clock = clock
        self._studio = studio
        self._before = before
        self._parser = wire.Parser()
        self._events: deque[wire.Event] = deque()
        self._open = True
        self._due = False

    def greet(self, header: bytes) -> dict[str, str] | None:
        """Send the opening; what the server understood, if it was one."""
        first, *rest = self._parser.feed(header)
        self._events += rest
        return first.env if isinstance(first, wire.Header) else None

    # What the channel calls.

    def send(self, data: bytes) -> None:
        """Take a command: just one, in one line that is short enough."""
        one_line = data.endswith(b"\n") and data.count(b"\n") == 1 and b"\0" not in data
        if self._due or not one_line or len(data) > wire.MAX_COMMAND_BYTES:
            raise Nonsense(data)
        self.commands.append(words_of(data))
        self._due = self._open

    def poll(self) -> wire.Event | None:
        """What is here already."""
        return self._events.popleft() if self._events else None

    def next_event(self) -> wire.Event:
        """Answer the command that is due, or close."""
        if self._due and not self._events:
            self._due = False
            self._answer(self.commands[-1])
        if not self._events:
            self._close()
        return self._events.popleft()

    # What Asterisk does.

    def _answer(self, words: list[str]) -> None:
        fault = self._before(len(self.commands) - 1)
        if fault is Fault.SERVER_DIES:
            raise ServerDied
        if fault in HANG_UPS:
            self._leg.hang_up(self._leg.channel)
        if self._leg.sent_on == 0 or fault is Fault.HANG_UP:
            self._close()
        elif fault is not None:
            self._arrive(fault if isinstance(fault, bytes) else _SAID[fault])
        elif not self._leg.up and words[0] not in DEAD_SAFE:
            self._arrive(b"511 Command Not Permitted on a dead channel or intercept routine\n")
        else:
            if self._leg.sent_on:
                self._leg.sent_on -= 1
            self._arrive(self._run(words).encode() + b"\n")

    def _run(self, words: list[str]) -> str:
        match words:
            case ["SET", "VARIABLE", name, value]:
                self._leg.variables[name.removeprefix("__")] = value
                if name == f"__{CALL_ID}":
                    self._leg.call_ids.append(value)
                return "200 result=1"
            case ["GET", "VARIABLE", name]:
                value = self._leg.variables.get(name, "")
                return f"200 result=1 ({value})" if value else "200 result=0"
            case ["EXEC", "Playback", files]:
                return f"200 result={self._play_all(files.split('&'))}"
            case ["STREAM", "FILE", file, keys, _]:
                return f"200 result={self._stream(file, keys)} endpos=1600"
            case ["GET", "DATA", file, timeout, most]:
                return self._get_data(file, int(timeout), int(most))
            case ["RECORD", "FILE", file, "wav", "#", _, "0", "BEEP", _]:
                return f"200 result={self._record(file)} endpos=8000"
            case ["GOSUB", _, "s", "1"]:
                return "100 result=0 Trying...\n200 result=0 Gosub complete"
            case ["CHANNEL", "STATUS"]:
                return "200 result=6"
        raise Nonsense(words)

    def _play_all(self, files: list[str]) -> int:
        for file in files:
            if self._leg.up and self._length_ms(file) is None:
                self.missing.append(file)
            elif self._leg.up:
                self._play(file, "")
        return 0 if self._leg.up else -1

    def _stream(self, file: str, keys: str) -> int:
        if self._length_ms(file) is None:
            self.missing.append(file)
            return -1
        key = self._play(file, keys)
        return (ord(key) if key else 0) if self._leg.up else -1

    def _play(self, file: str, keys: str) -> str:
        """Play a sound until its end, a key among ``keys``, or a hang-up."""
        person = self._leg.person
        self._leg.hear(self._studio.name_of(file, self._leg))
        if person.hangs_up():
            self._leg.hang_up(self._leg.channel)
            return ""
        key = person.presses(keys) if keys else ""
        self._clock.pass_ms(KEY_MS if key else self._length_ms(file) or 0)
        return key

    def _get_data(self, file: str, timeout_ms: int, most: int) -> str:
        if file and self._length_ms(file) is None:
            self.missing.append(file)
            return "200 result=-1"
        keys = self._play(file, KEYS) if file else ""
        while self._leg.up and keys[-1:] != "#" and len(keys) < most:
            if self._leg.person.hangs_up():
                self._leg.hang_up(self._leg.channel)
            elif key := self._leg.person.presses(KEYS):
                self._clock.pass_ms(KEY_MS)
                keys += key
            else:
                self._leg.person.waits()
                self._clock.pass_ms(timeout_ms)
                return f"200 result={keys} (timeout)"
        return f"200 result={keys.removesuffix('#')}" if self._leg.up else "200 result=-1"

    def _record(self, file: str) -> int:
        self._play("beep", "")
        if self._leg.up:
            self._studio.record(file)
            self._clock.pass_ms(1000)
            self._leg.person.presses("#")
        return 0 if self._leg.up else -1

    def _length_ms(self, file: str) -> int | None:
        return self._studio.length_ms(file, self._leg)

    def _arrive(self, data: bytes) -> None:
        self._events += self._parser.feed(data)

    def _close(self) -> None:
        self._open = False
        self._events += self._parser.close() or [wire.Closed()]
