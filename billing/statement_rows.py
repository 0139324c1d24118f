"""What statements are made of, in three queries that are ordered by account and streamed.

However many accounts there are, there are as many queries; memory holds one account at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, Label, Select, Subquery, case, cast, func, select

from accounts.chart import ADDITIVE, HOUSE, TAXES
from accounts.ledger import HOUSE_PRODUCT, Kind
from accounts.months import end_of, start_of
from store.tables import accounts, balances, calls, cdrs, entries, facilities, postings
from store.types import AnyRow

ROWS_AT_ONCE = 1000


@dataclass(frozen=True)
class Span:
    """Whose lines of which month (UTC) are wanted; ``account_id`` None: everybody's."""

    month: str
    account_id: str | None

    @property
    def start(self) -> datetime:
        """The month's first moment."""
        return start_of(self.month)

    @property
    def end(self) -> datetime:
        """The first moment after the month."""
        return end_of(self.month)


def owners(connection: Connection, span: Span) -> Iterator[AnyRow]:
    """Every customer's account and its balance at the month's first moment.

    The balance of today less what was posted since: so the cost is that of the months since.
    """
    moved = _moved_since(span)
    opening = balances.c.balance_cents - func.coalesce(moved.c.cents, 0)
    named = [accounts.c[name] for name in ("id", "product", "holder", "language", "address")]
    chosen = (
        select(*named, accounts.c.status, accounts.c.opened_at, opening.label("opening_cents"))
        .join(balances, balances.c.account_id == accounts.c.id)
        .outerjoin(moved, moved.c.account_id == accounts.c.id)
        .where(accounts.c.product != HOUSE_PRODUCT)
        .order_by(accounts.c.id)
    )
    if span.account_id is not None:
        chosen = chosen.where(accounts.c.id == span.account_id)
    return _streamed(connection, chosen)


def charges(connection: Connection, span: Span) -> Iterator[AnyRow]:
    """What each call was charged in the month, by account and moment.

    The parts are what stands in the ledger; the record of the call only says how taxes divide.
    """
    paid = _charged(span)
    chosen = (
        select(
            *paid.c,
            func.coalesce(calls.c.accepted_at, paid.c.posted_at).label("at"),
            calls.c.number,
            facilities.c.timezone,
            *(cdrs.c.billed_seconds, cdrs.c.lines, cdrs.c.quote, cdrs.c.charged_cents),
        )
        .outerjoin(calls, calls.c.id == paid.c.call_id)
        .outerjoin(cdrs, cdrs.c.call_id == paid.c.call_id)
        .outerjoin(facilities, facilities.c.id == calls.c.facility_id)
        .order_by(paid.c.account_id, "at", paid.c.call_id)
    )
    return _streamed(connection, chosen)


def movements(connection: Connection, span: Span) -> Iterator[AnyRow]:
    """Everything else that was posted in the month: money in and out, credits, corrections."""
    original = entries.alias("original")
    chosen = (
        select(
            postings.c.account_id,
            *(entries.c.at, entries.c.kind, postings.c.cents, entries.c.call_id),
            original.c.kind.label("reversed_kind"),
            calls.c.number,
            func.coalesce(calls.c.accepted_at, calls.c.offhook_at).label("call_at"),
            facilities.c.timezone,
        )
        .join(entries, entries.c.id == postings.c.entry_id)
        .outerjoin(original, original.c.id == entries.c.reverses)
        .outerjoin(calls, calls.c.id == entries.c.call_id)
        .outerjoin(facilities, facilities.c.id == calls.c.facility_id)
        .where(entries.c.kind != Kind.CALL, postings.c.account_id.not_in(HOUSE))
        .order_by(postings.c.account_id, entries.c.at, entries.c.id, postings.c.id)
    )
    return _streamed(connection, _in_month(chosen, span))


def _moved_since(span: Span) -> Subquery:
    chosen = (
        select(postings.c.account_id, _whole(func.sum(postings.c.cents), "cents"))
        .join(entries, entries.c.id == postings.c.entry_id)
        .where(entries.c.at >= span.start)
        .group_by(postings.c.account_id)
    )
    if span.account_id is not None:
        chosen = chosen.where(postings.c.account_id == span.account_id)
    return chosen.subquery("moved")


def _charged(span: Span) -> Subquery:
    """By call, over its slices: what the house got of the account, part by part."""
    house = postings.alias("house")
    chosen = (
        select(
            postings.c.account_id,
            entries.c.call_id,
            func.min(entries.c.at).label("posted_at"),
            _whole(func.sum(house.c.cents), "total_cents"),
            _part(house.c.cents, house.c.account_id == ADDITIVE, "additive_cents"),
            _part(house.c.cents, house.c.account_id == TAXES, "tax_cents"),
        )
        .join(entries, entries.c.id == postings.c.entry_id)
        .join(house, house.c.entry_id == entries.c.id)
        .where(entries.c.kind == Kind.CALL)
        .where(postings.c.account_id.not_in(HOUSE), house.c.account_id.in_(HOUSE))
        .group_by(postings.c.account_id, entries.c.call_id)
    )
    return _in_month(chosen, span).subquery("paid")


def _in_month(chosen: Select[Any], span: Span) -> Select[Any]:
    chosen = chosen.where(entries.c.at >= span.start, entries.c.at < span.end)
    if span.account_id is not None:
        chosen = chosen.where(postings.c.account_id == span.account_id)
    return chosen


def _part(cents: Any, which: Any, name: str) -> Label[int]:
    return _whole(func.sum(case((which, cents), else_=0)), name)


def _whole(total: Any, name: str) -> Label[int]:
    # PostgreSQL sums whole numbers to a numeric.
    return cast(total, BigInteger).label(name)


def _streamed(connection: Connection, chosen: Select[Any]) -> Iterator[AnyRow]:
    """Whoever stops early leaves no cursor open."""
    with connection.execute(chosen, execution_options={"yield_per": ROWS_AT_ONCE}) as rows:
        yield from rows
