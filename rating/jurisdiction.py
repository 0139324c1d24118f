"""Where a call lies, by its two ends: the facility's street address and the called number.

The FCC looks at the ends of a call, not at the caller ID; the called area code stands for the
called place, which ported and mobile numbers make wrong at times. The order of the tests (another
country, another state, another LATA, another local area) keeps a LATA that crosses a state line
from hiding an interstate call. United States territories are domestic interstate; the other
countries of country code 1 are international. ``phonenumbers`` only parses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import phonenumbers

from rating.exchanges import NONE_LOADED, Exchanges
from store.npa import area_codes

Jurisdiction = Literal[
    "intrastate", "intralata", "interlata", "local", "interstate", "international"
]
Scope = Literal["interstate", "intrastate", "international"]

JURISDICTIONS: tuple[Jurisdiction, ...] = (
    "intrastate",
    "intralata",
    "interlata",
    "local",
    "interstate",
    "international",
)
"""``intrastate`` alone means that no LATA is known for one of the ends."""


class NumberError(ValueError):
    """The number can't be rated; the message says why."""


@dataclass(frozen=True)
class Destination:
    """The called end: its digits in E.164, and its state where that is the US."""

    digits: str
    state: str
    international: bool


def scope(jurisdiction: str) -> Scope:
    """What the federal rules know: every jurisdiction within a state is intrastate."""
    if jurisdiction == "interstate":
        return "interstate"
    return "international" if jurisdiction == "international" else "intrastate"


def parse(text: str) -> str:
    """What a person typed as a number in E.164. Raises :class:`NumberError`."""
    try:
        parsed = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        raise NumberError(f"{text!r} isn't a telephone number") from None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def destination(number: str) -> Destination:
    """The called end of a number in E.164 (``+15125550123``).

    Raises :class:`NumberError` for anything else, and for an area code that isn't in the table.
    """
    if not (
        number[:1] == "+" and number[1:].isdecimal() and number.isascii() and 8 <= len(number) <= 16
    ):
        raise NumberError(f"{number!r} isn't a number in E.164")
    if number[1] != "1":
        return Destination(number[1:], "", True)
    place = area_codes().get(number[2:5])
    if len(number) != 12 or place is None:
        raise NumberError(f"{number} has no known area code")
    if place.country != "US":
        return Destination(number[1:], "", True)
    return Destination(number[1:], place.state, False)


def jurisdiction(
    state: str, called: Destination, home: str = "", exchanges: Exchanges = NONE_LOADED
) -> Jurisdiction:
    """The jurisdiction of a call from a facility in ``state`` to a :func:`destination`.

    ``home`` is the facility's own NPA-NXX; with it and loaded ``exchanges`` a call within the
    state is told apart by LATA and local area.
    """
    if called.international:
        return "international"
    if called.state != state:
        return "interstate"
    return exchanges.within_state(home, called.digits[1:]) or "intrastate"
