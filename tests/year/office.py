"""What families, staff and companies do about money on a day of the year."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import select

from accounts import life, prepaid, refunds
from accounts.adjusting import Adjustment, adjust
from accounts.chart import WRITE_OFFS
from accounts.ledger import Kind
from accounts.payments import intake
from accounts.payments.intake import NewPayment
from accounts.payments.webhooks import handle_pending, receive
from accounts.products import ProductId
from billing import invoices
from store.tables import accounts, disputes, payments
from tests.year.bank import SIGNATURE, Bank
from tests.year.day import Day
from tests.year.place import Holding, Place

LATE, NEVER = 0.15, 0.02
AMOUNTS = (500, 1000, 2000, 2500, 5000)


class Office:
    """Payments by card and otherwise, bills that are paid in time, late or never, refunds."""

    def __init__(self, bank: Bank, scale: float) -> None:
        self.bank = bank
        self.did: Counter[str] = Counter()
        self._scale = scale
        self._keys = count(1)
        self._to_pay: dict[str, tuple[datetime, int]] = {}

    def a_day(self, day: Day, place: Place, active: list[Holding]) -> None:
        """Money comes in, and goes back to those who ask."""
        self._hear(day)
        keeping = (ProductId.PREPAID_COLLECT, ProductId.INMATE_DEBIT)
        savers = [one for one in active if one.product in keeping]
        for one in day.some(savers, 6 * self._scale):
            self._pay(day, one.account, day.chance.choice(AMOUNTS))
        self._pay_bills(day)
        for one in day.some(savers, 0.8 * self._scale):
            self._ask_back(day, one)
        own = [one for one in active if one.product is ProductId.INMATE_DEBIT]
        for one in day.some(own, 0.1 * self._scale):
            self._release(day, one, place, active)
        self._disputes(day)
        self._checks(day)

    def bill(self, day: Day, month: str) -> None:
        """The month's invoices go out; each holder decides when to pay."""
        self.did["invoices"] += invoices.issue(day.connection, month, day.hour(6))
        for one in invoices.listed(day.connection, month=month):
            if not one.due_cents or day.happens(NEVER):
                continue
            late = timedelta(days=day.chance.randint(2, 30)) if day.happens(LATE) else timedelta()
            early = timedelta(days=day.chance.randint(0, 12))
            when = one.due_at + (late or -early)
            self._to_pay[one.account_id] = (when, one.due_cents)

    def give_up(self, day: Day, owed: Counter[str]) -> None:
        """What carriers gave back and nobody pays is written off."""
        for account, cents in sorted(owed.items()):
            key, at = f"year-{next(self._keys)}", day.hour(7)
            one = Adjustment(
                account, cents, Kind.WRITE_OFF, key, "clerk", "not collected", at, WRITE_OFFS
            )
            assert adjust(day.connection, one)
            self.did["written off"] += 1

    def _pay(self, day: Day, account: str, cents: int) -> None:
        key, at = f"year-{next(self._keys)}", day.hour(8)
        status = day.connection.execute(_STATUS.where(accounts.c.id == account)).scalar_one()
        if status == "closed":
            return
        self.did["deposits"] += 1
        if day.happens(0.8):
            assert prepaid.deposit(day.connection, account, cents, key, "lockbox", at)
            return
        asked = intake.create(day, self.bank, NewPayment(key, account, cents, "A. Payer"), at)
        made = self.bank.create(cents, asked.payment_id)
        self.did["cards"] += self.bank.pay(made, asked.payment_id)
        if day.happens(0.9):
            self._hear(day)

    def _hear(self, day: Day) -> None:
        for payload in self.bank.told():
            receive(day, self.bank, payload, SIGNATURE, day.hour(8))
        handle_pending(day, self.bank.name, day.hour(8))

    def _pay_bills(self, day: Day) -> None:
        due = [name for name, (when, _) in self._to_pay.items() if when < day.hour(24)]
        for account in due:
            _, cents = self._to_pay.pop(account)
            money = prepaid.find(day.connection, account)
            assert money is not None
            owed = min(cents, -money.balance_cents)
            if owed > 0:
                self._pay(day, account, owed)
                self.did["bills paid"] += 1

    def _ask_back(self, day: Day, one: Holding) -> None:
        money = prepaid.find(day.connection, one.account)
        if money is None or money.balance_cents < 2 or one.product is ProductId.INMATE_DEBIT:
            return
        cents = None if day.happens(0.5) else day.chance.randint(1, money.balance_cents)
        key = f"ask-{next(self._keys)}"
        refunds.request(day.connection, one.account, cents, key, "requested", "holder", day.hour(8))
        self.did["refunds"] += 1

    def _release(self, day: Day, one: Holding, place: Place, active: list[Holding]) -> None:
        if life.release(day.connection, one.person, "facility", day.hour(8)):
            self.did["released"] += 1
        place.open.remove(one)
        active.remove(one)

    def _disputes(self, day: Day) -> None:
        """A few payers' banks take a payment back, and decide two weeks later."""
        at = day.hour(8)
        paid = (
            select(payments.c.gateway_id)
            .where(payments.c.status == "succeeded", payments.c.gateway_id.is_not(None))
            .where(payments.c.disputed_cents == 0, payments.c.refunded_cents == 0)
            .where(payments.c.succeeded_at > at - timedelta(days=30))
            .order_by(payments.c.id)
        )
        if day.happens(0.15 * self._scale):
            found = list(day.connection.execute(paid).scalars())
            for gateway_id in day.some(found, 1):
                self.bank.take_back(gateway_id, "open")
                self.did["disputes"] += 1
        old = (
            select(payments.c.gateway_id)
            .join(disputes, disputes.c.payment_id == payments.c.id)
            .where(disputes.c.status == "open", disputes.c.opened_at < at - timedelta(days=14))
            .order_by(payments.c.id)
        )
        for gateway_id in list(day.connection.execute(old).scalars()):
            self.bank.take_back(gateway_id, "won" if day.happens(0.5) else "lost")
        self._hear(day)

    def _checks(self, day: Day) -> None:
        """Once a week checks are sent; most are cashed, some come back and go to the state."""
        if day.date.weekday() != 4:
            return
        at = day.hour(9)
        waiting = refunds.not_paid_out(day.connection)
        for one in sorted(waiting, key=lambda each: (each.account_id, each.cents, each.due_at)):
            if one.status == "failed" and one.check_number is None and "check" in str(one.failure):
                refunds.escheat(day.connection, one.id, "clerk", at, "nobody is there")
                refunds.remit(day.connection, one.id, "clerk", at, "to the state")
                self.did["escheated"] += 1
            elif one.status == "failed" or (one.status == "requested" and not one.payment_id):
                refunds.check_issued(day.connection, one.id, f"{next(self._keys)}", at)
            elif one.check_number and day.happens(0.9):
                refunds.check_cashed(day.connection, one.id, "clerk", at)
                self.did["checks"] += 1
            elif one.check_number:
                refunds.check_returned(day.connection, one.id, "moved away", at)


_STATUS = select(accounts.c.status)
