"""Re-rates past calls in chunks: what they would have cost, and who paid too much.

A source gives chunks of calls with what was charged; a sink takes the new lines. Memory holds one
chunk. Nothing is posted: the overcharges come out as proposals, account by account.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rating.batch import Calls, Rated, Rater
from rating.money import Cents
from rating.tables import Ints

LINES = ("base", "additive", "tax")


@dataclass(frozen=True)
class Charged:
    """A chunk of past calls. ``lines`` are what was charged: base, additive, all taxes."""

    calls: Calls
    call_id: NDArray[np.bytes_]
    account_id: NDArray[np.bytes_]
    lines: tuple[Ints, Ints, Ints]

    @property
    def total(self) -> Ints:
        """What each call was charged in all."""
        total: Ints = self.lines[0] + self.lines[1] + self.lines[2]
        return total


@dataclass
class Refund:
    """What one account was overcharged, over how many calls, line by line as :data:`LINES`."""

    calls: int = 0
    lines: list[Cents] = field(default_factory=lambda: [0, 0, 0])

    @property
    def cents(self) -> Cents:
        """All of it."""
        return sum(self.lines)


@dataclass
class Report:
    """The sum of a run. ``refused`` calls have no rate by these prices and were left alone."""

    calls: int = 0
    refused: int = 0
    charged_cents: Cents = 0
    rerated_cents: Cents = 0
    refunds: defaultdict[str, Refund] = field(default_factory=lambda: defaultdict(Refund))

    def add(self, charged: Charged, rated: Rated) -> None:
        """Count a chunk in."""
        priced = ~rated.refused
        self.calls += len(charged.calls)
        self.refused += int(rated.refused.sum())
        self.charged_cents += int(charged.total[priced].sum())
        self.rerated_cents += int(rated.total[priced].sum())
        over = np.flatnonzero(priced & (charged.total > rated.total))
        new = (rated.base, rated.additive, rated.tax)
        difference = [old[over] - now[over] for old, now in zip(charged.lines, new, strict=True)]
        self._refund(charged.account_id[over], difference)

    def _refund(self, accounts: NDArray[np.bytes_], difference: list[Ints]) -> None:
        places: dict[bytes, int] = {}
        owner = np.fromiter(
            (places.setdefault(name, len(places)) for name in accounts.tolist()), np.int64
        )
        counts = np.bincount(owner, minlength=len(places))
        sums = np.zeros((len(difference), len(places)), np.int64)
        for line, column in zip(sums, difference, strict=True):
            np.add.at(line, owner, column)
        for name, at in places.items():
            refund = self.refunds[name.decode().strip()]
            refund.calls += int(counts[at])
            refund.lines = [
                one + int(more) for one, more in zip(refund.lines, sums[:, at], strict=True)
            ]


def rerate(
    source: Iterable[Charged],
    rater: Rater,
    sink: Callable[[Charged, Rated], None],
) -> Iterator[Report]:
    """Re-rate every chunk and hand it on; the running report after each, so progress shows."""
    report = Report()
    for charged in source:
        rated = rater.rate(charged.calls)
        sink(charged, rated)
        report.add(charged, rated)
        yield report
