"""Talking and listening on a channel: sentences out, keys in, both into the call's journal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from agi import logs
from agi.channel import Channel
from agi.context import Context
from asterisk_conf.variables import LANGUAGE
from calls import journal
from calls.journal import Event
from ivr_prompts.catalogue import Catalogue
from ivr_prompts.saying import Name, Recording, Sentence, offer, plan, spoken_name

# Silence after which a question counts as unanswered, or a number as complete.
SILENCE_MS = 6000
TRIES = 3
HIDDEN = "*"
SWITCH = "9"
"""The key that changes the language, at any question; alone where digits are asked for."""
# Whoever changes it as often as this at one question is playing: that is no answer.
MOST_SWITCHES = 8


class Line:
    """One leg of a call, as a script talks to it; its language stays from script to script."""

    def __init__(self, channel: Channel, context: Context, leg: str) -> None:
        self.channel = channel
        self.context = context
        spoken = channel.env.get("agi_language", "")
        self.language = spoken if spoken in context.catalogues else context.settings.language
        self._leg = leg
        self._call_id = ""
        self._events: list[Event] = []

    def say(self, *sentences: Sentence) -> None:
        """Say it whole: no key cuts it short."""
        self._note("played", _ids(sentences))
        self.channel.execute("EXEC Playback", "&".join(self._clips(sentences)))

    def ask(
        self,
        *sentences: Sentence,
        digits: int,
        silence_ms: int = SILENCE_MS,
        secret: bool = False,
        offered: str = "",
    ) -> str:
        """Say it, a key cuts it short; the keys up to ``#``, to ``digits`` of them, or silence.

        The key for the language is taken here: the question comes again in the next language.
        ``offered`` is the sentence that tells of this key, said in that next language.
        """
        for _ in range(MOST_SWITCHES):
            self._note("played", _ids(sentences))
            clips = (*self._clips(sentences), *self._offer(offered))
            keys = self.channel.get_data(clips, silence_ms, digits)
            self._note("pressed", HIDDEN * len(keys) if secret else str(keys))
            if keys != SWITCH or self._next_language() == self.language:
                return str(keys)
            self._speak(self._next_language())
        return ""

    def listen(self, silence_ms: int) -> str:
        """Wait for one key and say nothing."""
        keys = self.channel.get_data(["pause"], silence_ms, 1)
        self._note("pressed", str(keys))
        if keys == SWITCH:
            self._speak(self._next_language())
            return ""
        return str(keys)

    def record(self, clip: str, seconds: int) -> None:
        """Record what is said after a tone, until ``#``, two seconds of silence, or the time."""
        self._note("recorded", clip)
        self.channel.record_sound(clip, seconds * 1000, 2)

    def named(self, written: str, otherwise: Sentence) -> Name | Sentence:
        """A name as it can be said here."""
        return spoken_name(written, self.context.sounds / self.language, otherwise)

    def recorded_name(self, clip: str | None) -> Recording | None:
        """A name in its owner's own voice, if there is one."""
        if clip and (self.context.sounds / f"{Recording(clip).path}.wav").is_file():
            return Recording(clip)
        return None

    @contextmanager
    def journal(self, call_id: str) -> Iterator[None]:
        """Keep what happens inside, whatever its end; the log's lines carry the call's id."""
        self._call_id = call_id
        logs.bind(call_id)
        try:
            yield
        finally:
            self._keep()

    def turn_page(self, call_id: str) -> None:
        """From here on it is another call's journal."""
        self._keep()
        self._call_id, self._events = call_id, []
        logs.bind(call_id)

    def _keep(self) -> None:
        journal.keep(self.context.database, self._call_id, self._leg, self._events)

    def _speak(self, language: str) -> None:
        self.language = language
        self.channel.set_variable(LANGUAGE, language)
        self._note("language", language)

    def _next_language(self) -> str:
        known = tuple(self.context.catalogues)
        return known[(known.index(self.language) + 1) % len(known)]

    def _offer(self, sentence_id: str) -> tuple[str, ...]:
        other = self._next_language()
        if not sentence_id or other == self.language:
            return ()
        return (offer(self.context.catalogues[other], sentence_id),)

    def _clips(self, sentences: tuple[Sentence, ...]) -> tuple[str, ...]:
        return plan(self._catalogue, *sentences)

    @property
    def _catalogue(self) -> Catalogue:
        return self.context.catalogues[self.language]

    def _note(self, kind: str, detail: str) -> None:
        if detail:
            self._events.append(Event(self.context.now(), self._leg, kind, detail))


def _ids(sentences: tuple[Sentence, ...]) -> str:
    return " ".join(sentence.id for sentence in sentences)
