"""Talking and listening on a channel: sentences out, keys in, both into the call's journal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from agi import logs
from agi.channel import Channel
from agi.context import Context
from calls import journal
from calls.journal import Event
from ivr_prompts.saying import Name, Sentence, plan, spoken_name

# Silence after which a question counts as unanswered, or a number as complete.
SILENCE_MS = 6000
TRIES = 3
HIDDEN = "*"


class Line:
    """One leg of a call, as a script talks to it."""

    def __init__(self, channel: Channel, context: Context, leg: str) -> None:
        self.channel = channel
        self.context = context
        self._leg = leg
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
    ) -> str:
        """Say it, a key cuts it short; the keys up to ``#``, to ``digits`` of them, or silence."""
        self._note("played", _ids(sentences))
        keys = self.channel.get_data(self._clips(sentences), silence_ms, digits)
        self._note("pressed", HIDDEN * len(keys) if secret else str(keys))
        return str(keys)

    def listen(self, silence_ms: int) -> str:
        """Wait for one key and say nothing."""
        keys = self.channel.get_data(["pause"], silence_ms, 1)
        self._note("pressed", str(keys))
        return str(keys)

    def named(self, written: str, otherwise: Sentence) -> Name | Sentence:
        """A name as it can be said here."""
        return spoken_name(written, self.context.sounds, otherwise)

    @contextmanager
    def journal(self, call_id: str) -> Iterator[None]:
        """Keep what happens inside, whatever its end; the log's lines carry the call's id."""
        logs.bind(call_id)
        try:
            yield
        finally:
            journal.keep(self.context.database, call_id, self._leg, self._events)

    def _clips(self, sentences: tuple[Sentence, ...]) -> tuple[str, ...]:
        return plan(self.context.catalogue, *sentences)

    def _note(self, kind: str, detail: str) -> None:
        if detail:
            self._events.append(Event(self.context.now(), self._leg, kind, detail))


def _ids(sentences: tuple[Sentence, ...]) -> str:
    return " ".join(sentence.id for sentence in sentences)
