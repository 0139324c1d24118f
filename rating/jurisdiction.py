"""Where a call lies: interstate, intrastate or international, by its two ends.

The FCC looks at the ends of a call, not at the caller ID; the called area code stands for the
called place, which ported and mobile numbers make wrong at times. United States territories are
domestic interstate; other countries of country code 1 are international.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


class NumberError(ValueError):
    """The number can't be rated; the message says why."""


@dataclass(frozen=True)
class AreaCode:
    """An area code (NPA): its country, and its state or territory where that is the US."""

    npa: str
    country: str
    state: str


@cache
def area_codes() -> dict[str, AreaCode]:
    """The area codes of country code 1 that come with the program."""
    text = (files("rating") / "data" / "npa.csv").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return {r["npa"]: AreaCode(r["npa"], r["country"], r["state"]) for r in csv.DictReader(lines)}


def jurisdiction(state: str, number: str) -> str:
    """The jurisdiction of a call from ``state`` to a number in E.164 (``+15125550123``).

    Raises :class:`NumberError` for anything else, and for an area code that isn't in the table.
    """
    if not (number.startswith("+") and number[1:].isdecimal() and 8 <= len(number) <= 16):
        raise NumberError(f"{number!r} isn't a number in E.164")
    if not number.startswith("+1"):
        return "international"
    place = area_codes().get(number[2:5])
    if len(number) != 12 or place is None:
        raise NumberError(f"{number} has no known area code")
    if place.country != "US":
        return "international"
    return "intrastate" if place.state == state else "interstate"
