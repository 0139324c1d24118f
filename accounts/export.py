"""The books as a table for a general ledger: one line a posting, then the control totals."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import TextIO

from sqlalchemy import Connection, select

from accounts.chart import gl_account
from accounts.ledger import LedgerError
from accounts.months import end_of, start_of
from accounts.periods import Totals
from store.tables import accounts, entries, postings
from store.types import AnyRow

HEAD = (
    "date",
    "entry",
    "kind",
    "gl account",
    "account",
    "debit",
    "credit",
    "call",
    "actor",
    "note",
)
# A spreadsheet would take text that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export(connection: Connection, first: str, last: str, out: TextIO) -> Totals:
    """Write the months ``first`` to ``last`` as CSV; the control totals that its last line says.

    Raises :class:`LedgerError` when debits and credits aren't equal.
    """
    table = csv.writer(out, lineterminator="\n")
    table.writerow(HEAD)
    keys, debit, credit = 0, 0, 0
    before = None
    for row in _rows(connection, first, last):
        table.writerow(_cells(row))
        keys, before = keys + (row.key != before), row.key
        debit, credit = debit + max(0, -row.cents), credit + max(0, row.cents)
    sums = [_amount(debit), _amount(credit)]
    table.writerow(["total", f"{keys} entries", "", "", "", *sums, "", "", ""])
    if debit != credit:
        raise LedgerError(f"debits of {debit} and credits of {credit} cents: run 'parloir check'")
    return Totals(keys, debit)


def _rows(connection: Connection, first: str, last: str) -> Iterator[AnyRow]:
    chosen = (
        select(entries, postings.c.account_id, postings.c.cents, accounts.c.product)
        .join(postings, postings.c.entry_id == entries.c.id)
        .join(accounts, accounts.c.id == postings.c.account_id)
        .where(entries.c.at >= start_of(first), entries.c.at < end_of(last))
        .order_by(entries.c.at, entries.c.id, postings.c.id)
    )
    yield from connection.execution_options(yield_per=1000).execute(chosen)


def _cells(row: AnyRow) -> list[str]:
    return [
        f"{row.at:%Y-%m-%d}",
        row.key,
        row.kind,
        gl_account(row.account_id, row.product).number,
        _text(row.account_id),
        _amount(-row.cents) if row.cents < 0 else "",
        _amount(row.cents) if row.cents > 0 else "",
        row.call_id or "",
        _text(row.actor),
        _text(row.note),
    ]


def _text(words: str) -> str:
    return f"'{words}" if words.startswith(FORMULA) else words


def _amount(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"
