"""What must always hold of the books; each finding is one line that names what is broken."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, case, func, select

from accounts.chart import REFUNDS_PAYABLE, UNCLAIMED
from accounts.ledger import Kind
from accounts.refunds.rows import OPEN
from store.tables import balances, entries, holds, payments, postings, refunds
from store.types import now


def unbalanced_entries(connection: Connection) -> Iterator[str]:
    """Every entry's postings sum to zero, so all postings do."""
    total = func.sum(postings.c.cents)
    rows = connection.execute(
        select(entries.c.key, func.coalesce(total, 0).label("cents"), func.count(postings.c.id))
        .outerjoin(postings, postings.c.entry_id == entries.c.id)
        .group_by(entries.c.key)
        .having((func.coalesce(total, 0) != 0) | (func.count(postings.c.id) < 2))
    )
    for key, cents, lines in rows:
        yield f"entry {key} has {lines} lines that sum to {cents} cents"


def cached_balances(connection: Connection) -> Iterator[str]:
    """A cached balance equals its postings, and what is held equals the open holds."""
    derived = (
        select(func.coalesce(func.sum(postings.c.cents), 0))
        .where(postings.c.account_id == balances.c.account_id)
        .scalar_subquery()
    )
    held = (
        select(func.coalesce(func.sum(case((holds.c.closed_at.is_(None), holds.c.cents))), 0))
        .where(holds.c.account_id == balances.c.account_id)
        .scalar_subquery()
    )
    for row in connection.execute(select(balances, derived.label("d"), held.label("h"))):
        if row.balance_cents != row.d:
            yield f"account {row.account_id}: balance {row.balance_cents}, postings sum to {row.d}"
        if row.held_cents != row.h:
            yield f"account {row.account_id}: {row.held_cents} held, open holds sum to {row.h}"
        if row.balance_cents + row.credit_limit_cents < row.held_cents:
            yield f"account {row.account_id} is past its limit"


def stale_holds(connection: Connection) -> Iterator[str]:
    """No hold outlives its lease."""
    rows = connection.execute(
        select(holds.c.call_id, holds.c.cents, holds.c.lease_until).where(
            holds.c.closed_at.is_(None), holds.c.lease_until < now()
        )
    )
    for row in rows:
        yield f"call {row.call_id} still holds {row.cents} cents, leased to {row.lease_until}"


def reversals_sound(connection: Connection) -> Iterator[str]:
    """A reversal mirrors its entry line by line, and is never reversed itself."""
    taken_back = entries.alias("taken_back")
    links = select(
        entries, taken_back.c.key.label("original"), taken_back.c.reverses.label("twice")
    )
    chosen = links.outerjoin(taken_back, taken_back.c.id == entries.c.reverses).where(
        entries.c.reverses.is_not(None) | (entries.c.kind == Kind.REVERSAL)
    )
    for row in connection.execute(chosen):
        if row.original is None or row.kind != Kind.REVERSAL or row.twice is not None:
            yield f"entry {row.key} of kind {row.kind} can't be the reversal of {row.original}"
    both = (postings.c.entry_id == entries.c.id) | (postings.c.entry_id == entries.c.reverses)
    left = (
        select(entries.c.key, postings.c.account_id, func.sum(postings.c.cents))
        .join(postings, both)
        .where(entries.c.reverses.is_not(None))
        .group_by(entries.c.key, postings.c.account_id)
        .having(func.sum(postings.c.cents) != 0)
    )
    for key, account_id, cents in connection.execute(left):
        yield f"entry {key} leaves {cents} cents of what it reverses on {account_id}"


def refunds_in_the_books(connection: Connection) -> Iterator[str]:
    """What is promised back equals the open refunds, and unclaimed property what nobody got."""
    for house, statuses in ((REFUNDS_PAYABLE, OPEN), (UNCLAIMED, ("escheat",))):
        booked = select(func.coalesce(func.sum(postings.c.cents), 0))
        listed = select(func.coalesce(func.sum(refunds.c.cents), 0))
        stands = connection.execute(booked.where(postings.c.account_id == house)).scalar_one()
        due = connection.execute(listed.where(refunds.c.status.in_(statuses))).scalar_one()
        if stands != due:
            yield f"{house} stands at {stands} cents, its refunds sum to {due}"


def payments_given_back(connection: Connection) -> Iterator[str]:
    """What a payment says was given back of it equals its refunds."""
    back = (
        select(func.coalesce(func.sum(refunds.c.cents), 0))
        .where(refunds.c.payment_id == payments.c.id)
        .scalar_subquery()
    )
    for row in connection.execute(
        select(payments.c.id, payments.c.refunded_cents, back.label("back")).where(
            payments.c.refunded_cents != back
        )
    ):
        yield f"payment {row.id}: {row.refunded_cents} cents given back, refunds sum to {row.back}"
