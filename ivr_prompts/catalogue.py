"""Every sentence that is spoken, by language: read from ``catalogue/<language>.toml``.

A catalogue knows its sentences and all its clips: sentence fragments, number words, units and
joining words. Clips are sound files; their names are plain words with dashes.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivr_prompts.template import Template, TemplateError, parse

FOLDER = Path(__file__).parent / "catalogue"
PAUSE = "pause"
UNITS = ("dollar", "cent", "hour", "minute", "second")
WORDS = ("and", "point", "star", "pound")
SCALES = ("thousand", "million")

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class CatalogueError(Exception):
    """A catalogue can't be used; the message names the file and the entry."""


@dataclass(frozen=True)
class Voice:
    """Who speaks: ``piper`` (``name`` is the package that holds the voice) or ``espeak``."""

    engine: str
    name: str


@dataclass(frozen=True)
class Catalogue:
    """One language. ``clips`` maps every clip to its words; ``small_numbers`` is how many numbers
    from 0 have a clip of their own; ``groups`` says how digits are grouped, by their count.
    """

    language: str
    voice: Voice
    sentences: Mapping[str, Template]
    clips: Mapping[str, str]
    small_numbers: int
    groups: Mapping[int, tuple[int, ...]]


def languages(folder: Path = FOLDER) -> tuple[str, ...]:
    """The languages that have a catalogue."""
    return tuple(sorted(file.stem for file in folder.glob("*.toml")))


def load(language: str, folder: Path = FOLDER) -> Catalogue:
    """Read a language's catalogue. Raises :class:`CatalogueError`."""
    file = folder / f"{language}.toml"
    try:
        return _catalogue(_tables(file))
    except CatalogueError as error:
        raise CatalogueError(f"{file}: {error}") from None


def _tables(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        known = ", ".join(languages(file.parent)) or "none"
        raise CatalogueError(f"no such catalogue (there are: {known})") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CatalogueError(str(error)) from None


def _catalogue(tables: dict[str, Any]) -> Catalogue:
    sentences = {key: _sentence(key, entry) for key, entry in _table(tables, "sentences").items()}
    return Catalogue(
        language=_text(_table(tables, "language"), "language", "code"),
        voice=_voice(_table(tables, "language")),
        sentences=sentences,
        clips=_unique(_clips(tables, sentences)),
        small_numbers=len(_texts(_table(tables, "numbers"), "numbers", "words", 100)),
        groups=_groups(tables.get("groups", {})),
    )


def _sentence(key: str, entry: object) -> Template:
    if not _ID.fullmatch(key) or key.startswith("name-"):
        raise CatalogueError(f"sentences.{key}: an id is small letters, digits and single dashes")
    if not isinstance(entry, dict):
        raise CatalogueError(f"sentences.{key}: must be a table with text and note")
    try:
        return parse(key, _text(entry, f"sentences.{key}", "text"), str(entry.get("note", "")))
    except TemplateError as error:
        raise CatalogueError(f"sentences.{key}: {error}") from None


def _voice(language: Mapping[str, Any]) -> Voice:
    engines = [engine for engine in ("piper", "espeak") if engine in language]
    if len(engines) != 1:
        raise CatalogueError("language: name one voice, as piper = PACKAGE or as espeak = VOICE")
    return Voice(engines[0], _text(language, "language", engines[0]))


def _clips(tables: dict[str, Any], sentences: Mapping[str, Template]) -> Iterator[tuple[str, str]]:
    yield PAUSE, ","
    for sentence in sentences.values():
        yield from ((str(one.clip), one.spoken) for one in sentence.fragments)
    numbers = _table(tables, "numbers")
    for n, word in enumerate(_texts(numbers, "numbers", "words", 100)):
        yield f"number-{n}", word
    for n, word in enumerate(_texts(numbers, "numbers", "hundreds", 9), 1):
        yield f"hundred-{n}", word
    yield from _counted(numbers, "numbers", "scale", SCALES)
    yield from _counted(_table(tables, "units"), "units", "unit", UNITS)
    for key in WORDS:
        yield f"word-{key}", _text(_table(tables, "words"), "words", key)


def _counted(
    table: Mapping[str, Any], place: str, prefix: str, keys: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    for key in keys:
        forms = _table(table, key, place)
        for form in ("one", "many"):
            yield f"{prefix}-{key}-{form}", _text(forms, f"{place}.{key}", form)


def _unique(clips: Iterator[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, words in clips:
        if name in found:
            raise CatalogueError(f"{name}: two clips would have this name; choose another id")
        found[name] = words
    return found


def _groups(table: Mapping[str, Any]) -> dict[int, tuple[int, ...]]:
    sizes = {count: _sizes(count, value) for count, value in table.items()}
    return {int(count): value for count, value in sizes.items()}


def _sizes(count: str, sizes: object) -> tuple[int, ...]:
    whole = isinstance(sizes, list) and all(isinstance(size, int) and size > 0 for size in sizes)
    if not isinstance(sizes, list) or not whole or str(sum(sizes)) != count:
        raise CatalogueError(f"groups.{count}: must list group sizes that add up to {count}")
    return tuple(sizes)


def _table(table: Mapping[str, Any], key: str, place: str = "") -> dict[str, Any]:
    value = table.get(key)
    if not isinstance(value, dict):
        raise CatalogueError(f"{place}.{key}".lstrip(".") + ": missing, or not a table")
    return value


def _text(table: Mapping[str, Any], place: str, key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise CatalogueError(f"{place}: {key} is missing or empty")
    return " ".join(value.split())


def _texts(table: Mapping[str, Any], place: str, key: str, least: int) -> list[str]:
    value = table.get(key)
    if not isinstance(value, list) or len(value) < least:
        raise CatalogueError(f"{place}: {key} must list at least {least} words")
    return [_text({key: word}, f"{place}.{key}[{n}]", key) for n, word in enumerate(value)]
