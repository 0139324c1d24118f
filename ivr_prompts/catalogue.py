"""Every sentence that is spoken, by language: read from ``catalogue/<language>.toml``.

A catalogue knows its sentences and all its clips: sentence fragments, number words, units, days,
times and joining words. Clips are sound files; their names are plain words with dashes.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivr_prompts import vocabulary
from ivr_prompts.entries import CatalogueError, table, text
from ivr_prompts.template import Template, TemplateError, differences, parse

__all__ = ["FOLDER", "PAUSE", "Catalogue", "CatalogueError", "Voice"]
__all__ += ["languages", "load", "load_all"]

FOLDER = Path(__file__).parent / "catalogue"
FIRST = "en"
"""The language that is offered first, and that says which sentences there must be."""
PAUSE = "pause"

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# The clip of a spoken name (values.name_clip), which no sentence may be taken for.
_NAME_CLIP = re.compile(r"name-[0-9a-f]{20}.*")


@dataclass(frozen=True)
class Voice:
    """Who speaks: ``piper`` (``name`` is the package that holds the voice) or ``espeak``."""

    engine: str
    name: str


@dataclass(frozen=True)
class Catalogue:
    """One language. ``clips`` maps every clip to its words; ``small_numbers`` is how many numbers
    from 0 have a clip of their own; ``forms`` names the form of a number before a unit or a scale,
    by their clip; ``groups`` says how digits are grouped, by their count; ``date_order`` lists the
    parts of a date; ``day_parts`` are the hours at which the parts of a day begin.
    """

    language: str
    voice: Voice
    sentences: Mapping[str, Template]
    clips: Mapping[str, str]
    small_numbers: int
    forms: Mapping[str, str]
    groups: Mapping[int, tuple[int, ...]]
    date_order: tuple[str, ...]
    day_parts: tuple[int, ...]


def languages(folder: Path = FOLDER) -> tuple[str, ...]:
    """The languages that have a catalogue, in the order in which a caller goes round them."""
    found = {file.stem for file in folder.glob("*.toml")}
    return tuple(sorted(found, key=lambda language: (language != FIRST, language)))


def load(language: str, folder: Path = FOLDER) -> Catalogue:
    """Read a language's catalogue. Raises :class:`CatalogueError`."""
    file = folder / f"{language}.toml"
    try:
        loaded = _catalogue(_tables(file))
        if loaded.language != language:
            raise CatalogueError(f"language: code must be {language}, as the file's name")
        return loaded
    except CatalogueError as error:
        raise CatalogueError(f"{file}: {error}") from None


def load_all(folder: Path = FOLDER) -> dict[str, Catalogue]:
    """Every language, in the order of :func:`languages`; each can say what all others can.

    Raises :class:`CatalogueError`, also for a sentence that one lacks or that has other slots.
    """
    loaded = {language: load(language, folder) for language in languages(folder)}
    first = next(iter(loaded.values()), None)
    for language, one in loaded.items():
        if first and (found := differences(one.sentences, first.sentences, first.language)):
            raise CatalogueError(f"{folder / language}.toml: {'; '.join(found)}")
    return loaded


def _tables(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        known = ", ".join(languages(file.parent)) or "none"
        raise CatalogueError(f"no such catalogue (there are: {known})") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CatalogueError(str(error)) from None


def _catalogue(tables: dict[str, Any]) -> Catalogue:
    sentences = {key: _sentence(key, entry) for key, entry in table(tables, "sentences").items()}
    return Catalogue(
        language=text(table(tables, "language"), "language", "code"),
        voice=_voice(table(tables, "language")),
        sentences=sentences,
        clips=_unique(_clips(tables, sentences)),
        small_numbers=len(vocabulary.small_numbers(tables)),
        forms=vocabulary.forms(tables),
        groups=vocabulary.groups(tables),
        date_order=vocabulary.date_order(tables),
        day_parts=vocabulary.day_parts(tables),
    )


def _sentence(key: str, entry: object) -> Template:
    if not _ID.fullmatch(key) or _NAME_CLIP.fullmatch(key):
        raise CatalogueError(f"sentences.{key}: an id is small letters, digits and single dashes")
    if not isinstance(entry, dict):
        raise CatalogueError(f"sentences.{key}: must be a table with text and note")
    try:
        return parse(key, text(entry, f"sentences.{key}", "text"), str(entry.get("note", "")))
    except TemplateError as error:
        raise CatalogueError(f"sentences.{key}: {error}") from None


def _voice(language: Mapping[str, Any]) -> Voice:
    engines = [engine for engine in ("piper", "espeak") if engine in language]
    if len(engines) != 1:
        raise CatalogueError("language: name one voice, as piper = PACKAGE or as espeak = VOICE")
    return Voice(engines[0], text(language, "language", engines[0]))


def _clips(tables: dict[str, Any], sentences: Mapping[str, Template]) -> Iterator[tuple[str, str]]:
    yield PAUSE, ","
    for sentence in sentences.values():
        yield from ((str(one.clip), one.spoken) for one in sentence.fragments)
    yield from vocabulary.clips(tables)


def _unique(clips: Iterator[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, words in clips:
        if name in found:
            raise CatalogueError(f"{name}: two clips would have this name; choose another id")
        found[name] = words
    return found
