"""What must always hold of calls; each finding is one line that names what is broken."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from sqlalchemy import Connection, func, select

from accounts.debit import INMATE_DEBIT
from calls.states import EXITS, FOLLOWS, Cause, State
from rating.engine import charge
from rating.terms import Quote
from store.tables import accounts, calls, cdrs, credit_requests, entries, holds, postings


def one_cdr_a_call(connection: Connection) -> Iterator[str]:
    """Every ended call has its CDR, no living one has, and no ended call holds money."""
    rows = connection.execute(
        select(calls.c.id, calls.c.ended_at, cdrs.c.call_id.label("cdr"))
        .outerjoin(cdrs, cdrs.c.call_id == calls.c.id)
        .where(calls.c.ended_at.is_not(None) != cdrs.c.call_id.is_not(None))
    )
    for row in rows:
        yield f"call {row.id} " + ("ended without a CDR" if row.ended_at else "lives with a CDR")
    held = connection.execute(
        select(calls.c.id)
        .join(holds, holds.c.call_id == calls.c.id)
        .where(calls.c.ended_at.is_not(None), holds.c.closed_at.is_(None))
    )
    for row in held:
        yield f"call {row.id} has ended and still holds money"


def states_in_order(connection: Connection) -> Iterator[str]:
    """Every CDR's states follow each other as the table of states allows."""
    for row in connection.execute(select(cdrs.c.call_id, cdrs.c.states)):
        passed = [State(name) for name in row.states]
        for before, after in pairwise(passed):
            if after not in FOLLOWS[before]:
                yield f"call {row.call_id} went from {before} to {after}"


def ended_as_its_state_may(connection: Connection) -> Iterator[str]:
    """Every CDR's cause is one that may end a call in its last state."""
    for row in connection.execute(select(cdrs.c.call_id, cdrs.c.states, cdrs.c.cause)):
        last = [State(name) for name in row.states if name != State.ENDED][-1]
        if Cause(row.cause) not in EXITS[last]:
            yield f"call {row.call_id} was {last} and can't have ended by {row.cause}"


def one_off_hook_one_person(connection: Connection) -> Iterator[str]:
    """A call that follows another is of the same person on the same phone, after its end."""
    before = calls.alias("before")
    rows = connection.execute(
        select(calls.c.id, before.c.id.label("before"))
        .join(before, before.c.id == calls.c.follows)
        .where(
            (calls.c.person_id != before.c.person_id)
            | (calls.c.phone_id != before.c.phone_id)
            | before.c.person_id.is_(None)
            | before.c.ended_at.is_(None)
        )
    )
    for row in rows:
        yield f"call {row.id} can't follow call {row.before}"


def credits_as_granted(connection: Connection) -> Iterator[str]:
    """What is credited for a call is what staff granted or the drop gave, within the charge."""
    for call_id, charged, dropped, granted, credited in connection.execute(_CREDITED):
        due = dropped + (granted or 0)
        if credited != due or credited > charged:
            yield f"call {call_id}: charged {charged} cents, due are {due}, credited {credited}"


def debit_pays_for_its_owner(connection: Connection) -> Iterator[str]:
    """A person's own account pays for that person's calls only."""
    rows = connection.execute(
        select(cdrs.c.call_id, cdrs.c.account_id)
        .join(accounts, accounts.c.id == cdrs.c.account_id)
        .where(
            (accounts.c.product == INMATE_DEBIT) | (cdrs.c.product == INMATE_DEBIT),
            accounts.c.person_id.is_distinct_from(cdrs.c.person_id),
        )
    )
    for row in rows:
        yield f"call {row.call_id} of somebody else was paid by {row.account_id}"


def no_charge_without_acceptance(connection: Connection) -> Iterator[str]:
    """Money is posted for accepted calls only, and just what the CDR says."""
    rows = connection.execute(
        select(entries.c.key, entries.c.call_id)
        .outerjoin(calls, calls.c.id == entries.c.call_id)
        .where(entries.c.kind == "call", calls.c.accepted_at.is_(None))
    )
    for row in rows:
        yield f"entry {row.key} charges call {row.call_id}, which nobody accepted"
    for call_id, said, posted in connection.execute(_CHARGED_OTHERWISE):
        yield f"call {call_id}: the CDR says {said} cents, posted are {posted}"


def charge_as_quoted(connection: Connection) -> Iterator[str]:
    """Every CDR's charge is what its own quote gives for its talk, and within the cap."""
    for row in connection.execute(select(cdrs).where(cdrs.c.quote.is_not(None))):
        terms = Quote.from_json(row.quote)
        if charge(terms, row.billed_seconds).total_cents != row.charged_cents:
            yield f"call {row.call_id}: charged {row.charged_cents} cents, not what was quoted"
        base_e4 = sum(cents * 100 for kind, cents in row.lines if kind == "base")
        if terms.cap_e4 is not None and base_e4 * 60 > terms.cap_e4 * row.billed_seconds:
            yield f"call {row.call_id}: {row.charged_cents} cents are above the cap"
        if row.billed_seconds * 1000 > row.talk_ms:
            yield f"call {row.call_id}: {row.billed_seconds} s billed of {row.talk_ms} ms talk"


_POSTED = (
    select(func.coalesce(-func.sum(postings.c.cents), 0))
    .join(entries, entries.c.id == postings.c.entry_id)
    .where(
        entries.c.kind == "call",
        entries.c.call_id == cdrs.c.call_id,
        postings.c.account_id == cdrs.c.account_id,
    )
    .scalar_subquery()
)
_CHARGED_OTHERWISE = select(cdrs.c.call_id, cdrs.c.charged_cents, _POSTED.label("posted")).where(
    cdrs.c.charged_cents != _POSTED
)
_CREDIT = (
    select(func.coalesce(func.sum(postings.c.cents), 0))
    .join(entries, entries.c.id == postings.c.entry_id)
    .where(
        entries.c.kind == "credit",
        entries.c.call_id == cdrs.c.call_id,
        postings.c.account_id == cdrs.c.account_id,
    )
    .scalar_subquery()
)
_CREDITED = (
    select(
        cdrs.c.call_id,
        cdrs.c.charged_cents,
        cdrs.c.credited_cents,
        credit_requests.c.granted_cents,
        _CREDIT,
    )
    .outerjoin(credit_requests, credit_requests.c.call_id == cdrs.c.call_id)
    .where(
        credit_requests.c.call_id.is_not(None)
        | (cdrs.c.credited_cents > 0)
        | cdrs.c.call_id.in_(select(entries.c.call_id).where(entries.c.kind == "credit"))
    )
)
