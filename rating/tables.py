"""Timelines laid out as columns: what :mod:`rating.batch` looks up, row by row.

A timeline is a rate that is constant piece by piece, so the amount of a call over any number of
changes is the difference of two running sums: no call has to be cut up. To find the piece that a
moment lies in, time is cut into buckets that each know the piece they begin in; at most ``steps``
pieces further lies the right one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from rating.engine import UNCAPPED_E4
from rating.rules import Terms
from rating.timeline import Timeline

Ints: TypeAlias = NDArray[np.int64]
NEVER = 2**62
SMALLEST_BUCKET_S = 900
MOST_BUCKETS = 1 << 21


@dataclass(frozen=True)
class Rate:
    """One rate of every piece, and its sum over the timeline up to the piece's start."""

    e4: Ints
    before: Ints

    def amount(self, first: Ints, start: Ints, last: Ints, end: Ints, starts: Ints) -> Ints:
        """Rate x seconds from ``start`` in piece ``first`` to ``end`` in piece ``last``."""
        upto = self.before[last] + self.e4[last] * (end - starts[last])
        since: Ints = self.before[first] + self.e4[first] * (start - starts[first])
        difference: Ints = upto - since
        return difference


@dataclass(frozen=True)
class Share:
    """One tax of every piece: millionths of the base line and of the additive line."""

    base_ppm: Ints
    additive_ppm: Ints


@dataclass(frozen=True)
class Pieces:
    """All pieces of all timelines, one timeline after the other."""

    terms: tuple[Terms, ...]
    start: Ints
    end: Ints
    base: Rate
    additive: Rate
    cap: Rate
    additive_cap: Rate
    increment: Ints
    minimum: Ints
    refused: NDArray[np.bool_]
    taxes: tuple[Share, ...]
    plain: bool
    origin: int
    bucket_s: int
    buckets: int
    first_of_bucket: Ints
    steps: int

    def find(self, key: Ints, moment: Ints) -> Ints:
        """The piece of timeline ``key`` that each moment lies in."""
        bucket = (moment - self.origin) // self.bucket_s
        piece: Ints = self.first_of_bucket[key * self.buckets + bucket]
        for _ in range(self.steps):
            piece = piece + (self.end[piece] <= moment)
        return piece


def lay_out(timelines: Sequence[Timeline], origin: int, limit: int) -> Pieces:
    """The columns of some timelines for moments from ``origin`` up to ``limit``."""
    starts = [np.array([moment for moment, _ in one], np.int64) for one in timelines]
    sizes = np.array([len(one) for one in starts], np.int64)
    firsts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    terms = tuple(t for one in timelines for _, t in one)
    start = np.concatenate(starts)
    end = np.concatenate([np.append(one[1:], NEVER) for one in starts])
    bucket_s, steps, first_of_bucket = _buckets(starts, firsts, origin, limit)

    def rate(of: Callable[[Terms], int | None]) -> Rate:
        e4 = [UNCAPPED_E4 if (found := of(t)) is None else found for t in terms]
        return _running(np.array(e4, np.int64), start)

    return Pieces(
        terms=terms,
        start=start,
        end=end,
        base=rate(lambda t: t.base_e4),
        additive=rate(lambda t: t.additive_e4),
        cap=rate(lambda t: t.cap_e4),
        additive_cap=rate(lambda t: t.additive_cap_e4),
        increment=np.array([t.increment_s for t in terms], np.int64),
        minimum=np.array([t.minimum_s for t in terms], np.int64),
        refused=np.array([bool(t.refusal) for t in terms]),
        taxes=_shares(terms),
        plain=all(t.increment_s == 1 and t.minimum_s == 0 for t in terms),
        origin=origin,
        bucket_s=bucket_s,
        buckets=first_of_bucket.shape[1],
        first_of_bucket=first_of_bucket.ravel(),
        steps=steps,
    )


def _running(e4: Ints, start: Ints) -> Rate:
    """Sums run on from timeline to timeline: only differences within one are ever taken.

    What is added between two timelines means nothing, and a sum may wrap around: differences
    don't mind.
    """
    lengths = np.diff(start, append=start[-1])
    return Rate(e4, np.concatenate([[0], np.cumsum(e4 * lengths)[:-1]]))


def _shares(terms: tuple[Terms, ...]) -> tuple[Share, ...]:
    slots = max((len(t.taxes) for t in terms), default=0)
    return tuple(
        Share(_ppm(terms, slot, ("base", "all")), _ppm(terms, slot, ("additive", "all")))
        for slot in range(slots)
    )


def _ppm(terms: tuple[Terms, ...], slot: int, on: tuple[str, ...]) -> Ints:
    found = (t.taxes[slot] if slot < len(t.taxes) else None for t in terms)
    return np.array([tax.rate_ppm if tax and tax.on in on else 0 for tax in found], np.int64)


def _buckets(
    starts: Sequence[Ints], firsts: Ints, origin: int, limit: int
) -> tuple[int, int, Ints]:
    span = limit - origin
    bucket_s = max(SMALLEST_BUCKET_S, -(-span * len(starts) // MOST_BUCKETS))
    edges = np.arange(origin, limit + bucket_s, bucket_s, dtype=np.int64)
    within = [np.maximum(np.searchsorted(one, edges, "right") - 1, 0) for one in starts]
    jumps = (int(np.diff(one, append=one[-1]).max()) for one in within)
    # A piece may begin inside a bucket; the last bucket is past the end and is never asked.
    steps = max(chain((0,), jumps))
    table = np.stack([first + one for first, one in zip(firsts, within, strict=True)])
    return bucket_s, steps, table
