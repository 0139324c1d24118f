"""From a number to the clips that say it. The words are the catalogue's, the grammar is here.

Rules: a unit's singular is one clip (*one dollar*); whole dollars leave the cents out; amounts
under a dollar leave the dollars out; a fraction of a cent is said after the point, digit by digit.

A unit may ask for a form of the number before it (Spanish *veintiún dólares*, *veintiuna horas*),
and so may a scale (*veintiún mil*); words without that form stay as they are. A scale may put a
word between a round number and its unit (*un millón de dólares*).
"""

from __future__ import annotations

from collections.abc import Iterator

from ivr_prompts.catalogue import PAUSE, Catalogue
from ivr_prompts.values import Digits, Duration, Money, Number, Rate

Clips = tuple[str, ...]

_KEYS = {"*": "word-star", "#": "word-pound"}
_SCALES = ((1_000_000, "scale-million"), (1_000, "scale-thousand"))


def number(catalogue: Catalogue, value: Number) -> Clips:
    """*two thousand three hundred five*."""
    return _number(catalogue, value.n)


def money(catalogue: Catalogue, value: Money) -> Clips:
    """*one dollar and five cents*, *two dollars*, *zero cents*."""
    dollars, cents = divmod(value.cents, 100)
    spoken = [_counted(catalogue, dollars, "dollar")] if dollars else []
    if cents or not dollars:
        spoken.append(_counted(catalogue, cents, "cent"))
    return _joined(spoken)


def rate(catalogue: Catalogue, value: Rate) -> Clips:
    """*twelve cents*, *twelve point five cents*: what follows is the catalogue's *a minute*."""
    cents, fraction = divmod(value.e4, 100)
    if not fraction:
        return money(catalogue, Money(cents))
    places = f"{fraction:02}".rstrip("0")
    decimals = (f"number-{place}" for place in places)
    return (*_number(catalogue, cents), "word-point", *decimals, "unit-cent-many")


def duration(catalogue: Catalogue, value: Duration) -> Clips:
    """*one hour, two minutes and thirty seconds*."""
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    counts = (("hour", hours), ("minute", minutes), ("second", seconds))
    spoken = [_counted(catalogue, n, unit) for unit, n in counts if n]
    return _joined(spoken or [_counted(catalogue, 0, "second")])


def digits(catalogue: Catalogue, value: Digits) -> Clips:
    """Key by key, with a short pause between groups."""
    return tuple(_keys(value.text, catalogue.groups.get(len(value.text), ())))


def _number(catalogue: Catalogue, n: int, form: str = "") -> Clips:
    if n < catalogue.small_numbers:
        return (_formed(catalogue, f"number-{n}", form),)
    for size, clip in _SCALES:
        if n >= size:
            count, rest = divmod(n, size)
            return _scaled(catalogue, count, clip, form) + _rest(catalogue, rest, form)
    hundred = _formed(catalogue, f"hundred-{n // 100}", form)
    return (hundred, *_rest(catalogue, n % 100, form))


def _formed(catalogue: Catalogue, clip: str, form: str) -> str:
    formed = f"{clip}-{form}"
    return formed if formed in catalogue.clips else clip


def _scaled(catalogue: Catalogue, count: int, scale: str, form: str) -> Clips:
    if count == 1:
        return (f"{scale}-one",)
    return (*_number(catalogue, count, form or catalogue.forms.get(scale, "")), f"{scale}-many")


def _rest(catalogue: Catalogue, n: int, form: str) -> Clips:
    return _number(catalogue, n, form) if n else ()


def _counted(catalogue: Catalogue, n: int, unit: str) -> Clips:
    if n == 1:
        return (f"unit-{unit}-one",)
    spoken = _number(catalogue, n, catalogue.forms.get(f"unit-{unit}", ""))
    return (*spoken, *_link(catalogue, spoken[-1]), f"unit-{unit}-many")


def _link(catalogue: Catalogue, last: str) -> Clips:
    scale = last.removesuffix("-one").removesuffix("-many")
    return (f"{scale}-link",) if f"{scale}-link" in catalogue.clips else ()


def _joined(spoken: list[Clips]) -> Clips:
    *first, last = spoken
    before = tuple(clip for part in first for clip in part)
    return (*before, "word-and", *last) if first else last


def _keys(text: str, groups: tuple[int, ...]) -> Iterator[str]:
    starts = {sum(groups[:place]) for place in range(1, len(groups))}
    for place, key in enumerate(text):
        if place in starts:
            yield PAUSE
        yield _KEYS.get(key, f"number-{key}")
