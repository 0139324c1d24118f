"""A past year for tests of months: what was posted when, on which account."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.chart import CASH
from accounts.ledger import Entry, Kind, Posting, post
from accounts.months import start_of
from store.database import Database

BASE = "house.revenue.base"
JANUARY, FEBRUARY, MARCH = "2020-01", "2020-02", "2020-03"
MONTHS = (JANUARY, FEBRUARY, MARCH)
APRIL_1 = start_of("2020-04")


def day(month: str, number: int = 1) -> datetime:
    """Noon of a day of a month."""
    return start_of(month) + timedelta(days=number - 1, hours=12)


def paid_in(key: str, account: str, cents: int, at: datetime) -> Entry:
    """Money that came in."""
    lines = (Posting(CASH, -cents), Posting(account, cents))
    return Entry(key, Kind.DEPOSIT, "clerk", at, lines)


def charged(key: str, account: str, cents: int, at: datetime) -> Entry:
    """What a call of the same name has cost."""
    lines = (Posting(account, -cents), Posting(BASE, cents))
    return Entry(key, Kind.CALL, "call", at, lines, key)


def credited(key: str, call: str, account: str, cents: int, at: datetime) -> Entry:
    """What is given back of a call."""
    lines = (Posting("house.credits", -cents), Posting(account, cents))
    return Entry(key, Kind.CREDIT, "clerk", at, lines, call)


def posted(database: Database, *wanted: Entry) -> list[bool]:
    """Post each in a transaction of its own."""
    done = []
    for entry in wanted:
        with database.begin() as connection:
            done.append(post(connection, entry))
    return done
