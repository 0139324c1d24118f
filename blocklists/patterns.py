"""Numbers with wildcards: ``+1212555????`` is an exchange, ``+1212*`` an area code.

What is matched is written beside the number: its ``stem``, which an index finds by the few
beginnings that a dialled number has, and its ``pattern``, as LIKE of SQL has it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Integer, String, and_, func, literal_column, type_coerce

from blocklists.numbers import Refused, normalise

ANY_DIGIT, ANY_REST = "?", "*"
# Country and area code: a shorter stem would have to be tried on most numbers of the country.
SHORTEST_STEM = 5
LONGEST_NUMBER = 12
FILLERS = " -.()/\u00a0\u2010\u2011\u2012\u2013\u2014\t"
_WILD = re.compile(r"(?:\+?1)?(?P<stem>[2-9][0-9]{2})(?P<rest>[0-9?]{0,7}\*?)")


class NumberError(ValueError):
    """The number can't be put on a list; the message says why."""


@dataclass(frozen=True)
class Pattern:
    """A number as a list keeps it, exact or with wildcards."""

    number: str

    @property
    def exact(self) -> bool:
        """Whether it means one number only."""
        return self.stem == self.number

    @property
    def stem(self) -> str:
        """What stands before the first wildcard."""
        return re.split(r"[?*]", self.number, maxsplit=1)[0]

    @property
    def like(self) -> str:
        """The same for LIKE of SQL."""
        return self.number.replace(ANY_DIGIT, "_").replace(ANY_REST, "%")

    def columns(self) -> dict[str, str]:
        """The three columns that a list's row has of it."""
        return {"number": self.number, "stem": self.stem, "pattern": self.like}


def dialable(number: str) -> str:
    """The E.164 number of what a person wrote, such as ``(212) 555-0100``.

    Raises :class:`NumberError`.
    """
    normal = normalise(_bare(number))
    if isinstance(normal, Refused):
        raise NumberError(f"{number!r} is no number that can be called: {normal.why.value}")
    return normal


def parse(written: str) -> Pattern:
    """The number, or the numbers, that a person means: ``(212) 555-????`` or ``+1212*`` too.

    A wildcard comes after the area code; ``?`` is any digit, ``*`` at the end any rest. What is
    written one way or another is one pattern. Raises :class:`NumberError`.
    """
    bare = _bare(written)
    if ANY_DIGIT not in bare and ANY_REST not in bare:
        return Pattern(dialable(written))
    wild = _WILD.fullmatch(bare)
    rest = wild["rest"] if wild else ""
    digits = rest.removesuffix(ANY_REST)
    if wild is None or (len(digits) != 7 and digits == rest):
        raise NumberError(
            f"{written!r}: a wildcard stands after the area code, ? for one digit, "
            "* at the end for the rest, such as +1212555???? or +1212*"
        )
    shortest = _shortest(digits, rest)
    found = Pattern(f"+1{wild['stem']}{shortest}")
    return Pattern(dialable(found.number)) if found.exact else found


def matches(
    number: object, stem: ColumnElement[str], like: ColumnElement[str]
) -> ColumnElement[bool]:
    """For a query: the row's pattern has this number."""
    text = type_coerce(number, String)
    # Written out: what is bound is named and sent for every call anew.
    numbers = [literal_column(str(n), Integer) for n in range(LONGEST_NUMBER + 1)]
    beginnings = [func.substr(text, numbers[1], length) for length in numbers[SHORTEST_STEM:]]
    return and_(stem.in_(beginnings), text.like(like))


def on(
    written: str, number: ColumnElement[str], stem: ColumnElement[str], like: ColumnElement[str]
) -> ColumnElement[bool]:
    """For a query: the row has the number that a person means, or is the very pattern.

    Raises :class:`NumberError`.
    """
    pattern = parse(written)
    return matches(pattern.number, stem, like) if pattern.exact else number == pattern.number


def _shortest(digits: str, rest: str) -> str:
    """``555????`` and ``555*`` are the same numbers: the one spelling that is kept."""
    fixed = digits.rstrip(ANY_DIGIT)
    open_end = rest.endswith(ANY_REST) or fixed != digits
    return fixed + ANY_REST if open_end and len(fixed) < 7 else fixed


def _bare(written: str) -> str:
    return "".join(key for key in written if key not in FILLERS)
