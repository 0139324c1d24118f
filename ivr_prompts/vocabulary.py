"""The words of a language that aren't sentences: numbers, units, days, times, digits.

What one language needs and another doesn't is an entry that may be left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ivr_prompts.entries import CatalogueError, blanks_and_texts, numbered, table, text, texts

UNITS = ("dollar", "cent", "hour", "minute", "second")
WORDS = ("and", "point", "star", "pound")
SCALES = ("thousand", "million")
DATE_PARTS = frozenset({"weekday", "month", "day"})

Tables = Mapping[str, Any]
Clips = Iterator[tuple[str, str]]


def clips(tables: Tables) -> Clips:
    """Every clip with its words."""
    yield from _numbers(table(tables, "numbers"))
    for clip, place, entry in _counted(tables):
        yield f"{clip}-one", text(entry, place, "one")
        yield f"{clip}-many", text(entry, place, "many")
        if "link" in entry:
            yield f"{clip}-link", text(entry, place, "link")
    yield from _dates(table(tables, "date"))
    yield from _times(table(tables, "time"))
    for key in WORDS:
        yield f"word-{key}", text(table(tables, "words"), "words", key)


def small_numbers(tables: Tables) -> list[str]:
    """The numbers from 0 that have a clip of their own, by that number."""
    return texts(table(tables, "numbers"), "numbers", "words", 100, 1000)


def forms(tables: Tables) -> dict[str, str]:
    """The form that a number takes before a unit or a scale, by that one's clip."""
    known = table(tables, "numbers").get("forms", {})
    found = {}
    for clip, place, entry in _counted(tables):
        if "form" in entry:
            found[clip] = text(entry, place, "form")
            if found[clip] not in known:
                raise CatalogueError(f"{place}: there is no numbers.forms.{found[clip]}")
    return found


def date_order(tables: Tables) -> tuple[str, ...]:
    """The parts of a date as they follow each other, ``pause`` among them."""
    order = tuple(texts(table(tables, "date"), "date", "order", 3, 6))
    if sorted(part for part in order if part != "pause") != sorted(DATE_PARTS):
        raise CatalogueError("date.order: must name weekday, month and day once each")
    return order


def day_parts(tables: Tables) -> tuple[int, ...]:
    """The hours at which a part of the day begins."""
    return tuple(sorted(numbered(table(tables, "time"), "time", "parts", 24)))


def groups(tables: Tables) -> dict[int, tuple[int, ...]]:
    """How digits are grouped, by their count."""
    sizes = {count: _sizes(count, value) for count, value in tables.get("groups", {}).items()}
    return {int(count): value for count, value in sizes.items()}


def _numbers(numbers: Tables) -> Clips:
    for n, word in enumerate(texts(numbers, "numbers", "words", 100, 1000)):
        yield f"number-{n}", word
    for n, word in enumerate(texts(numbers, "numbers", "hundreds", 9, 9), 1):
        yield f"hundred-{n}", word
    for form in numbers.get("forms", {}):
        for n, word in numbered(table(numbers, "forms"), "numbers.forms", form, 1000).items():
            yield f"{_number_clip(n, len(numbers['words']))}-{form}", word


def _number_clip(n: int, small: int) -> str:
    if n >= small and n % 100:
        raise CatalogueError(f"numbers.forms: {n} has no word of its own")
    return f"number-{n}" if n < small else f"hundred-{n // 100}"


def _counted(tables: Tables) -> Iterator[tuple[str, str, dict[str, Any]]]:
    numbers, units = table(tables, "numbers"), table(tables, "units")
    for key in SCALES:
        yield f"scale-{key}", f"numbers.{key}", table(numbers, key, "numbers")
    for key in UNITS:
        yield f"unit-{key}", f"units.{key}", table(units, key, "units")


def _dates(date: Tables) -> Clips:
    for key, count in (("weekday", 7), ("month", 12), ("day", 31)):
        for n, word in enumerate(texts(date, "date", f"{key}s", count, count), 1):
            yield f"{key}-{n}", word


def _times(time: Tables) -> Clips:
    for key, count in (("hour", 24), ("minute", 60)):
        for n, word in enumerate(blanks_and_texts(time, "time", f"{key}s", count)):
            if word:
                yield f"{key}-{n}", word
    for hour, word in numbered(time, "time", "parts", 24).items():
        yield f"day-part-{hour}", word
    for hour, word in numbered(time, "time", "whole", 24).items():
        yield f"time-whole-{hour}", word


def _sizes(count: str, sizes: object) -> tuple[int, ...]:
    whole = isinstance(sizes, list) and all(isinstance(size, int) and size > 0 for size in sizes)
    if not isinstance(sizes, list) or not whole or str(sum(sizes)) != count:
        raise CatalogueError(f"groups.{count}: must list group sizes that add up to {count}")
    return tuple(sizes)
