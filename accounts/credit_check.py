"""Whether somebody is let talk first and pay later, and up to how much.

A provider answers; the one that comes with the platform asks its own books and a table of limits.
A credit bureau would be another provider.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, unique
from functools import cache
from importlib import resources
from typing import TypeAlias

from sqlalchemy import ColumnElement, Connection, Select, exists, func, or_, select

from accounts.collect import account_of
from accounts.ledger import Kind
from accounts.life import Status, SuspendedFor
from accounts.overdue import overdue_cents
from accounts.products import ProductId
from store.tables import account_numbers, accounts, emi_records, entries, postings


@unique
class HolderKind(StrEnum):
    """Who asks for credit."""

    FAMILY = "family"
    ATTORNEY = "attorney"
    BAIL_AGENT = "bail_agent"
    GOVERNMENT = "government"


@unique
class Refusal(StrEnum):
    """Why there is no credit, in words for the one who asked."""

    WRITTEN_OFF = "an earlier account under this name or number was never paid"
    RETURNED = "a telephone company could not collect for calls to this number"
    OVERDUE = "an account under this name or number is overdue: it has to be paid first"
    HAS_ONE = "there is a direct bill account under this name or number already"


@dataclass(frozen=True)
class Application:
    """What somebody says who wants to talk first and pay later. ``numbers`` are in E.164."""

    kind: HolderKind
    holder: str
    numbers: tuple[str, ...]


@dataclass(frozen=True)
class Terms:
    """What a kind of holder gets, in cents; see ``data/credit.toml``."""

    limit_cents: int
    largest_cents: int
    good_days: int
    raise_percent: int

    def raised(self, limit_cents: int) -> int:
        """The limit after good days. One that staff have set higher stays."""
        more = limit_cents * (100 + self.raise_percent) // 100
        return max(limit_cents, min(self.largest_cents, more))

    @property
    def good_for(self) -> timedelta:
        """How long everything has to go well before the limit rises."""
        return timedelta(days=self.good_days)


@dataclass(frozen=True)
class Verdict:
    """A limit in cents, or why there is none."""

    limit_cents: int
    refusal: Refusal | None = None


Provider: TypeAlias = Callable[[Connection, Application, datetime], Verdict]


def by_table(connection: Connection, application: Application, at: datetime) -> Verdict:
    """The provider that asks the platform's own books, by the holder's name and the numbers."""
    known = set(connection.execute(_known(application)).scalars())
    if refusal := _refusal(connection, known, at):
        return Verdict(0, refusal)
    return Verdict(terms()[application.kind].limit_cents)


@cache
def terms() -> Mapping[HolderKind, Terms]:
    """The table of limits."""
    text = resources.files("accounts").joinpath("data/credit.toml").read_text(encoding="utf-8")
    return {HolderKind(kind): Terms(**row) for kind, row in tomllib.loads(text).items()}


def _known(application: Application) -> Select[str]:
    """Accounts of the same name or numbers, the numbers' own collect accounts included."""
    paying = account_numbers.c.number.in_(application.numbers)
    name = func.lower(func.trim(application.holder))
    return select(accounts.c.id).where(
        accounts.c.product.in_(list(ProductId)),
        or_(
            func.lower(func.trim(accounts.c.holder)) == name,
            accounts.c.id.in_(select(account_numbers.c.account_id).where(paying)),
            accounts.c.id.in_([account_of(number) for number in application.numbers]),
        ),
    )


def _refusal(connection: Connection, known: set[str], at: datetime) -> Refusal | None:
    for refusal, found in (
        (Refusal.WRITTEN_OFF, _written_off(known)),
        (Refusal.RETURNED, exists().where(_returned(known))),
        (Refusal.OVERDUE, exists().where(_suspended(known))),
    ):
        if connection.execute(select(found)).scalar_one():
            return refusal
    if any(overdue_cents(connection, account_id, at) for account_id in sorted(known)):
        return Refusal.OVERDUE
    has_one = exists().where(_direct_bill(known))
    return Refusal.HAS_ONE if connection.execute(select(has_one)).scalar_one() else None


def _written_off(known: set[str]) -> ColumnElement[bool]:
    taken_back = entries.alias("taken_back")
    return (
        exists()
        .where(postings.c.entry_id == entries.c.id, postings.c.account_id.in_(known))
        .where(entries.c.kind == Kind.WRITE_OFF, postings.c.cents > 0)
        .where(~exists().where(taken_back.c.reverses == entries.c.id))
    )


def _returned(known: set[str]) -> ColumnElement[bool]:
    return emi_records.c.account_id.in_(known) & (emi_records.c.returned_cents > 0)


def _suspended(known: set[str]) -> ColumnElement[bool]:
    return accounts.c.id.in_(known) & (accounts.c.suspended_for == SuspendedFor.OVERDUE)


def _direct_bill(known: set[str]) -> ColumnElement[bool]:
    alive = accounts.c.status != Status.CLOSED
    return accounts.c.id.in_(known) & (accounts.c.product == ProductId.DIRECT_BILL) & alive
