"""The entries of a catalogue file: each is there and of its kind, or is named as what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class CatalogueError(Exception):
    """A catalogue can't be used; the message names the file and the entry."""


def table(tables: Mapping[str, Any], key: str, place: str = "") -> dict[str, Any]:
    """The table under ``key``. Raises :class:`CatalogueError`, as do all of these."""
    value = tables.get(key)
    if not isinstance(value, dict):
        raise CatalogueError(f"{place}.{key}".lstrip(".") + ": missing, or not a table")
    return value


def text(entries: Mapping[str, Any], place: str, key: str) -> str:
    """Words, with single blanks."""
    value = entries.get(key)
    if not isinstance(value, str) or not value.strip():
        raise CatalogueError(f"{place}: {key} is missing or empty")
    return " ".join(value.split())


def texts(entries: Mapping[str, Any], place: str, key: str, least: int, most: int) -> list[str]:
    """A list of so many words."""
    value = entries.get(key)
    if not isinstance(value, list) or not least <= len(value) <= most:
        count = least if least == most else f"{least} to {most}"
        raise CatalogueError(f"{place}: {key} must list {count} words")
    return [text({key: word}, f"{place}.{key}[{n}]", key) for n, word in enumerate(value)]


def blanks_and_texts(entries: Mapping[str, Any], place: str, key: str, count: int) -> list[str]:
    """A list of just so many words; a blank one says nothing."""
    value = entries.get(key)
    strings = isinstance(value, list) and all(isinstance(word, str) for word in value)
    if not isinstance(value, list) or not strings or len(value) != count:
        raise CatalogueError(f"{place}: {key} must list {count} words")
    return [" ".join(word.split()) for word in value]


def numbered(entries: Mapping[str, Any], place: str, key: str, below: int) -> dict[int, str]:
    """Words by a number under ``below``; no entry is no words."""
    if key not in entries:
        return {}
    words = table(entries, key, place)
    for number in words:
        if not number.isdecimal() or int(number) >= below:
            raise CatalogueError(f"{place}.{key}.{number}: must be a number below {below}")
    return {int(number): text(words, f"{place}.{key}", number) for number in words}
