"""A month's statement of an account: what it had, every call and payment, what it has left.

47 CFR 64.6000 asks a Billing Statement of every account for its deposits, the duration of every
call that was charged, and the balance that is left. A month is a month of the books: UTC's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby
from operator import attrgetter

from sqlalchemy import Connection, exists, select

from accounts.ledger import HOUSE_PRODUCT, LedgerError
from accounts.months import end_of
from accounts.products import ProductId
from billing import statement_rows
from billing.statement_lines import CallLine, Movement, TaxPart, call_line, movement
from billing.statement_rows import Span
from store.tables import accounts, closed_periods
from store.types import AnyRow

LIVING = ("open", "suspended")
TaxName = tuple[str, str, str]


@dataclass(frozen=True)
class Statement:
    """An account's month. Cents; a balance below zero is what the holder owes.

    ``final``: the month's books are closed, so that it can't change any more.
    """

    account_id: str
    product: ProductId
    holder: str
    address: str
    language: str
    month: str
    final: bool
    opening_cents: int
    calls: tuple[CallLine, ...]
    movements: tuple[Movement, ...]

    @cached_property
    def charged_cents(self) -> int:
        """What all calls were charged."""
        return sum(call.cents for call in self.calls)

    @cached_property
    def moved_cents(self) -> int:
        """What all else came to: above zero to the account's credit."""
        return sum(one.cents for one in self.movements)

    @property
    def closing_cents(self) -> int:
        """What is left at the month's end."""
        return self.opening_cents - self.charged_cents + self.moved_cents

    @property
    def base_cents(self) -> int:
        """Of the charges, the rate itself."""
        return sum(call.base_cents for call in self.calls)

    @property
    def additive_cents(self) -> int:
        """Of the charges, the facility's additive."""
        return sum(call.additive_cents for call in self.calls)

    @property
    def taxes(self) -> tuple[TaxPart, ...]:
        """Of the charges, every tax and fee, each summed."""
        sums: Counter[TaxName] = Counter()
        for tax in (tax for call in self.calls for tax in call.taxes):
            sums[tax.code, tax.jurisdiction, tax.authority] += tax.cents
        return tuple(TaxPart(*name, cents) for name, cents in sorted(sums.items()))

    @property
    def by_kind(self) -> Mapping[str, int]:
        """The movements summed by what they are called; see :func:`movement_name`."""
        sums: dict[str, int] = {}
        for one in self.movements:
            sums[movement_name(one)] = sums.get(movement_name(one), 0) + one.cents
        return sums


def movement_name(one: Movement) -> str:
    """The word that a movement has in the catalogue."""
    if one.kind.value == "refund":
        return "refund_call" if one.for_call else "refund"
    return one.kind.value


def of_month(
    connection: Connection, month: str, account_id: str | None = None
) -> Iterator[Statement]:
    """Every account's statement of a month (UTC, such as 2026-10), by account; or one account's.

    Streamed: a fixed number of queries, one account in memory. Accounts that weren't there yet,
    or were closed and had nothing, have none. Raises :class:`LedgerError` for an unknown account.
    """
    if account_id is not None:
        _refuse_strangers(connection, account_id)
    return _statements(connection, Span(month, account_id), is_final(connection, month))


def is_final(connection: Connection, month: str) -> bool:
    """Whether the month's books are closed."""
    closed = select(exists().where(closed_periods.c.month >= month))
    return bool(connection.execute(closed).scalar_one())


class _Grouped:
    """Ordered rows, handed out account by account."""

    def __init__(self, rows: Iterable[AnyRow]) -> None:
        self._groups = groupby(rows, attrgetter("account_id"))
        self._next = next(self._groups, None)

    def of(self, account_id: str) -> list[AnyRow]:
        if self._next is None or self._next[0] != account_id:
            return []
        found = list(self._next[1])
        self._next = next(self._groups, None)
        return found

    def refuse_leftovers(self) -> None:
        if self._next is not None:
            raise LedgerError(f"account {self._next[0]}: lines without a statement")


def _statements(connection: Connection, span: Span, final: bool) -> Iterator[Statement]:
    charges = _Grouped(statement_rows.charges(connection, span))
    movements = _Grouped(statement_rows.movements(connection, span))
    for owner in statement_rows.owners(connection, span):
        calls = tuple(call_line(row, span.start) for row in charges.of(owner.id))
        moved = tuple(map(movement, movements.of(owner.id)))
        if calls or moved or owner.opening_cents or _was_there(owner, end_of(span.month)):
            yield _statement(owner, span.month, final, calls, moved)
    charges.refuse_leftovers()
    movements.refuse_leftovers()


def _was_there(owner: AnyRow, end: datetime) -> bool:
    return owner.status in LIVING and owner.opened_at < end


def _statement(
    owner: AnyRow,
    month: str,
    final: bool,
    calls: tuple[CallLine, ...],
    moved: tuple[Movement, ...],
) -> Statement:
    return Statement(
        owner.id,
        ProductId(owner.product),
        owner.holder,
        owner.address or "",
        owner.language,
        month,
        final,
        owner.opening_cents,
        calls,
        moved,
    )


def _refuse_strangers(connection: Connection, account_id: str) -> None:
    known = select(accounts.c.id).where(
        accounts.c.id == account_id, accounts.c.product != HOUSE_PRODUCT
    )
    if connection.execute(known).one_or_none() is None:
        raise LedgerError(f"no account {account_id} of a customer")
