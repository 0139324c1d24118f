"""What a sentence's slots hold: small values that know what can be said.

Each refuses, with :class:`ValueError`, what no line should ever speak: negative money, a name of
ten thousand letters, digits that aren't digits. Amounts are whole numbers, never floats.
"""

from __future__ import annotations

import datetime
import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import ClassVar

LARGEST_NUMBER = 999_999_999
MOST_DIGITS = 20
LONGEST_NAME = 80
NAMES_FOLDER = "names"
"""Below the folder of all sounds, beside the languages: names in their owners' voices."""

_RECORDED = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_-]{0,98}[A-Za-z0-9])?")


@dataclass(frozen=True)
class Number:
    """A count."""

    kind: ClassVar[str] = "number"
    n: int

    def __post_init__(self) -> None:
        _refuse_unsayable(self.n, LARGEST_NUMBER, "number")


@dataclass(frozen=True)
class Money:
    """An amount in whole cents."""

    kind: ClassVar[str] = "money"
    cents: int

    def __post_init__(self) -> None:
        _refuse_unsayable(self.cents, LARGEST_NUMBER * 100, "amount of money")


@dataclass(frozen=True)
class Rate:
    """Money a minute, in 1/10,000 dollar: 1250 is twelve and a half cents."""

    kind: ClassVar[str] = "rate"
    e4: int

    def __post_init__(self) -> None:
        _refuse_unsayable(self.e4, LARGEST_NUMBER, "rate")


@dataclass(frozen=True)
class Duration:
    """A time in seconds."""

    kind: ClassVar[str] = "duration"
    seconds: int

    def __post_init__(self) -> None:
        _refuse_unsayable(self.seconds, LARGEST_NUMBER, "duration")


@dataclass(frozen=True)
class Date:
    """A day of the year, with its weekday. The year isn't said: it is for days close by."""

    kind: ClassVar[str] = "date"
    day: datetime.date


@dataclass(frozen=True)
class TimeOfDay:
    """A time on a clock, wherever that clock hangs: hour 0 to 23, minute 0 to 59."""

    kind: ClassVar[str] = "time"
    hour: int
    minute: int

    def __post_init__(self) -> None:
        _refuse_unsayable(self.hour, 23, "hour")
        _refuse_unsayable(self.minute, 59, "minute")


@dataclass(frozen=True)
class Digits:
    """Keys said one by one: a telephone number, a code, a key to press (``*`` and ``#`` too)."""

    kind: ClassVar[str] = "digits"
    text: str

    def __post_init__(self) -> None:
        if not 1 <= len(self.text) <= MOST_DIGITS or set(self.text) - set("0123456789*#"):
            raise ValueError(
                f"can't say {self.text[:40]!r} digit by digit (1 to {MOST_DIGITS} keys)"
            )


@dataclass(frozen=True)
class Name:
    """A name with a clip of its own. Blanks are made single, marks that engines obey are dropped.

    Two spellings of one name (composed or decomposed accents, odd blanks) are equal.
    """

    kind: ClassVar[str] = "name"
    text: str

    def __post_init__(self) -> None:
        kept = "".join(_sayable(letter) for letter in unicodedata.normalize("NFC", self.text))
        clean = " ".join(kept.split())
        if not any(letter.isalnum() for letter in clean) or len(clean) > LONGEST_NAME:
            raise ValueError(
                f"can't say the name {self.text[:40]!r} (letters, at most {LONGEST_NAME})"
            )
        object.__setattr__(self, "text", clean)


@dataclass(frozen=True)
class Recording:
    """A name that its owner recorded, as a sound file of its own: the same in every language."""

    kind: ClassVar[str] = "name"
    clip: str

    def __post_init__(self) -> None:
        if not _RECORDED.fullmatch(self.clip):
            raise ValueError(f"{self.clip[:40]!r} can't be a recorded name's file")

    @property
    def path(self) -> str:
        """The sound file below the folder of all sounds, without its ending."""
        return f"{NAMES_FOLDER}/{self.clip}"


def name_clip(text: str) -> str:
    """The sound file's name of a spoken name. Raises ValueError for a text that is no name."""
    return f"name-{hashlib.sha256(Name(text).text.encode()).hexdigest()[:20]}"


def _refuse_unsayable(value: int, largest: int, what: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= largest:
        raise ValueError(f"can't say the {what} {value!r}")


def _sayable(letter: str) -> str:
    # Piper takes [[...]] as phonemes and espeak takes <...> as markup; neither is part of a name.
    marks = letter in "[]<>{}|\\" or unicodedata.category(letter)[0] == "C"
    return " " if marks else letter
