"""A facility's month: its calls and what they brought, and what the facility was paid of it.

Money is what the ledger says for the facility's calls in a month of the books (UTC), what was
given back by re-rates and reversals taken off. 47 CFR 64.6015 knows no site commissions: what a
facility is paid comes out of the additive that was charged for it and of nothing else.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from typing import Any, TextIO

from sqlalchemy import BigInteger, Connection, Label, Select, case, cast, func, select

from accounts.chart import ADDITIVE, BASE, CREDITS, TAXES
from accounts.ledger import LedgerError
from accounts.months import end_of, start_of
from billing.statements import is_final
from store.tables import calls, cdrs, entries, facilities, facility_payments, postings
from store.types import AnyRow
from store.upsert import insert_new


@dataclass(frozen=True)
class SiteRow:
    """Calls of one product and jurisdiction ('' where nothing was charged for), money in cents.

    ``calls`` and ``seconds`` are of the calls that began in the month and were talked on.
    """

    product: str
    jurisdiction: str
    calls: int
    seconds: int
    base_cents: int
    additive_cents: int
    tax_cents: int
    credit_cents: int

    @property
    def kept_additive_cents(self) -> int:
        """The additive less its share of what was credited, rounded against the facility."""
        charged = self.base_cents + self.additive_cents + self.tax_cents
        if charged <= 0:
            return self.additive_cents
        return self.additive_cents + -self.credit_cents * self.additive_cents // charged


@dataclass(frozen=True)
class Payment:
    """What a facility is paid for a month; ``key`` makes it happen once."""

    facility_id: str
    month: str
    cents: int
    key: str
    actor: str
    at: datetime
    note: str = ""


@dataclass(frozen=True)
class SiteReport:
    """A facility's month. ``final``: its books are closed."""

    facility_id: str
    name: str
    month: str
    final: bool
    rows: Sequence[SiteRow]
    payments: Sequence[Payment]

    @property
    def total(self) -> SiteRow:
        """All rows together."""
        sums = (
            sum(column) for column in zip(*(astuple(row)[2:] for row in self.rows), strict=True)
        )
        return SiteRow("total", "", *(tuple(sums) or (0,) * 6))

    @property
    def collected_cents(self) -> int:
        """The most that the facility may be paid for the month."""
        return max(0, sum(row.kept_additive_cents for row in self.rows))

    @property
    def paid_cents(self) -> int:
        """What it was paid."""
        return sum(payment.cents for payment in self.payments)


def report(connection: Connection, facility_id: str, month: str) -> SiteReport:
    """The facility's month. Raises :class:`LedgerError` when there is no such facility."""
    name = connection.execute(
        select(facilities.c.name).where(facilities.c.id == facility_id)
    ).scalar_one_or_none()
    if name is None:
        raise LedgerError(f"no facility {facility_id}")
    return SiteReport(
        facility_id,
        name,
        month,
        is_final(connection, month),
        _rows(connection, facility_id, month),
        _payments(connection, facility_id, month),
    )


def pay(connection: Connection, payment: Payment) -> bool:
    """Record what a facility was paid for a month; False when it was recorded before.

    Raises :class:`LedgerError` for no amount, an open month, and beyond the additive collected.
    """
    _lock(connection, payment.facility_id)
    if (known := _known(connection, payment.key)) is not None:
        return _refuse_other(known, payment)
    if payment.cents <= 0:
        raise LedgerError("a facility's payment is $0.01 or more")
    if not is_final(connection, payment.month):
        raise LedgerError(f"the books of {payment.month} are open: nothing is collected for good")
    found = report(connection, payment.facility_id, payment.month)
    if (left := found.collected_cents - found.paid_cents) < payment.cents:
        raise LedgerError(
            f"{found.collected_cents} cents of additive were collected at {payment.facility_id} in "
            f"{payment.month} and {found.paid_cents} paid: {max(0, left)} are left (47 CFR 64.6015)"
        )
    connection.execute(insert_new(connection, facility_payments), vars(payment))
    return True


def write_csv(found: SiteReport, out: TextIO) -> None:
    """The report as CSV, cents as whole numbers: rows, the total, then the payments."""
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["facility", "month", *(one.name for one in fields(SiteRow))])
    for row in (*found.rows, found.total):
        table.writerow([found.facility_id, found.month, *astuple(row)])
    for name, cents in (("collected", found.collected_cents), ("paid", found.paid_cents)):
        table.writerow([found.facility_id, found.month, name, "", "", "", "", cents, "", ""])


def _rows(connection: Connection, facility_id: str, month: str) -> list[SiteRow]:
    talked = {_key(row): row for row in connection.execute(_talked(facility_id, month))}
    moneys = {_key(row): row for row in connection.execute(_money(facility_id, month))}
    return [
        SiteRow(*key, *(tuple(talked[key])[2:] if key in talked else (0, 0)), *_cents(moneys, key))
        for key in sorted(talked.keys() | moneys.keys())
    ]


def _cents(moneys: dict[tuple[str, str], AnyRow], key: tuple[str, str]) -> tuple[Any, ...]:
    return tuple(moneys[key])[2:] if key in moneys else (0, 0, 0, 0)


def _key(row: AnyRow) -> tuple[str, str]:
    return row.product, row.jurisdiction


_PRODUCT = func.coalesce(cdrs.c.product, "").label("product")
_JURISDICTION = func.coalesce(cdrs.c.jurisdiction, "").label("jurisdiction")


def _talked(facility_id: str, month: str) -> Select[*tuple[Any, ...]]:
    return (
        select(_PRODUCT, _JURISDICTION, func.count(), _sum(cdrs.c.billed_seconds, "seconds"))
        .where(cdrs.c.facility_id == facility_id, cdrs.c.talk_ms > 0)
        .where(cdrs.c.started_at >= start_of(month), cdrs.c.started_at < end_of(month))
        .group_by(_PRODUCT, _JURISDICTION)
    )


def _money(facility_id: str, month: str) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(_PRODUCT, _JURISDICTION),
            *(_on(house) for house in (BASE, ADDITIVE, TAXES)),
            # Credits stand on the debit side.
            _sum(case((postings.c.account_id == CREDITS, -postings.c.cents), else_=0), CREDITS),
        )
        .select_from(entries)
        .join(postings, postings.c.entry_id == entries.c.id)
        .join(calls, calls.c.id == entries.c.call_id)
        .outerjoin(cdrs, cdrs.c.call_id == entries.c.call_id)
        .where(calls.c.facility_id == facility_id)
        .where(postings.c.account_id.in_((BASE, ADDITIVE, TAXES, CREDITS)))
        .where(entries.c.at >= start_of(month), entries.c.at < end_of(month))
        .group_by(_PRODUCT, _JURISDICTION)
    )


def _on(house: str) -> Label[int]:
    return _sum(case((postings.c.account_id == house, postings.c.cents), else_=0), house)


def _sum(cents: Any, name: str) -> Label[int]:
    return cast(func.coalesce(func.sum(cents), 0), BigInteger).label(name)


def _payments(connection: Connection, facility_id: str, month: str) -> list[Payment]:
    columns = [facility_payments.c[one.name] for one in fields(Payment)]
    mine = (facility_payments.c.facility_id == facility_id) & (facility_payments.c.month == month)
    rows = connection.execute(select(*columns).where(mine).order_by(facility_payments.c.id))
    return [Payment(*row) for row in rows]


def _lock(connection: Connection, facility_id: str) -> None:
    """Of two payments at once the second sees the first."""
    own = select(facilities.c.id).where(facilities.c.id == facility_id).with_for_update()
    if connection.execute(own).one_or_none() is None:
        raise LedgerError(f"no facility {facility_id}")


def _known(connection: Connection, key: str) -> AnyRow | None:
    mine = facility_payments.select().where(facility_payments.c.key == key)
    return connection.execute(mine).one_or_none()


def _refuse_other(known: AnyRow, payment: Payment) -> bool:
    same = (known.facility_id, known.month, known.cents)
    if same != (payment.facility_id, payment.month, payment.cents):
        raise LedgerError(f"payment {payment.key} was recorded before, with other figures")
    return False
