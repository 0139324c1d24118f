"""NPA-NXX data: the LATA and rate center of a block of numbers, and local calling areas.

:mod:`rating.exchangefile` reads it, :mod:`rating.exchangestore` keeps it. A country has more than
a million blocks in some ten thousand rate centers, so blocks are two columns of whole numbers.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

KEYS = 11_000_000
"""Every block there can be: a whole exchange, and its ten thousands, of a million NPA-NXX."""


class ExchangeError(Exception):
    """The data can't be loaded; the message names file, line and field."""


class Exchange(NamedTuple):
    """Where a block of numbers lies."""

    state: str
    lata: str
    rate_center: str


def key(npa_nxx: str, thousands: str = "") -> int:
    """The number of a block, below :data:`KEYS`; without thousands digit the whole exchange."""
    return int(npa_nxx) * 11 + (int(thousands) + 1 if thousands else 0)


@dataclass(frozen=True, eq=False)
class Exchanges:
    """Blocks by rising :func:`key`, each with its place, and the pairs of local rate centers.

    ``codes`` are positions in ``places``; both columns are 32-bit.
    """

    keys: array[int] = field(default_factory=lambda: array("i"))
    codes: array[int] = field(default_factory=lambda: array("i"))
    places: tuple[Exchange, ...] = ()
    local: frozenset[tuple[str, str, str]] = frozenset()
    version: str = ""

    def find(self, digits: str) -> Exchange | None:
        """The exchange of ten (or six) digits: the thousands block first, the whole NXX next."""
        if not (self.keys and len(digits) >= 6):
            return None
        block = self._at(key(digits[:6], digits[6])) if len(digits) > 6 else None
        return block or self._at(key(digits[:6]))

    def _at(self, wanted: int) -> Exchange | None:
        at = bisect_left(self.keys, wanted)
        found = at < len(self.keys) and self.keys[at] == wanted
        return self.places[self.codes[at]] if found else None

    def within_state(
        self, home: str, called: str
    ) -> Literal["local", "intralata", "interlata"] | None:
        """How far a call within one state goes; None where either end isn't known."""
        one, other = self.find(home), self.find(called)
        if one is None or other is None:
            return None
        if one.lata != other.lata:
            return "interlata"
        pair = (one.state, one.rate_center, other.rate_center)
        is_local = one.rate_center == other.rate_center or pair in self.local
        return "local" if is_local else "intralata"


NONE_LOADED = Exchanges()
