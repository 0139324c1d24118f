"""What becomes of a refund: paid out, failed, given to the state as unclaimed property."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, exists

from accounts.chart import CASH, GATEWAY, REFUNDS_PAYABLE, UNCLAIMED
from accounts.ledger import Entry, Kind, LedgerError, Posting, post
from accounts.refunds.rows import OPEN, Refund, change, locked
from store.tables import accounts, refunds

GATEWAY_ACTOR = "gateway"
_STUCK = ("refund_due", "escheat_pending")


def done(
    connection: Connection,
    refund_id: str,
    at: datetime,
    gateway_id: str | None = None,
    actor: str = GATEWAY_ACTOR,
) -> bool:
    """The gateway has given it back; False when that was known, or came too late to be true.

    Told again, or before the answer to the sending came in, it posts once. Raises
    :class:`LedgerError` when there is no such refund, or it goes by check.
    """
    one = _by_gateway(connection, refund_id)
    if one.status not in OPEN or one.check_number:
        return False
    if not pay_out(connection, one, GATEWAY, actor, at):
        return False
    given = {"gateway_id": gateway_id} if gateway_id else {}
    change(connection, one.id, status="done", settled_at=at, failure=None, **given)
    settled(connection, one.account_id, at)
    return True


def failed(
    connection: Connection,
    refund_id: str,
    failure: str,
    at: datetime,
    gateway_id: str | None = None,
) -> bool:
    """The gateway couldn't give it back; False when that was known, or a check was sent since.

    The money stays promised: a check is the next way, the state the last. A refund that the
    gateway first said was done and then sent back is promised anew. Raises :class:`LedgerError`
    when there is no such refund, or it goes by check.
    """
    one = _by_gateway(connection, refund_id)
    if one.status not in {"requested", "sent", "done"} or one.check_number:
        return False
    if one.status == "done":
        lines = [Posting(GATEWAY, -one.cents), Posting(REFUNDS_PAYABLE, one.cents)]
        post(connection, Entry(f"payout-back:{one.id}", Kind.PAYOUT, GATEWAY_ACTOR, at, lines))
    if gateway_id:
        change(connection, one.id, gateway_id=gateway_id)
    fail(connection, one, failure, at)
    return True


def fail(connection: Connection, one: Refund, failure: str, at: datetime) -> None:
    """It is promised still, and one way to give it back was tried in vain."""
    change(connection, one.id, status="failed", failure=failure, settled_at=None, check_number=None)
    unheld = accounts.c.inactivity != "mandate_hold"
    connection.execute(
        accounts.update()
        .where(accounts.c.id == one.account_id, unheld)
        .values(inactivity="escheat_pending", inactivity_at=at)
    )


def escheat(connection: Connection, refund_id: str, actor: str, at: datetime, note: str) -> None:
    """Set the money aside for the state: no way to give it back was left.

    How long to try before is the state's own law, so a person decides. Raises
    :class:`LedgerError` when it hasn't failed.
    """
    one = locked(connection, refund_id)
    if one.status != "failed":
        raise LedgerError(f"refund {one.id} is {one.status}: only a failed one goes to the state")
    lines = [Posting(REFUNDS_PAYABLE, -one.cents), Posting(UNCLAIMED, one.cents)]
    post(connection, Entry(f"escheat:{one.id}", Kind.ESCHEAT, actor, at, lines, note=note))
    change(connection, one.id, status="escheat", settled_at=at)


def remit(connection: Connection, refund_id: str, actor: str, at: datetime, note: str) -> None:
    """The state has got the money; its owner claims it there. Raises :class:`LedgerError`."""
    one = locked(connection, refund_id)
    if one.status != "escheat":
        raise LedgerError(f"refund {one.id} is {one.status}: it isn't unclaimed property")
    lines = [Posting(UNCLAIMED, -one.cents), Posting(CASH, one.cents)]
    post(connection, Entry(f"remitted:{one.id}", Kind.ESCHEAT, actor, at, lines, note=note))
    change(connection, one.id, status="remitted", settled_at=at)


def pay_out(connection: Connection, one: Refund, by: str, actor: str, at: datetime) -> bool:
    """Post that the promised money has left by ``by``, once."""
    lines = [Posting(REFUNDS_PAYABLE, -one.cents), Posting(by, one.cents)]
    return post(connection, Entry(f"payout:{one.id}:{by}", Kind.PAYOUT, actor, at, lines))


def settled(connection: Connection, account_id: str, at: datetime) -> None:
    """With its last open refund paid out, an inactive account is a refunded one."""
    still_open = exists().where(
        refunds.c.account_id == account_id, refunds.c.status.in_([*OPEN, "escheat"])
    )
    connection.execute(
        accounts.update()
        .where(accounts.c.id == account_id, accounts.c.inactivity.in_(_STUCK), ~still_open)
        .values(inactivity="refunded", inactivity_at=at)
    )


def _by_gateway(connection: Connection, refund_id: str) -> Refund:
    one = locked(connection, refund_id)
    if one.payment_id is None:
        raise LedgerError(f"refund {refund_id} goes by check")
    return one
