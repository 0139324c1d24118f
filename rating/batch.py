"""The same rules over columns: millions of calls, integers only.

:mod:`rating.timeline` says what holds when, for one call as for a million; here only the
arithmetic of :func:`rating.engine.charge` is done again, on numpy columns. On every row and every
field the result equals the scalar engine's (``tests/rating/test_batch.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from rating.caps import CapError, Medium
from rating.jurisdiction import JURISDICTIONS
from rating.money import E4_SECONDS_PER_CENT
from rating.rules import Book, Terms
from rating.tables import Ints, Pieces, Rate, lay_out
from rating.taxes import ACCOUNT_TYPES, PPM
from rating.terms import CALL_CLASSES, CallKind, FacilityTerms
from rating.timeline import DAY_S, Timeline, timeline

MEDIA: tuple[Medium, ...] = ("audio", "video")
BLOCK = 1 << 15
"""Rows worked on at a time: their columns stay in the processor's cache."""


class OutsideDays(ValueError):
    """A call doesn't belong to the days that are re-rated; the message says when it was."""


@dataclass(frozen=True)
class Calls:
    """Columns of calls, all int64. ``start`` is seconds since 1970 (UTC), the acceptance.

    The others are positions: ``facility`` in the rater's facilities, ``tax_state`` and
    ``destination`` in its states and destinations, the rest in ``JURISDICTIONS``, ``MEDIA``,
    ``CALL_CLASSES`` and ``ACCOUNT_TYPES``.
    """

    start: Ints
    seconds: Ints
    facility: Ints
    jurisdiction: Ints
    medium: Ints
    call_class: Ints
    account_type: Ints
    tax_state: Ints
    destination: Ints

    def __len__(self) -> int:
        return len(self.start)

    def part(self, rows: slice) -> Calls:
        """Some of the rows, without copying."""
        return Calls(*(getattr(self, one.name)[rows] for one in fields(self)))


@dataclass(frozen=True)
class Rated:
    """Columns of money in whole cents, one row a call.

    ``taxes`` are the tax lines by their place on the quote. ``refused`` marks calls that have no
    rate (they cost nothing). ``piece`` leads to the terms of each row's start.
    """

    base: Ints
    additive: Ints
    taxes: tuple[Ints, ...]
    refused: NDArray[np.bool_]
    piece: Ints
    pieces: Pieces

    @property
    def tax(self) -> Ints:
        """All taxes of each row."""
        zero = np.zeros_like(self.base)
        return sum(self.taxes, start=zero)

    @property
    def total(self) -> Ints:
        """All lines of each row."""
        total: Ints = self.base + self.additive + self.tax
        return total

    def terms(self, row: int) -> Terms:
        """The terms of a row's start: tier, cap, rule, taxes."""
        return self.pieces.terms[int(self.piece[row])]


class Rater:
    """Re-rates calls that began from ``first`` to ``last`` (UTC days, both inclusive)."""

    def __init__(
        self,
        prices: Book,
        facilities: Sequence[FacilityTerms],
        first: date,
        last: date,
        states: Sequence[str] = ("",),
        destinations: Sequence[str] = ("",),
    ) -> None:
        self.facilities, self.states, self.destinations = facilities, states, destinations
        self._prices = prices
        self._days = max(first - timedelta(days=1), prices.caps.first_day), last + timedelta(3)
        self._origin, self._limit = _utc(first), _utc(last + timedelta(days=1))
        self._known = np.empty(0, np.int64)
        self._order = np.empty(0, np.int64)
        self._timelines: dict[Timeline, int] = {}
        self._pieces: Pieces | None = None

    def rate(self, calls: Calls) -> Rated:
        """What each call costs.

        Raises :class:`OutsideDays` for a call outside the rater's days and
        :class:`rating.caps.CapError` for one before the first cap.
        """
        outside = calls.start[(calls.start < self._origin) | (calls.start >= self._limit)]
        if outside.size:
            at = datetime.fromtimestamp(int(outside[0]), UTC)
            raise OutsideDays(
                f"a call of {at:%Y-%m-%d %H:%M:%S} UTC lies outside the days asked for"
            )
        key = self._keys(calls)
        pieces = self._pieces or lay_out([((0, _NOTHING),)], self._origin, self._limit)
        shape = len(calls)
        base, additive, piece = (np.empty(shape, np.int64) for _ in range(3))
        taxes = tuple(np.empty(shape, np.int64) for _ in pieces.taxes)
        for begin in range(0, shape, BLOCK):
            rows = slice(begin, begin + BLOCK)
            out = base[rows], additive[rows], piece[rows], [one[rows] for one in taxes]
            _block(pieces, calls.start[rows], calls.seconds[rows], key[rows], *out)
        return Rated(base, additive, taxes, pieces.refused[piece], piece, pieces)

    def _keys(self, calls: Calls) -> Ints:
        """The timeline of each row; kinds of calls that weren't met before are worked out."""
        key = np.empty(len(calls), np.int64)
        for begin in range(0, len(calls), BLOCK):
            rows = slice(begin, begin + BLOCK)
            code = self._code(calls.part(rows))
            found = self._look_up(code)
            if (new := np.unique(code[found < 0])).size:
                self._learn(new)
                found = self._look_up(code)
            key[rows] = found
        return key

    def _code(self, calls: Calls) -> Ints:
        code = calls.facility
        for column, size in (
            (calls.jurisdiction, len(JURISDICTIONS)),
            (calls.medium, len(MEDIA)),
            (calls.call_class, len(CALL_CLASSES)),
            (calls.account_type, len(ACCOUNT_TYPES)),
            (calls.tax_state, len(self.states)),
            (calls.destination, len(self.destinations)),
        ):
            code = code * size + column
        return code

    def _look_up(self, code: Ints) -> Ints:
        if not self._known.size:
            return np.full(len(code), -1, np.int64)
        place = np.minimum(np.searchsorted(self._known, code), self._known.size - 1)
        return np.where(self._known[place] == code, self._order[place], -1)

    def _learn(self, codes: Ints) -> None:
        # Many kinds share one timeline (an untaxed state, a like tier): laid out once.
        fresh = [
            self._timelines.setdefault(self._timeline(int(code)), len(self._timelines))
            for code in codes
        ]
        known = np.concatenate([self._known, codes])
        rising = np.argsort(known)
        self._known = known[rising]
        self._order = np.concatenate([self._order, np.array(fresh, np.int64)])[rising]
        self._pieces = lay_out(list(self._timelines), self._origin, self._limit + 2 * DAY_S)

    def _timeline(self, code: int) -> Timeline:
        code, destination = divmod(code, len(self.destinations))
        code, tax_state = divmod(code, len(self.states))
        code, account_type = divmod(code, len(ACCOUNT_TYPES))
        code, call_class = divmod(code, len(CALL_CLASSES))
        code, medium = divmod(code, len(MEDIA))
        facility, jurisdiction = divmod(code, len(JURISDICTIONS))
        kind = CallKind(
            JURISDICTIONS[jurisdiction],
            MEDIA[medium],
            CALL_CLASSES[call_class],
            ACCOUNT_TYPES[account_type],
            self.states[tax_state],
            self.destinations[destination],
        )
        return timeline(self._prices, self.facilities[facility], kind, *self._days)


_NOTHING = Terms(0, 0, None, None, "", "")


def _block(
    pieces: Pieces,
    start: Ints,
    seconds: Ints,
    key: Ints,
    base: Ints,
    additive: Ints,
    piece: Ints,
    taxes: list[Ints],
) -> None:
    """Fill one block of the output columns: :func:`rating.engine.charge`, line by line."""
    actual = np.maximum(seconds, 0)
    piece[:] = pieces.find(key, start)
    if (pieces.start[piece] > start).any():
        raise CapError("a call lies before the first cap on record")
    billed = actual if pieces.plain else _billed(pieces, piece, actual)
    amounts = _amounts(pieces, (pieces.base, pieces.additive), key, piece, start, billed)
    if not pieces.plain:
        caps = (pieces.cap, pieces.additive_cap)
        limits = _amounts(pieces, caps, key, piece, start, actual)
        amounts = [np.minimum(*pair) for pair in zip(amounts, limits, strict=True)]
    if len(refused := np.flatnonzero(pieces.refused[piece])):
        for amount in amounts:
            amount[refused] = 0
    np.floor_divide(amounts[0], E4_SECONDS_PER_CENT, out=base)
    np.floor_divide(amounts[1], E4_SECONDS_PER_CENT, out=additive)
    for share, line in zip(pieces.taxes, taxes, strict=True):
        np.multiply(base, share.base_ppm[piece], out=line)
        line += additive * share.additive_ppm[piece]
        np.floor_divide(line, PPM, out=line)


def _billed(pieces: Pieces, piece: Ints, actual: Ints) -> Ints:
    increment = pieces.increment[piece]
    whole = -(-actual // increment) * increment
    return np.where(actual > 0, np.maximum(whole, pieces.minimum[piece]), 0)


def _amounts(
    pieces: Pieces,
    rates: tuple[Rate, ...],
    key: Ints,
    piece: Ints,
    start: Ints,
    seconds: Ints,
) -> list[Ints]:
    """Rate x seconds. Most calls stay in one piece; the others take the difference of two sums."""
    amounts = [rate.e4[piece] * seconds for rate in rates]
    across = np.flatnonzero(start + seconds > pieces.end[piece])
    if across.size:
        first, begin = piece[across], start[across]
        end = begin + seconds[across]
        last = pieces.find(key[across], np.minimum(end, begin + DAY_S) - 1)
        for amount, rate in zip(amounts, rates, strict=True):
            amount[across] = rate.amount(first, begin, last, end, pieces.start)
    return amounts


def _utc(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
