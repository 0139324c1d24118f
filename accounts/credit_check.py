"""Whether somebody is let talk first and pay later, and up to how much.

A provider answers; the one that comes with the platform asks its own books and a table of limits.
A credit bureau would be another provider.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, unique
from functools import cache
from importlib import resources
from typing import TypeAlias

from sqlalchemy import Connection, bindparam, exists, func, or_, select

from accounts.collect import account_of
from accounts.ledger import Kind
from accounts.life import SuspendedFor
from accounts.overdue import overdue_cents
from accounts.products import ProductId
from store.tables import account_numbers, accounts, emi_records, entries, postings
from store.types import AnyRow


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
    asked = {
        "holder": application.holder,
        "numbers": list(application.numbers),
        "collect": [account_of(number) for number in application.numbers],
    }
    known = connection.execute(_KNOWN, asked).all()
    if refusal := _refusal(connection, known, at):
        return Verdict(0, refusal)
    return Verdict(terms()[application.kind].limit_cents)


@cache
def terms() -> Mapping[HolderKind, Terms]:
    """The table of limits."""
    text = resources.files("accounts").joinpath("data/credit.toml").read_text(encoding="utf-8")
    return {HolderKind(kind): Terms(**row) for kind, row in tomllib.loads(text).items()}


def _refusal(connection: Connection, known: Sequence[AnyRow], at: datetime) -> Refusal | None:
    if any(row.written_off for row in known):
        return Refusal.WRITTEN_OFF
    if any(row.returned for row in known):
        return Refusal.RETURNED
    suspended = any(row.suspended_for == SuspendedFor.OVERDUE for row in known)
    if suspended or any(overdue_cents(connection, row.id, at) for row in known):
        return Refusal.OVERDUE
    direct = (row.product == ProductId.DIRECT_BILL and row.status != "closed" for row in known)
    return Refusal.HAS_ONE if any(direct) else None


_TAKEN_BACK = entries.alias("taken_back")
_WRITTEN_OFF = (
    exists()
    .where(postings.c.entry_id == entries.c.id, postings.c.account_id == accounts.c.id)
    .where(entries.c.kind == Kind.WRITE_OFF, postings.c.cents > 0)
    .where(~exists().where(_TAKEN_BACK.c.reverses == entries.c.id))
)
_RETURNED = exists().where(
    emi_records.c.account_id == accounts.c.id, emi_records.c.returned_cents > 0
)
_PAYING = select(account_numbers.c.account_id).where(
    account_numbers.c.number.in_(bindparam("numbers", expanding=True))
)
# Of the same name or numbers, the numbers' own collect accounts included.
_KNOWN = (
    select(
        accounts.c.id,
        accounts.c.product,
        accounts.c.status,
        accounts.c.suspended_for,
        _WRITTEN_OFF.label("written_off"),
        _RETURNED.label("returned"),
    )
    .where(
        accounts.c.product.in_(list(ProductId)),
        or_(
            func.lower(func.trim(accounts.c.holder)) == func.lower(func.trim(bindparam("holder"))),
            accounts.c.id.in_(_PAYING),
            accounts.c.id.in_(bindparam("collect", expanding=True)),
        ),
    )
    .order_by(accounts.c.id)
)
