"""From sentences to sounds: what a call script wants said, as clips and as words.

>>> plan(load("en"), Sentence("confirm-number", number=Digits("2025550143")))  # doctest: +SKIP
('confirm-number-1', 'number-2', 'number-0', 'number-2', 'pause', ...)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivr_prompts import clock, counting
from ivr_prompts.catalogue import PAUSE, Catalogue
from ivr_prompts.template import Fragment, Slot, Template
from ivr_prompts.values import (
    Date,
    Digits,
    Duration,
    Money,
    Name,
    Number,
    Rate,
    Recording,
    TimeOfDay,
    name_clip,
)

__all__ = [
    "Date",
    "Digits",
    "Duration",
    "Money",
    "Name",
    "Number",
    "Rate",
    "Recording",
    "SayingError",
    "Sentence",
    "TimeOfDay",
    "Value",
    "name_clip",
    "offer",
    "plan",
    "spoken_name",
    "text",
]


class SayingError(Exception):
    """A sentence can't be said: unknown id, or slots that don't fit. A mistake of the program."""


@dataclass(frozen=True, init=False)
class Sentence:
    """A catalogue sentence and its slots: ``Sentence("confirm-number", number=Digits("5550143"))``.

    A sentence without slots may stand in a ``name`` slot, where no clip of the name exists.
    """

    id: str
    slots: Mapping[str, Value]

    def __init__(self, sentence_id: str, /, **slots: Value) -> None:
        object.__setattr__(self, "id", sentence_id)
        object.__setattr__(self, "slots", slots)


Value = Money | Rate | Duration | Date | TimeOfDay | Digits | Number | Name | Recording | Sentence

_COUNTED: Mapping[str, Callable[[Catalogue, Any], tuple[str, ...]]] = {
    "date": clock.date,
    "digits": counting.digits,
    "duration": counting.duration,
    "money": counting.money,
    "number": counting.number,
    "rate": counting.rate,
    "time": clock.time,
}


def plan(catalogue: Catalogue, *sentences: Sentence) -> tuple[str, ...]:
    """The clips that say the sentences, in order. Raises :class:`SayingError`."""
    return tuple(clip for sentence in sentences for clip in _clips(catalogue, sentence))


def text(catalogue: Catalogue, *sentences: Sentence) -> str:
    """The same sentences in words, for logs and people. Raises :class:`SayingError`."""
    return " ".join(_words(catalogue, sentence) for sentence in sentences)


def offer(catalogue: Catalogue, sentence_id: str) -> str:
    """The one clip of a sentence, for a leg that hears another language: ``es/language-offer``.

    Raises :class:`SayingError`, also for a sentence with slots.
    """
    _template(catalogue, Sentence(sentence_id))
    return f"{catalogue.language}/{sentence_id}"


def spoken_name(written: str, sounds: Path, otherwise: Sentence) -> Name | Sentence:
    """The name if it can be said from the folder ``sounds``, else the sentence that stands in.

    A call must not end because a name was written strangely or its clip isn't built yet.
    """
    try:
        found = (sounds / f"{name_clip(written)}.wav").is_file()
    except ValueError:
        return otherwise
    return Name(written) if found else otherwise


def _clips(catalogue: Catalogue, sentence: Sentence) -> Iterator[str]:
    for part in _template(catalogue, sentence).parts:
        if isinstance(part, Slot):
            yield from _value_clips(catalogue, sentence.slots[part.name])
        else:
            yield from _fragment_clips(part)


def _fragment_clips(fragment: Fragment) -> Iterator[str]:
    if fragment.pause_first:
        yield PAUSE
    if fragment.clip:
        yield fragment.clip


def _value_clips(catalogue: Catalogue, value: Value) -> tuple[str, ...]:
    if isinstance(value, Sentence):
        return plan(catalogue, value)
    if isinstance(value, Name):
        return (name_clip(value.text),)
    if isinstance(value, Recording):
        return (value.path,)
    return _COUNTED[value.kind](catalogue, value)


def _words(catalogue: Catalogue, sentence: Sentence) -> str:
    return "".join(
        _value_words(catalogue, sentence.slots[part.name]) if isinstance(part, Slot) else part.text
        for part in _template(catalogue, sentence).parts
    )


def _value_words(catalogue: Catalogue, value: Value) -> str:
    if isinstance(value, Sentence):
        return text(catalogue, value)
    if isinstance(value, Name | Recording):
        return value.text if isinstance(value, Name) else "(a recorded name)"
    spoken = " ".join(catalogue.clips[clip] for clip in _value_clips(catalogue, value))
    return spoken.replace(" ,", ",")


def _template(catalogue: Catalogue, sentence: Sentence) -> Template:
    template = catalogue.sentences.get(sentence.id)
    if template is None:
        raise SayingError(f"the {catalogue.language} catalogue has no sentence {sentence.id!r}")
    if template.slots.keys() != sentence.slots.keys():
        wanted = ", ".join(template.slots) or "none"
        raise SayingError(f"{sentence.id}: its slots are {wanted}")
    for slot, kind in template.slots.items():
        _refuse_wrong_kind(sentence, slot, kind)
    return template


def _refuse_wrong_kind(sentence: Sentence, slot: str, kind: str) -> None:
    value = sentence.slots[slot]
    given = "name" if isinstance(value, Sentence) else value.kind
    if given != kind:
        raise SayingError(f"{sentence.id}: slot {slot} wants {kind}, not {given}")
    if isinstance(value, Sentence) and value.slots:
        raise SayingError(f"{sentence.id}: slot {slot} wants a sentence without slots")
