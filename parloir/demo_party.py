"""Somebody with a telephone in the demo: what they hear is waited for, and told as it happens."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import click

from ivr_prompts.catalogue import PAUSE, Catalogue, load_all
from ivr_prompts.saying import Sentence, name_clip, plan, text
from phones.clip import Clip
from phones.events import Heard
from phones.phone import Phone

HEAR_SECONDS = 30
# The same sentence may come again: what began no later than this after the last one is that one.
SAME = timedelta(milliseconds=300)


class Party:
    """``language`` is the one that the party has chosen."""

    def __init__(self, name: str, phone: Phone, sounds: Path) -> None:
        self.name = name
        self.phone = phone
        self.language = "en"
        self._sounds = sounds
        self._after: datetime | None = None

    def hears(self, sentence: Sentence) -> None:
        """Wait until the sentence was heard to its last word."""
        own = self._words.sentences[sentence.id].fragments[-1].clip
        last = [clip for clip in plan(self._words, sentence) if clip != PAUSE][-1]
        # The last word may have been said before, in the middle: so after the last fixed words.
        ends = [self._clip(one) for one in dict.fromkeys((str(own), last))]
        self._mark(self.phone.wait_heard(ends, HEAR_SECONDS, self._after))
        tell(self.name, f"hears “{text(self._words, sentence)}”")

    def is_asked(self, sentence: Sentence) -> None:
        """Wait until the last stretch of the sentence has begun: a key may cut it short."""
        last = self._words.sentences[sentence.id].fragments[-1].clip or ""
        self._mark(self.phone.wait_begun(self._clip(last), timeout=HEAR_SECONDS, after=self._after))
        tell(self.name, f"is asked “{text(self._words, sentence)}”")

    def keys(self, keys: str, why: str) -> None:
        """Press keys."""
        tell(self.name, why)
        self.phone.press(keys)

    def says(self, words: str, listener: Party) -> None:
        """Speak until the other one has heard it whole."""
        path = self._sounds / self.language / f"{name_clip(words)}.wav"
        tell(self.name, f"says “{words}”")
        self.phone.play(path)
        listener.phone.wait_heard(Clip.load(path), HEAR_SECONDS)
        tell("", "which the other one really hears")

    def _mark(self, heard: Heard) -> None:
        self._after = heard.at + SAME

    @property
    def _words(self) -> Catalogue:
        return words()[self.language]

    def _clip(self, name: str) -> Clip:
        return Clip.load(self._sounds / self.language / f"{name}.wav")


@cache
def words() -> dict[str, Catalogue]:
    """Every language's sentences."""
    return load_all()


def tell(who: str, what: str) -> None:
    """One line of the story."""
    click.echo(f"{time.strftime('%H:%M:%S')}  {who:9} {what}")
