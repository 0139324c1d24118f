"""Postings that staff decide: corrections of a balance, and what is owed and given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from accounts.chart import ADJUSTMENTS, HOUSE, WRITE_OFFS
from accounts.ledger import Entry, Kind, LedgerError, Posting, post
from accounts.prepaid import find
from store.types import now

AGAINST = {Kind.ADJUSTMENT: ADJUSTMENTS, Kind.WRITE_OFF: WRITE_OFFS}
"""What staff may post, and the house's account that stands on the other side."""
# An amount above this is a slip of the keyboard.
LARGEST_CENTS = 10_000_00


@dataclass(frozen=True)
class Adjustment:
    """``cents`` to the account's credit, below zero to its debit. ``key`` makes it happen once.

    ``against`` is the house's account on the other side.
    """

    account_id: str
    cents: int
    kind: Kind
    key: str
    actor: str
    note: str
    at: datetime
    against: str


def adjust(connection: Connection, one: Adjustment) -> bool:
    """Post it; False when its key was posted before. Raises :class:`LedgerError`.

    A write-off gives up what an account owes and no more: what is left on an account is the
    customer's (47 CFR 64.6130), never the house's to write off.
    """
    if not one.note.strip():
        raise LedgerError("say why")
    if not 0 < abs(one.cents) <= LARGEST_CENTS:
        raise LedgerError(f"an adjustment is between $0.01 and ${LARGEST_CENTS // 100}")
    if one.account_id in HOUSE:
        raise LedgerError(f"no account {one.account_id} of a customer")
    if one.kind not in AGAINST or one.against not in HOUSE:
        raise LedgerError(f"staff can't post {one.kind} against {one.against}")
    if one.at > now():
        raise LedgerError("an adjustment can't be dated in the future")
    lines = [Posting(one.against, -one.cents), Posting(one.account_id, one.cents)]
    key = f"{one.kind}:{one.key}"
    new = post(connection, Entry(key, one.kind, one.actor, one.at, lines, note=one.note))
    if new and one.kind is Kind.WRITE_OFF:
        _refuse_more_than_owed(connection, one)
    return new


def _refuse_more_than_owed(connection: Connection, one: Adjustment) -> None:
    # After the posting, which has locked the account.
    money = find(connection, one.account_id)
    if one.cents < 0 or money is None or money.balance_cents > 0:
        raise LedgerError(f"a write-off is of what account {one.account_id} owes, and no more")
