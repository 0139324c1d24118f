"""Opening an account of any product."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique

from sqlalchemy import Connection, select

from accounts.chart import HOUSE
from accounts.ledger import LedgerError
from accounts.numbers import claim
from accounts.orders import Order, record
from accounts.products import PRODUCTS, Party, ProductId
from store.tables import accounts, balances, persons
from store.upsert import insert_new

LANGUAGES = ("en", "es")
_ID = re.compile(r"[\w.@+-]{1,40}")


@unique
class Status(StrEnum):
    """Where an account stands in its life."""

    PROVISIONAL = "provisional"
    OPEN = "open"
    SUSPENDED = "suspended"
    CLOSED = "closed"


@dataclass(frozen=True)
class NewAccount:
    """What an account is opened with.

    ``numbers`` (E.164) are those whose calls it pays for; a person's own account has a
    ``person_id`` and none. ``credit_limit_cents`` is for direct bill. ``cause`` and
    ``note`` say why it is opened.
    """

    id: str
    product: ProductId
    holder: str
    numbers: tuple[str, ...] = ()
    person_id: str | None = None
    credit_limit_cents: int = 0
    language: str = "en"
    email: str | None = None
    address: str | None = None
    cause: str = "requested"
    note: str = ""


def open_account(connection: Connection, new: NewAccount, actor: str, at: datetime) -> None:
    """Open it, without money.

    Raises :class:`LedgerError` when it can't be so opened: it exists, a number has its account
    already, the person has one or isn't known. The caller's transaction is to be rolled back.
    """
    _refuse_unsound(new)
    if new.person_id is not None:
        _refuse_strangers(connection, new.person_id)
    opening = insert_new(connection, accounts).returning(accounts.c.id)
    if connection.execute(opening, _row(new, at)).one_or_none() is None:
        whose = f", or person {new.person_id} has one" if new.person_id else ""
        raise LedgerError(f"account {new.id} exists already{whose}")
    money = {"balance_cents": 0, "held_cents": 0, "credit_limit_cents": new.credit_limit_cents}
    connection.execute(balances.insert(), {"account_id": new.id, **money})
    # In one order, so that two openings never wait for each other.
    for number in sorted(set(new.numbers)):
        claim(connection, new.id, number)
    record(connection, Order(new.id, "open", new.cause, actor, at, new.note))


def _refuse_unsound(new: NewAccount) -> None:
    personal = PRODUCTS[new.product].owner is Party.PERSON
    if not _ID.fullmatch(new.id) or new.id in HOUSE:
        raise LedgerError(f"{new.id!r} is no name for an account: 1 to 40 letters, digits or .-_")
    if not new.holder.strip():
        raise LedgerError("an account needs a holder")
    if personal is not (new.person_id is not None) or (personal and new.numbers):
        raise LedgerError(
            f"{new.product} is a person's own, without numbers"
            if personal
            else f"{new.product} has a holder and numbers, and no person in custody"
        )
    if new.credit_limit_cents < 0:
        raise LedgerError("a credit limit can't be below zero")
    if new.credit_limit_cents and PRODUCTS[new.product].keeps_money:
        raise LedgerError(f"{new.product} is paid for beforehand: it has no credit")
    if new.language not in LANGUAGES:
        raise LedgerError(f"no language {new.language!r}, only {', '.join(LANGUAGES)}")


def _refuse_strangers(connection: Connection, person_id: str) -> None:
    known = select(persons.c.id).where(persons.c.id == person_id)
    if connection.execute(known).one_or_none() is None:
        raise LedgerError(f"person {person_id} isn't known")


def _row(new: NewAccount, at: datetime) -> dict[str, object]:
    return {
        "id": new.id,
        "product": new.product.value,
        "holder": new.holder,
        "person_id": new.person_id,
        "opened_at": at,
        "status": Status.OPEN.value,
        "language": new.language,
        "email": new.email,
        "address": new.address,
    }
