"""Refunds of a re-rate: proposed call by call, looked at by a person, then posted exactly once.

What was paid for a call is what the ledger says, not the CDR: earlier refunds count. A call on
which something else was posted (a credit by staff) is left to a person. A refund takes back just
the lines that were too high, so that additive and taxes stay right to the cent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Label,
    Select,
    String,
    Subquery,
    bindparam,
    case,
    cast,
    distinct,
    func,
    literal,
    select,
)

from accounts.chart import ADDITIVE, BASE, TAXES
from accounts.ledger import Entry, KeyReused, Kind, LedgerError, Posting, paid_for, post
from store.database import Database
from store.tables import cdrs, entries, postings, refund_proposals, rerated_calls

POSTED, SUPERSEDED = "posted", "superseded"
BATCH = 50
"""So few entries a transaction that no live call waits long for its account."""


@dataclass(frozen=True)
class Basis:
    """Why and by what a run gives money back: the versions that its new prices come from."""

    run: str
    reason: str
    deck: str
    caps: str
    code: str
    actor: str
    at: datetime


@dataclass(frozen=True)
class Proposal:
    """One entry that may be posted: ``cents`` back to the account that paid for the call.

    The lines sum to ``cents``; one of them may be below zero. ``charged_by`` is the deck that the
    call was charged by, the others are the versions of the new price. ``outcome`` is None until
    it is posted; ``superseded`` means that another run's refund of this call, or a credit, came
    first.
    """

    run: str
    key: str
    call_id: str
    account_id: str
    cents: int
    base_cents: int
    additive_cents: int
    tax_cents: int
    reason: str
    charged_by: str
    deck: str
    caps: str
    code: str
    outcome: str | None


@dataclass(frozen=True)
class Sum:
    """What a run proposes, or how it came out: ``outcome`` None is what waits to be posted."""

    run: str
    outcome: str | None
    accounts: int
    calls: int
    cents: int


def propose(connection: Connection, basis: Basis) -> None:
    """Propose a refund for every call that the run's new price is lower for than what was paid.

    What the run proposed before and nobody has posted is replaced.
    """
    waiting = refund_proposals.c.outcome.is_(None) & (refund_proposals.c.run == basis.run)
    connection.execute(refund_proposals.delete().where(waiting))
    chosen = _overcharged(basis)
    names = [column.name for column in chosen.selected_columns]
    connection.execute(refund_proposals.insert().from_select(names, chosen))


def proposals(connection: Connection, run: str) -> Iterator[Proposal]:
    """Every proposal of a run, by account and call."""
    p = refund_proposals.c
    chosen = select(*_PROPOSAL).where(p.run == run).order_by(p.account_id, p.call_id, p.key)
    for row in connection.execution_options(yield_per=1000).execute(chosen):
        yield Proposal(*row)


def sums(connection: Connection, run: str | None = None) -> list[Sum]:
    """What runs propose and how it came out; of one run or of all."""
    p = refund_proposals.c
    counted = (func.count(distinct(p.account_id)), func.count(), func.sum(p.cents))
    chosen = select(p.run, p.outcome, *counted).group_by(p.run, p.outcome)
    if run is not None:
        chosen = chosen.where(p.run == run)
    found = connection.execute(chosen.order_by(p.run, p.outcome)).all()
    return [Sum(row[0], row[1], row[2], row[3], int(row[4])) for row in found]


def left_to_a_person(connection: Connection, run: str) -> list[str]:
    """The calls that cost less by this run, but on which something else was posted."""
    paid = _paid(run)
    chosen = select(paid.c.call_id).where(paid.c.others > 0).order_by(paid.c.call_id)
    return list(connection.execute(chosen).scalars())


def post_run(database: Database, run: str, actor: str, at: datetime) -> None:
    """Post what a run proposes and nobody has posted; asked again, nothing more happens.

    Raises :class:`LedgerError` when the run proposes nothing. A crash in between loses nothing
    and doubles nothing: the rest is posted when it is asked for again.
    """
    with database.begin() as connection:
        if not sums(connection, run):
            raise LedgerError(f"run {run} proposes no refunds")
    while _post_some(database, run, actor, at):
        pass


def _post_some(database: Database, run: str, actor: str, at: datetime) -> bool:
    with database.begin() as connection:
        waiting = connection.execute(_WAITING, {"of": run}).all()
        for row in waiting:
            one = Proposal(*row)
            paid = paid_for(connection, one.account_id, one.call_id)
            credited = connection.execute(_CREDITED, {"call": one.call_id}).scalar_one()
            new = paid >= one.cents and not credited and _post(connection, _entry(one, actor, at))
            came = {"of": run, "its": one.key, "by": actor, "now": at}
            connection.execute(_SETTLE, {**came, "as": POSTED if new else SUPERSEDED})
    return bool(waiting)


def _post(connection: Connection, entry: Entry) -> bool:
    try:
        return post(connection, entry)
    except KeyReused:
        # Another run's refund of this call came first. Nothing was tried, the rest can go on.
        return False


def _entry(one: Proposal, actor: str, at: datetime) -> Entry:
    lines = (
        Posting(one.account_id, one.cents),
        Posting(BASE, -one.base_cents),
        Posting(ADDITIVE, -one.additive_cents),
        Posting(TAXES, -one.tax_cents),
    )
    note = f"{one.reason} (re-rate {one.run}, deck {one.deck or 'none'}, caps {one.caps})"
    return Entry(one.key, Kind.REFUND, actor, at, lines, one.call_id, note)


def _overcharged(basis: Basis) -> Select[Any]:
    """The proposals as rows to insert."""
    paid, new = _paid(basis.run), rerated_calls.c
    base = paid.c.base - new.base_cents
    additive = paid.c.additive - new.additive_cents
    tax = paid.c.tax - new.tax_cents
    # Two runs that saw the same books propose the same key: only one of them can be posted.
    key = literal("refund:") + paid.c.call_id + ":" + cast(paid.c.refunds, String)
    given = {name: value for name, value in vars(basis).items() if name != "at"}
    return (
        select(
            key.label("key"),
            paid.c.call_id,
            cdrs.c.account_id,
            (base + additive + tax).label("cents"),
            base.label("base_cents"),
            additive.label("additive_cents"),
            tax.label("tax_cents"),
            func.coalesce(cdrs.c.deck_version, "").label("charged_by"),
            literal(basis.at, refund_proposals.c.at.type).label("at"),
            *(literal(value).label(name) for name, value in given.items()),
        )
        .join(rerated_calls, (new.call_id == paid.c.call_id) & (new.run == basis.run))
        .join(cdrs, cdrs.c.call_id == paid.c.call_id)
        .where(paid.c.others == 0, base + additive + tax > 0)
    )


def _paid(run: str) -> Subquery:
    """What the ledger says was paid, line by line, for each call that the run makes cheaper."""
    new = rerated_calls.c
    cheaper = select(new.call_id).where(
        new.run == run, new.charged_cents > new.base_cents + new.additive_cents + new.tax_cents
    )
    return (
        select(
            entries.c.call_id,
            _into(BASE, "base"),
            _into(ADDITIVE, "additive"),
            _into(TAXES, "tax"),
            func.count(distinct(case((entries.c.kind == Kind.REFUND, entries.c.id)))).label(
                "refunds"
            ),
            func.count(case((_NOT_OURS, entries.c.id))).label("others"),
        )
        .join(postings, postings.c.entry_id == entries.c.id)
        .where(entries.c.call_id.in_(cheaper))
        .group_by(entries.c.call_id)
        .subquery("paid")
    )


def _into(account: str, name: str) -> Label[int]:
    amount = case((postings.c.account_id == account, postings.c.cents), else_=0)
    return cast(func.sum(amount), BigInteger).label(name)


_NOT_OURS = entries.c.kind.not_in((Kind.CALL, Kind.REFUND))
_CREDITED = select(func.count()).where(entries.c.call_id == bindparam("call"), _NOT_OURS)
_PROPOSAL = [refund_proposals.c[one.name] for one in fields(Proposal)]
_WAITING = (
    select(*_PROPOSAL)
    .where(refund_proposals.c.run == bindparam("of"), refund_proposals.c.outcome.is_(None))
    .order_by(refund_proposals.c.account_id, refund_proposals.c.key)
    .limit(BATCH)
)
_SETTLE = (
    refund_proposals.update()
    .where(
        refund_proposals.c.run == bindparam("of"),
        refund_proposals.c.key == bindparam("its"),
        refund_proposals.c.outcome.is_(None),
    )
    .values(outcome=bindparam("as"), settled_by=bindparam("by"), settled_at=bindparam("now"))
)
