"""Each morning: yesterday's books of the gateway against ours. What doesn't match is queued."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection, select

from accounts.ledger import LedgerError
from accounts.payments import payouts, unmatched
from accounts.payments.gateway import (
    CURRENCY,
    Gateway,
    GatewayDown,
    GatewayError,
    GatewayTransaction,
)
from accounts.payments.unmatched import Problem, Unmatched
from store.database import Database
from store.tables import disputes, payments, refunds

NOT_GIVEN_BACK = ("failed", "escheat", "remitted")


@dataclass(frozen=True)
class Reconciled:
    """What a day's comparison found. ``queued`` are new in the queue, each only once ever."""

    matched: int
    queued: int
    payouts_cents: int
    fees_cents: int


@dataclass(frozen=True)
class _Ours:
    """What we know of a thing at the gateway: cents as they stand there, and whether it holds."""

    reference: str
    cents: int
    settled: bool


def reconcile(database: Database, gateway: Gateway, day: date, at: datetime) -> Reconciled:
    """Compare one day (UTC) that is over; doing it again finds nothing new.

    Every line of the gateway must be ours with the same amount, and everything of ours must be
    known over there. Payouts and fees are posted. Raises :class:`LedgerError` for a day that
    isn't over, and what the gateway raises; nothing is queued or posted then.
    """
    since = datetime.combine(day, time(), UTC)
    until = since + timedelta(days=1)
    if at < until:
        raise LedgerError(f"{day} isn't over yet (days are UTC's)")
    lines = list(gateway.transactions(since, until))
    with database.begin() as connection:
        ours = _of_the_day(connection, gateway.name, since, until)
    seen = {line.source for line in lines}
    lost = [one for one in ours if one.reference not in seen and not _known(gateway, one)]
    with database.begin() as connection:
        found = [item for line in lines if (item := _compare(connection, gateway.name, line))]
        found += [_missing_there(gateway.name, one) for one in lost]
        new = sum(unmatched.add(connection, item, at) for item in found)
        paid, fees = payouts.book(connection, gateway.name, lines, at)
    return Reconciled(len(lines) + len(lost) - len(found), new, paid, fees)


def _compare(connection: Connection, source: str, line: GatewayTransaction) -> Unmatched | None:
    if line.currency != CURRENCY:
        return _item(source, line, line.id, "amount_differs", f"it is in {line.currency}")
    if line.kind in payouts.BOOKED:
        return None
    ours = _ours(connection, line)
    if ours is None or not ours.settled:
        # A refund that failed is another line on the same refund: it is named by its own id.
        reference = line.id if line.kind in ("refund_failure", "other") else line.source
        return _item(source, line, reference, "missing_here", "it isn't known here")
    if ours.cents != line.cents:
        why = f"it is {ours.cents} cents here"
        return _item(source, line, line.source, "amount_differs", why)
    return None


def _ours(connection: Connection, line: GatewayTransaction) -> _Ours | None:
    if line.kind == "payment":
        return _payment(connection, line)
    if line.kind in ("refund", "refund_failure"):
        return _refund(connection, line)
    if line.kind == "dispute":
        return _dispute(connection, line)
    return None


def _payment(connection: Connection, line: GatewayTransaction) -> _Ours | None:
    its = payments.select().where(payments.c.gateway_id == line.source)
    row = connection.execute(its).one_or_none()
    return _Ours(line.source, row.cents, row.status == "succeeded") if row else None


def _refund(connection: Connection, line: GatewayTransaction) -> _Ours | None:
    its = refunds.select().where(refunds.c.gateway_id == line.source)
    row = connection.execute(its).one_or_none()
    if row is None:
        return None
    if line.kind == "refund_failure":
        return _Ours(line.source, row.cents, row.status in NOT_GIVEN_BACK or bool(row.check_number))
    return _Ours(line.source, -row.cents, True)


def _dispute(connection: Connection, line: GatewayTransaction) -> _Ours | None:
    row = connection.execute(disputes.select().where(disputes.c.id == line.source)).one_or_none()
    if row is None:
        return None
    won = line.cents > 0
    return _Ours(line.source, row.cents if won else -row.cents, not won or row.status == "won")


def _of_the_day(
    connection: Connection, source: str, since: datetime, until: datetime
) -> list[_Ours]:
    paid = select(payments.c.gateway_id, payments.c.cents).where(
        payments.c.gateway == source,
        payments.c.status == "succeeded",
        payments.c.succeeded_at >= since,
        payments.c.succeeded_at < until,
    )
    back = select(refunds.c.gateway_id, -refunds.c.cents).where(
        refunds.c.gateway_id.is_not(None),
        refunds.c.status.in_(["sent", "done"]),
        refunds.c.sent_at >= since,
        refunds.c.sent_at < until,
    )
    rows = [*connection.execute(paid), *connection.execute(back)]
    return [_Ours(reference, cents, True) for reference, cents in rows]


def _known(gateway: Gateway, one: _Ours) -> bool:
    """Told to us a day after it happened, it stands on another day over there."""
    try:
        if one.cents > 0:
            return gateway.fetch(one.reference).status == "succeeded"
        return gateway.fetch_refund(one.reference).status != "failed"
    except GatewayDown:
        raise
    except GatewayError:
        return False


def _missing_there(source: str, one: _Ours) -> Unmatched:
    detail = f"{one.cents} cents are in our books, and the gateway doesn't know of them"
    return Unmatched(source, one.reference, "missing_there", one.cents, detail)


def _item(
    source: str, line: GatewayTransaction, reference: str, problem: Problem, why: str
) -> Unmatched:
    detail = f"{line.kind} of {line.cents} cents on {line.at:%Y-%m-%d} ({line.id}): {why}"
    return Unmatched(source, reference, problem, line.cents, detail)
