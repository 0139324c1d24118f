"""What the gateway paid over to the bank, and what it kept as its fee."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, func, select

from accounts.chart import CASH, GATEWAY, GATEWAY_FEES
from accounts.ledger import Entry, Kind, Posting, post
from accounts.months import month_of
from accounts.payments.gateway import CURRENCY, GatewayTransaction
from store.tables import closed_periods

BOOKED = ("payout", "fee")
"""Lines of the gateway that are posted from its books, as nobody else tells us of them."""


def book(
    connection: Connection, source: str, lines: Iterable[GatewayTransaction], at: datetime
) -> tuple[int, int]:
    """Post them, each once; returns cents paid over and cents of fees among ``lines``.

    A line is dated as the gateway dates it, or ``at`` when that month is closed.
    """
    paid = fees = 0
    closed = connection.execute(select(func.max(closed_periods.c.month))).scalar_one() or ""
    for line in (one for one in lines if one.currency == CURRENCY):
        moment = line.at if month_of(line.at) > closed else at
        if line.kind == "payout":
            _move(connection, source, f"payout:{line.id}", CASH, -line.cents, moment)
            paid -= line.cents
        fee = line.fee_cents - (line.cents if line.kind == "fee" else 0)
        _move(connection, source, f"gateway-fee:{line.id}", GATEWAY_FEES, fee, moment)
        fees += fee
    return paid, fees


def _move(connection: Connection, source: str, key: str, to: str, cents: int, at: datetime) -> None:
    """From what stands at the gateway to another account of the house."""
    if cents:
        lines = [Posting(GATEWAY, cents), Posting(to, -cents)]
        post(connection, Entry(key, Kind.GATEWAY_PAYOUT, source, at, lines))
