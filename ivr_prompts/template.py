"""A sentence with slots: how its text is written, and how it is cut into clips.

``"You entered {number:digits}. Press 1."`` has the parts *You entered*, the slot *number*, and
*. Press 1.* Each spoken stretch between slots is one clip. Punctuation that a slot leaves at the
start of a stretch can't be spoken: it becomes a short pause.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

KINDS = frozenset({"money", "rate", "duration", "date", "time", "digits", "number", "name"})

_BRACED = re.compile(r"(\{[^{}]*\})")
_SLOT = re.compile(r"\{([a-z][a-z_]*):([a-z]+)\}")
_LEADING_PUNCTUATION = re.compile(r"^[.,;:?!]+")


class TemplateError(ValueError):
    """The text of a sentence can't be read; the message says which part."""


@dataclass(frozen=True)
class Slot:
    """A place for a value. ``kind`` is one of :data:`KINDS`."""

    name: str
    kind: str


@dataclass(frozen=True)
class Fragment:
    """Fixed words as they are written. ``clip`` speaks them, ``None`` where nothing is spoken."""

    text: str
    clip: str | None

    @property
    def pause_first(self) -> bool:
        """Whether the text starts with punctuation that belongs to the slot before it."""
        return _LEADING_PUNCTUATION.match(self.text) is not None

    @property
    def spoken(self) -> str:
        """The words of the clip."""
        return _LEADING_PUNCTUATION.sub("", self.text.strip()).strip()


@dataclass(frozen=True)
class Template:
    """One sentence of a catalogue; ``note`` is for the voice talent."""

    id: str
    parts: tuple[Fragment | Slot, ...]
    note: str

    @property
    def slots(self) -> dict[str, str]:
        """The slots' names and kinds."""
        return {part.name: part.kind for part in self.parts if isinstance(part, Slot)}

    @property
    def fragments(self) -> tuple[Fragment, ...]:
        """The stretches that are spoken from clips of their own."""
        return tuple(part for part in self.parts if isinstance(part, Fragment) and part.clip)


def parse(sentence_id: str, text: str, note: str = "") -> Template:
    """Cut a sentence at its slots. Raises :class:`TemplateError`."""
    pieces = [piece for piece in _BRACED.split(text) if piece]
    names = _clip_names(sentence_id, pieces)
    parts = tuple(_part(piece, names) for piece in pieces)
    if not any(isinstance(part, Slot) or part.clip for part in parts):
        raise TemplateError("has no words")
    template = Template(sentence_id, parts, note)
    _refuse_one_name_of_two_kinds(template)
    return template


def differences(
    ours: Mapping[str, Template], theirs: Mapping[str, Template], whose: str
) -> list[str]:
    """Where two languages don't have the same sentences with the same slots, one line each."""
    found = [
        (key, _difference(ours.get(key), theirs.get(key), whose)) for key in {**theirs, **ours}
    ]
    return [f"sentences.{key}: {why}" for key, why in found if why]


def _difference(ours: Template | None, theirs: Template | None, whose: str) -> str | None:
    if ours is None:
        return f"missing, {whose} has it"
    if theirs is None:
        return f"{whose} has no such sentence"
    if ours.slots != theirs.slots:
        slots = (f"{{{name}:{kind}}}" for name, kind in theirs.slots.items())
        return f"its slots must be {', '.join(slots) or 'none'}"
    return None


def _clip_names(sentence_id: str, pieces: list[str]) -> Iterator[str]:
    spoken = [piece for piece in pieces if _is_spoken(piece)]
    if len(spoken) == len(pieces) == 1:
        return iter([sentence_id])
    return iter(f"{sentence_id}-{place}" for place in range(1, len(spoken) + 1))


def _is_spoken(piece: str) -> bool:
    return not piece.startswith("{") and any(letter.isalnum() for letter in piece)


def _part(piece: str, names: Iterator[str]) -> Fragment | Slot:
    if piece.startswith("{"):
        return _slot(piece)
    if "{" in piece or "}" in piece:
        raise TemplateError(f"has a brace without its partner near {piece.strip()!r}")
    return Fragment(piece, next(names) if _is_spoken(piece) else None)


def _slot(piece: str) -> Slot:
    match = _SLOT.fullmatch(piece)
    if match is None:
        raise TemplateError(f"has the slot {piece}; slots are written {{name:kind}}")
    if match[2] not in KINDS:
        raise TemplateError(
            f"has the slot {piece} of unknown kind (known: {', '.join(sorted(KINDS))})"
        )
    return Slot(match[1], match[2])


def _refuse_one_name_of_two_kinds(template: Template) -> None:
    for part in template.parts:
        if isinstance(part, Slot) and template.slots[part.name] != part.kind:
            raise TemplateError(f"names the slot {part.name} twice with different kinds")
