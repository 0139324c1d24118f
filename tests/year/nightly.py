"""What is looked at each night, and what each month; the digest of a year's books."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator

from sqlalchemy import Connection, bindparam, func, select

from accounts.chart import CARRIERS, HOUSE, REFUNDS_PAYABLE
from accounts.refunds.rows import OPEN
from billing.carriers.responses import OPEN_CENTS
from billing.statements import of_month
from store.tables import balances, calls, emi_records, entries, postings, refunds

RANDOM = re.compile(r"R-[0-9a-f]{20}")


class Nightly:
    """Every account's balance as the postings of each day make it."""

    def __init__(self) -> None:
        self.cents: Counter[str] = Counter()
        self.last_month: Counter[str] = Counter()
        self.entries = 0
        self._last = 0

    def check(self, connection: Connection) -> None:
        """The day's entries sum to zero; the balances are what they were and the day's postings.

        Nothing is held; what is promised and what the carriers owe is what their tables say.
        """
        moved: Counter[str] = Counter()
        sums: Counter[int] = Counter()
        for row in connection.execute(_SINCE, {"last": self._last}):
            sums[row.entry_id] += row.cents
            moved[row.account_id] += row.cents
        assert not any(sums.values())
        self._last = max(sums, default=self._last)
        self.entries += len(sums)
        self.cents.update(moved)
        assert sum(self.cents.values()) == 0
        touched = [one for one in moved if one not in HOUSE]
        stands = {
            row.account_id: row.balance_cents
            for row in connection.execute(_BALANCES.where(balances.c.account_id.in_(touched)))
        }
        assert stands == {one: self.cents[one] for one in touched}
        assert connection.scalar(_HELD) == 0
        assert connection.scalar(_PROMISED) == self.cents[REFUNDS_PAYABLE]
        assert connection.scalar(_CARRIERS_OWE) == -self.cents[CARRIERS]

    def check_statements(self, connection: Connection, month: str) -> int:
        """Every statement begins where the last one ended and its lines sum to its balance."""
        seen = 0
        for one in of_month(connection, month):
            assert one.final
            assert one.opening_cents == self.last_month[one.account_id]
            assert one.closing_cents == self.cents[one.account_id], one.account_id
            parts = one.base_cents + one.additive_cents + sum(tax.cents for tax in one.taxes)
            assert parts == one.charged_cents
            seen += 1
        owing = {name for name, cents in self.cents.items() if cents and name not in HOUSE}
        assert seen >= len(owing)
        self.last_month = self.cents.copy()
        return seen


def digest(connection: Connection) -> str:
    """The books of the year, whatever ids were drawn by chance."""
    lines = sorted(_lines(connection))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _lines(connection: Connection) -> Iterator[str]:
    rows = connection.execute(
        select(entries, postings.c.account_id, postings.c.cents, calls.c.caller_channel)
        .join(postings, postings.c.entry_id == entries.c.id)
        .outerjoin(calls, calls.c.id == entries.c.call_id)
    )
    for row in rows:
        key = RANDOM.sub("R", row.key.replace(row.call_id or "\n", row.caller_channel or ""))
        yield f"{row.at.isoformat()} {row.kind} {key} {row.actor} {row.account_id} {row.cents}"


_SINCE = select(postings.c.entry_id, postings.c.account_id, postings.c.cents).where(
    postings.c.entry_id > bindparam("last")
)
_BALANCES = select(balances.c.account_id, balances.c.balance_cents)
_HELD = select(func.coalesce(func.sum(balances.c.held_cents), 0))
_PROMISED = select(func.coalesce(func.sum(refunds.c.cents), 0)).where(refunds.c.status.in_(OPEN))
_CARRIERS_OWE = select(func.coalesce(func.sum(OPEN_CENTS), 0)).select_from(emi_records)
