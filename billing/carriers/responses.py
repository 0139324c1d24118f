"""What became of the calls that the carriers bill: paid, returned, adjusted, written off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from sqlalchemy import Column, Connection, Update, bindparam, select

from accounts.billability import mark_unbillable
from accounts.chart import ADJUSTMENTS, CARRIERS, CASH, WRITE_OFFS
from accounts.file_faults import FileRefused
from accounts.ledger import Entry, Kind, Posting, post
from billing.carriers.pack_rows import IN, Pack, begin, finish, last_number
from billing.carriers.reader import Answer, Outcome, Reader
from store.tables import balances, calls, emi_records
from store.types import AnyRow

AT_ONCE = 500
_COLUMN = {
    Outcome.PAID: emi_records.c.settled_cents,
    Outcome.RETURNED: emi_records.c.returned_cents,
    Outcome.ADJUSTED: emi_records.c.adjusted_cents,
    Outcome.WRITTEN_OFF: emi_records.c.written_off_cents,
}
_OTHER_SIDE = {
    Outcome.PAID: (Kind.CARRIER_PAID, CASH),
    Outcome.ADJUSTED: (Kind.ADJUSTMENT, ADJUSTMENTS),
    Outcome.WRITTEN_OFF: (Kind.WRITE_OFF, WRITE_OFFS),
}


@dataclass
class Taken:
    """What a file brought, in cents: by outcome, and of what was returned by account."""

    pack: Pack
    cents: Counter[Outcome] = field(default_factory=Counter)
    returned: Counter[str] = field(default_factory=Counter)
    unbillable: dict[str, str] = field(default_factory=dict)


def take(connection: Connection, source: Iterable[bytes], at: datetime, actor: str) -> Taken:
    """Take the clearing house's next file, line by line, whole or not at all.

    What is paid is cash; what is adjusted or written off is the house's loss; what is returned
    the account owes again, and its number isn't billable any more. Raises :class:`FileRefused`
    with every bad line, :class:`LedgerError` when the month is closed; the caller's transaction
    is to be rolled back then.
    """
    taken = Taken(begin(connection, IN, last_number(connection, IN) + 1, at, actor))
    reader, seen = Reader(source), set[tuple[int, Outcome]]()
    answers = iter(reader)
    while batch := list(islice(answers, AT_ONCE)):
        for answer, fault in _apply(connection, taken, batch, seen):
            reader.faults.append((answer.line, fault))
    _refuse_wrong_number(reader, taken.pack.number)
    if reader.faults or reader.header is None:
        raise FileRefused(reader.faults)
    records, cents = reader.header.records, reader.header.cents
    taken.pack = replace(taken.pack, records=records, cents=cents, sha256=reader.sha256)
    finish(connection, taken.pack)
    _post(connection, taken, at, actor)
    return taken


def _refuse_wrong_number(reader: Reader, expected: int) -> None:
    if reader.header is None or reader.header.number == expected:
        return
    number = reader.header.number
    told = (
        f"pack {number} was taken before"
        if number < expected
        else f"pack {expected} comes first: have it sent again, then take pack {number}"
    )
    reader.faults.append((1, told))


def _apply(
    connection: Connection, taken: Taken, batch: Sequence[Answer], seen: set[tuple[int, Outcome]]
) -> list[tuple[Answer, str]]:
    """Write a batch down; what is wrong with which answer."""
    serials = {answer.serial for answer in batch}
    sent = {row.serial: row for row in connection.execute(_SENT, {"serials": list(serials)})}
    open_cents = {row.serial: row.open_cents for row in sent.values()}
    faults, sound = [], []
    for answer in batch:
        row = sent.get(answer.serial)
        fault = _fault(answer, row, open_cents, seen)
        seen.add((answer.serial, answer.outcome))
        if fault or row is None:
            faults.append((answer, fault))
            continue
        open_cents[answer.serial] -= answer.cents
        sound.append(answer)
        _count(taken, answer, row)
    for outcome, column in _COLUMN.items():
        moved = [{"its": a.serial, "more": a.cents} for a in sound if a.outcome is outcome]
        if moved:
            connection.execute(_added(column), moved)
    return faults


def _fault(
    answer: Answer,
    row: AnyRow | None,
    open_cents: dict[int, int],
    seen: set[tuple[int, Outcome]],
) -> str:
    if row is None:
        return f"serial number {answer.serial} was never sent"
    if (answer.serial, answer.outcome) in seen:
        return f"serial number {answer.serial} is {answer.outcome} twice"
    if row.number != f"+1{answer.billing_number:010}":
        return f"serial number {answer.serial} isn't of this billing number"
    if answer.cents > open_cents[answer.serial]:
        left = open_cents[answer.serial]
        return f"{answer.cents} cents of serial number {answer.serial}, of which {left} are open"
    return ""


def _count(taken: Taken, answer: Answer, row: AnyRow) -> None:
    taken.cents[answer.outcome] += answer.cents
    if answer.outcome is Outcome.RETURNED:
        taken.returned[row.account_id] += answer.cents
        taken.unbillable[row.number] = answer.reason


def _post(connection: Connection, taken: Taken, at: datetime, actor: str) -> None:
    number = taken.pack.number
    for outcome, (kind, other) in _OTHER_SIDE.items():
        if cents := taken.cents[outcome]:
            lines = [Posting(CARRIERS, cents), Posting(other, -cents)]
            post(connection, Entry(f"carrier_answer:{number}:{kind}", kind, actor, at, lines))
    for account_id, cents in sorted(taken.returned.items()):
        connection.execute(_ROOM, {"account": account_id, "owed": cents})
        lines = [Posting(account_id, -cents), Posting(CARRIERS, cents)]
        key = f"{Kind.CARRIER_RETURN}:{number}:{account_id}"
        post(connection, Entry(key, Kind.CARRIER_RETURN, actor, at, lines))
    for called, reason in sorted(taken.unbillable.items()):
        note = f"returned by its carrier in pack {number}" + (f", {reason}" if reason else "")
        mark_unbillable(connection, called, actor, at, note)


def _added(column: Column[int]) -> Update:
    moved = {column.name: column + bindparam("more")}
    return emi_records.update().where(emi_records.c.serial == bindparam("its")).values(moved)


OPEN_CENTS = (
    emi_records.c.cents
    - emi_records.c.settled_cents
    - emi_records.c.returned_cents
    - emi_records.c.adjusted_cents
    - emi_records.c.written_off_cents
)
"""For a query: what of a record the carriers still owe."""
# What the carriers owe or the account does: what it may still spend is the same.
_ROOM = (
    balances.update()
    .where(balances.c.account_id == bindparam("account"))
    .values(credit_limit_cents=balances.c.credit_limit_cents + bindparam("owed"))
)
_SENT = (
    select(
        emi_records.c.serial,
        emi_records.c.account_id,
        OPEN_CENTS.label("open_cents"),
        calls.c.number,
    )
    .join(calls, calls.c.id == emi_records.c.call_id)
    .where(emi_records.c.serial.in_(bindparam("serials", expanding=True)))
)
