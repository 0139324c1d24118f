"""One of many processes at the same accounts: what it does, and what it believes it has posted.

Each operation is a transaction of its own and checks its own answer; what can't be right from
one process' sight raises, and fails the test in the process that began them all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Barrier
from random import Random

from accounts import holds, prepaid
from accounts.ledger import LedgerError
from calls import renewal
from store.database import Database, open_database

ACCOUNTS = tuple(f"hot-{number}" for number in range(5))
AT = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
LEASE = AT + timedelta(days=36500)
HOUSES = ("house.revenue.base", "house.taxes")
CONTESTED = 40
"""Calls and payments that every process tries for, besides its own."""


@dataclass
class Call:
    """A call as its process knows it: ``used`` of ``used + held`` cents at the most."""

    call_id: str
    account: str
    held: int
    seq: int = 0
    used: int = 0
    answers: list[int] = field(default_factory=list)


@dataclass
class Belief:
    """Cents that one process believes it has posted, by account; what it did, by name.

    ``found_short``: how often an account couldn't bear what was asked of it.
    """

    posted: Counter[str] = field(default_factory=Counter)
    did: Counter[str] = field(default_factory=Counter)
    found_short: int = 0


class Teller:
    """Does operations by chance; :meth:`finish` closes its calls."""

    def __init__(self, database: Database, number: int, seed: int) -> None:
        self.belief = Belief()
        self._database = database
        self._name = f"t{number}"
        self._chance = Random(seed * 100 + number)
        self._open: list[Call] = []
        self._over: list[Call] = []
        self._paid: list[tuple[str, int, str]] = []
        self._made = 0

    def act(self) -> None:
        """One operation."""
        wanted = self._chance.choices(tuple(_WEIGHTS), tuple(_WEIGHTS.values()))[0]
        self.belief.did[wanted] += 1
        act: Callable[[], None] = getattr(self, f"_{wanted}")
        act()

    def finish(self) -> None:
        """Close what is open."""
        while self._open:
            self._close()

    def _authorize(self) -> None:
        call = Call(self._new("c"), self._account(), 0)
        wanted, least = self._cents(60), self._cents(10)
        held = self._ask(call, 0, wanted, least)
        if held is None:
            self.belief.found_short += 1
            return
        assert min(least, wanted) <= held <= wanted
        call.held = held
        call.answers.append(held)
        self._open.append(call)

    def _renew(self) -> None:
        if not self._open:
            return
        call = self._chance.choice(self._open)
        used, wanted = self._spent(call), self._cents(60)
        left = call.used + call.held - used
        granted = self._ask_again(call, call.seq + 1, used, wanted)
        assert granted is not None
        assert min(wanted, left) <= granted <= wanted
        call.seq, call.used, call.held = call.seq + 1, used, granted
        call.answers.append(granted)

    def _close(self) -> None:
        if not self._open:
            return
        call = self._open.pop(self._chance.randrange(len(self._open)))
        used = self._spent(call)
        assert self._settle(call.call_id, used) == used - call.used
        call.used = used
        self.belief.posted[call.account] -= used
        self._over.append(call)

    def _deposit(self) -> None:
        payment = (self._new("d"), self._cents(40), self._account())
        assert self._pay(*payment)
        self.belief.posted[payment[2]] += payment[1]
        self._paid.append(payment)

    def _authorize_again(self) -> None:
        if known := self._known():
            assert self._ask(known, 0, self._cents(60), 1) == known.answers[0]

    def _renew_again(self) -> None:
        known = self._known()
        if known and known.seq:
            seq = self._chance.randint(1, known.seq)
            assert self._ask_again(known, seq, self._cents(60), 1) == known.answers[seq]

    def _close_again(self) -> None:
        if self._over:
            known = self._chance.choice(self._over)
            assert self._settle(known.call_id, known.used) is None

    def _deposit_again(self) -> None:
        if self._paid:
            assert not self._pay(*self._chance.choice(self._paid))

    def _contested_payment(self) -> None:
        number = self._chance.randrange(CONTESTED)
        account = ACCOUNTS[number % len(ACCOUNTS)]
        if self._pay(f"contested-{number}", 10 + number, account):
            self.belief.posted[account] += 10 + number

    def _contested_call(self) -> None:
        number = self._chance.randrange(CONTESTED)
        call = Call(f"contested-{number}", ACCOUNTS[number % len(ACCOUNTS)], 0)
        held = self._ask(call, 0, 7, 7)
        assert held in {None, 7}
        if held and self._settle(call.call_id, 5) is not None:
            self.belief.posted[call.account] -= 5

    def _refused(self) -> None:
        call = Call(self._new("r"), self._account(), 0)
        assert self._ask(call, 0, 10**9, 10**9) is None
        self._refuses(lambda: self._settle(call.call_id, 1))
        self._refuses(lambda: self._pay(self._new("d"), 0, call.account))
        self._refuses(lambda: self._pay(self._new("d"), 5, "nobody"))
        if self._open:
            known = self._chance.choice(self._open)
            self._refuses(lambda: self._settle(known.call_id, known.used + known.held + 1))

    def _ask(self, call: Call, seq: int, cents: int, least: int) -> int | None:
        with self._database.begin() as connection:
            return holds.authorize(connection, _slice(call, seq, cents), least)

    def _ask_again(self, call: Call, seq: int, used: int, cents: int) -> int | None:
        with self._database.begin() as connection:
            return holds.renew(connection, _by_house(used), _slice(call, seq, cents))

    def _settle(self, call_id: str, used: int) -> int | None:
        with self._database.begin() as connection:
            return holds.close(connection, call_id, _by_house(used), AT)

    def _pay(self, key: str, cents: int, account: str) -> bool:
        with self._database.begin() as connection:
            new = prepaid.deposit(connection, account, cents, key, "teller")
            renewal.deposited(connection, account, AT)
            return new

    def _refuses(self, act: Callable[[], object]) -> None:
        try:
            act()
        except LedgerError:
            return
        raise AssertionError("was not refused")

    def _spent(self, call: Call) -> int:
        # Now and then less than was settled, as when a talk proves to have been shorter.
        least = max(0, call.used - 3) if self._chance.random() < 0.1 else call.used
        return self._chance.randint(least, call.used + call.held)

    def _known(self) -> Call | None:
        known = self._open + self._over[-20:]
        return self._chance.choice(known) if known else None

    def _account(self) -> str:
        return self._chance.choice(ACCOUNTS)

    def _cents(self, most: int) -> int:
        return self._chance.randint(1, most)

    def _new(self, kind: str) -> str:
        self._made += 1
        return f"{self._name}-{kind}{self._made}"


def work(url: str, number: int, seed: int, operations: int) -> Belief:
    """One process' whole work; it begins when all are there."""
    database = open_database(url)
    teller = Teller(database, number, seed)
    _barrier.wait()
    for _ in range(operations):
        teller.act()
    teller.finish()
    database.close()
    return teller.belief


def meet(barrier: Barrier) -> None:
    """Tell a new process where all wait for each other."""
    global _barrier
    _barrier = barrier


def _slice(call: Call, seq: int, cents: int) -> holds.Slice:
    return holds.Slice(call.call_id, seq, call.account, cents, AT, LEASE)


def _by_house(used: int) -> dict[str, int]:
    return {HOUSES[0]: used - used // 5, HOUSES[1]: used // 5}


_WEIGHTS = {
    "authorize": 17,
    "renew": 13,
    "close": 13,
    "deposit": 8,
    "authorize_again": 14,
    "renew_again": 14,
    "close_again": 14,
    "deposit_again": 2,
    "contested_payment": 2,
    "contested_call": 2,
    "refused": 1,
}
_barrier: Barrier
