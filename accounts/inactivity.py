"""Money that nobody uses: its owner is asked, then it goes back (47 CFR 64.6130).

Every act on an account starts its clock anew. Whatever moves its money is one of the rule's acts:
deposit, credit, spending, withdrawal, transfer; so every posting on the account counts. Interest
of the holder or of the person in custody counts too (:func:`accounts.interest.interest`), and so
does the opening.

Days are whole calendar days in UTC: those of the act and of the run aren't counted, so that no
account ever has fewer than 180 of them, wherever its holder lives, whatever clocks are put
forward there and however long the year is.

States of an account: active, inactive_pending_contact (the holder is to be asked), refund_due (no
answer came, the money is promised), refunded, escheat_pending (it couldn't be given back), and
mandate_hold, which nothing here touches. Nothing is ever forfeited: no balance is changed here
but by a refund.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, exists, literal, select

from accounts import refunds
from accounts.orders import locked
from accounts.products import PRODUCTS
from store.tables import accounts, balances, entries, notices, postings
from store.types import Moment
from store.upsert import insert_new

INACTIVE_DAYS, ANSWER_DAYS = 180, 30
CONTACT, REFUND = "inactivity_contact", "inactivity_refund"
ACTOR = "inactivity"
REFUNDABLE = [product.id.value for product in PRODUCTS.values() if product.refunded_to]


@dataclass(frozen=True)
class Ran:
    """How many accounts were used again, refunded without an answer, and are to be contacted."""

    active_again: int
    refunded: int
    contacted: int


def run(connection: Connection, at: datetime) -> Ran:
    """One day's work: any number of runs on a day do as much as one.

    Refunds come before contacts: so no account's row is kept from a payment while the money of
    another is waited for.
    """
    return Ran(_active_again(connection), _refund(connection, at), _contact(connection, at))


def whole_days_before(at: datetime, days: int) -> datetime:
    """What lies before it has had ``days`` whole days at least since, the last one yesterday."""
    today = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=days)


def _active_again(connection: Connection) -> int:
    """Accounts that were used since they were found inactive."""
    moving = ("inactive_pending_contact", "refund_due", "refunded", "escheat_pending")
    return connection.execute(
        accounts.update()
        .where(
            accounts.c.inactivity.in_(moving),
            _posted(entries.c.at > accounts.c.inactivity_at),
        )
        .values(inactivity="active", inactivity_at=None)
    ).rowcount


def _refund(connection: Connection, at: datetime) -> int:
    """Accounts whose holder was asked and didn't answer."""
    due = connection.execute(
        select(accounts.c.id, accounts.c.inactivity_at)
        .join(balances, balances.c.account_id == accounts.c.id)
        .where(
            accounts.c.inactivity == "inactive_pending_contact",
            accounts.c.inactivity_at < whole_days_before(at, ANSWER_DAYS),
            balances.c.balance_cents > 0,
            # What holds money now is used now.
            balances.c.held_cents == 0,
        )
        .order_by(accounts.c.id)
    )
    return sum(_give_back(connection, row.id, row.inactivity_at, at) for row in due.all())


def _give_back(connection: Connection, account_id: str, asked: datetime, at: datetime) -> bool:
    """Promise an account's money back; False when it was used in this very moment."""
    row = locked(connection, account_id)
    used = select(_posted(entries.c.at > asked)).where(accounts.c.id == account_id)
    if row.inactivity_at != asked or row.held_cents or connection.execute(used).scalar_one():
        return False
    day = f"{asked:%Y-%m-%d}"
    key = f"inactivity:{account_id}:{day}"
    refunds.request(connection, account_id, None, key, "inactivity", ACTOR, at)
    told = {"account_id": account_id, "kind": REFUND, "subject": day, "at": at}
    connection.execute(insert_new(connection, notices), told)
    state = {"inactivity": "refund_due", "inactivity_at": at}
    connection.execute(accounts.update().where(accounts.c.id == account_id).values(state))
    return True


def _contact(connection: Connection, at: datetime) -> int:
    """Accounts with money that nobody has used: their holder is to be asked."""
    before, day = whole_days_before(at, INACTIVE_DAYS), f"{at:%Y-%m-%d}"
    with_money = exists().where(
        balances.c.account_id == accounts.c.id,
        balances.c.balance_cents > 0,
        balances.c.held_cents == 0,
    )
    found = connection.execute(
        accounts.update()
        .where(
            accounts.c.inactivity == "active",
            accounts.c.product.in_(REFUNDABLE),
            accounts.c.opened_at < before,
            accounts.c.interest_at.is_(None) | (accounts.c.interest_at < before),
            with_money,
            ~_posted(entries.c.at >= before),
        )
        .values(inactivity="inactive_pending_contact", inactivity_at=at)
    ).rowcount
    asked = select(accounts.c.id, literal(CONTACT), literal(day), literal(at, Moment())).where(
        accounts.c.inactivity == "inactive_pending_contact", accounts.c.inactivity_at == at
    )
    columns = ["account_id", "kind", "subject", "at"]
    connection.execute(insert_new(connection, notices).from_select(columns, asked))
    return found


def _posted(when: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether anything was posted on the account."""
    its = exists().where(
        postings.c.account_id == accounts.c.id, entries.c.id == postings.c.entry_id
    )
    return its.where(when).correlate(accounts)
