"""The lines of a statement: calls with every part of their price, and all other movements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from accounts.ledger import Kind
from store.types import AnyRow

PARTS = ("base", "additive")


@dataclass(frozen=True)
class TaxPart:
    """A tax or fee on a call. ``code`` is empty where the ledger alone knows it, as a sum."""

    code: str
    jurisdiction: str
    authority: str
    cents: int


@dataclass(frozen=True)
class CallLine:
    """What a call was charged in the month, in cents that the account paid.

    ``at`` is when it was accepted, in the facility's own time. ``seconds`` is the whole call's;
    None while it isn't over. ``whole``: nothing of its charge stands in another month. The rates
    are those at its start, in 1/10,000 dollar a minute.
    """

    call_id: str | None
    at: datetime
    number: str
    seconds: int | None
    base_cents: int
    additive_cents: int
    taxes: tuple[TaxPart, ...]
    base_e4: int | None
    additive_e4: int | None
    whole: bool

    @cached_property
    def cents(self) -> int:
        """What the call was charged, all parts."""
        return self.base_cents + self.additive_cents + sum(tax.cents for tax in self.taxes)


@dataclass(frozen=True)
class Movement:
    """Money that moved otherwise; ``cents`` is positive to the account's credit.

    ``at`` is UTC, as the books are kept. ``reversed_kind`` is what a reversal took back. Of a
    credit for a call, ``number`` and ``call_at`` say which (in the facility's own time).
    """

    at: datetime
    kind: Kind
    cents: int
    reversed_kind: Kind | None
    number: str | None
    call_at: datetime | None

    @property
    def for_call(self) -> bool:
        """Whether a call is given back, or a part of one."""
        return self.call_at is not None


def call_line(row: AnyRow, start: datetime) -> CallLine:
    """A row of :func:`billing.statement_rows.charges` in the month that begins at ``start``."""
    quote = row.quote or {}
    return CallLine(
        row.call_id,
        _local(row.at, row.timezone),
        row.number or "",
        row.billed_seconds,
        row.total_cents - row.additive_cents - row.tax_cents,
        row.additive_cents,
        tuple(_taxes(row, start)),
        quote.get("base_e4"),
        quote.get("additive_e4"),
        row.charged_cents == row.total_cents,
    )


def movement(row: AnyRow) -> Movement:
    """A row of :func:`billing.statement_rows.movements`."""
    return Movement(
        row.at,
        Kind(row.kind),
        row.cents,
        Kind(row.reversed_kind) if row.reversed_kind else None,
        row.number,
        _local(row.call_at, row.timezone) if row.call_at else None,
    )


def _taxes(row: AnyRow, start: datetime) -> Iterator[TaxPart]:
    """The month's taxes of a call, each under its name.

    The ledger knows their sum, the call's record each of them. Where a call passes midnight of
    the month, what was posted first pays the first lines: so the two months' parts sum up.
    """
    left = row.tax_cents
    known = [line for line in row.lines or () if line[0] not in PARTS]
    before = 0 if row.at >= start else max(0, sum(cents for _, cents in known) - left)
    named = {tax["code"]: tax for tax in (row.quote or {}).get("taxes", ())}
    for code, cents in known:
        earlier = min(before, cents)
        mine = min(cents - earlier, left)
        before, left = before - earlier, left - mine
        if mine:
            tax = named.get(code, {})
            yield TaxPart(code, tax.get("jurisdiction", ""), tax.get("authority", ""), mine)
    if left:
        yield TaxPart("", "", "", left)


def _local(at: datetime, zone: str | None) -> datetime:
    return at.astimezone(ZoneInfo(zone) if zone else UTC)
