"""What one of the ledger's processes does, through the functions that calls use.

Each step is a transaction of its own, as on the line.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from random import Random
from time import perf_counter, sleep

from accounts import holds, prepaid
from accounts.ledger import open_books
from store.database import Database, open_database
from store.types import now

SLICE_CENTS = 12
USED = {"house.revenue.base": 6, "house.revenue.additive": 1}
LEASE = timedelta(minutes=2)
DEPOSIT_CENTS = 10_000_00


@dataclass(frozen=True)
class Work:
    """On how many accounts, for how long, and how many a second at the most (0: any)."""

    accounts: int
    seconds: float
    per_second: float = 0


@dataclass(frozen=True)
class Done:
    """How many transactions in how many seconds, and the seconds each authorize took."""

    transactions: int
    seconds: float
    waits: list[float]

    @property
    def per_second(self) -> float:
        """Transactions a second."""
        return self.transactions / self.seconds


Act = Callable[[Work], Done]


def account(number: int) -> str:
    """The id of one of the benchmark's accounts."""
    return f"bench-{number}"


def fill(database: Database, accounts: int) -> None:
    """Open the accounts, with money for any run."""
    open_books(database)
    for number in range(accounts):
        prepaid.open_account(database, account(number), "Bench", [])
        with database.begin() as connection:
            prepaid.deposit(connection, account(number), DEPOSIT_CENTS, f"{number}", "bench")


@contextmanager
def clients(url: str, number: int) -> Iterator[Callable[[Act, Work], list[Done]]]:
    """As many processes, each with a connection; call it to have them all act at once."""
    context = get_context("spawn")
    with context.Pool(number, _open, (url, context.Barrier(number))) as pool:
        yield lambda act, work: pool.starmap(_together, [(act, work)] * number, chunksize=1)


def holds_and_settles(work: Work) -> Done:
    """Authorize and close, as fast as can be or at a steady pace: two transactions a call."""
    chance = Random(secrets.randbits(64))
    waits: list[float] = []
    # At a pace they take turns by chance, as calls do, not all in one moment.
    began = perf_counter() + (chance.random() / work.per_second if work.per_second else 0)
    for number in count():
        if work.per_second:
            sleep(max(0.0, began + number / work.per_second - perf_counter()))
        if (before := perf_counter()) - began >= work.seconds:
            break
        call = _authorize(chance.randrange(work.accounts))
        waits.append(perf_counter() - before)
        with _database.begin() as connection:
            holds.close(connection, call, USED, now())
    return Done(2 * len(waits), perf_counter() - began, waits)


def renews(work: Work) -> Done:
    """Renew one call after another, ten slices each; the first slices count in the time only."""
    chance = Random(secrets.randbits(64))
    began, done = perf_counter(), 0
    while perf_counter() - began < work.seconds:
        paying = chance.randrange(work.accounts)
        call = _authorize(paying)
        for seq in range(1, 11):
            used = {house: seq * cents for house, cents in USED.items()}
            with _database.begin() as connection:
                holds.renew(connection, used, _slice(call, seq, paying))
        done += 10
        with _database.begin() as connection:
            holds.close(connection, call, used, now())
    return Done(done, perf_counter() - began, [])


def _authorize(paying: int) -> str:
    call = secrets.token_hex(10)
    with _database.begin() as connection:
        held = holds.authorize(connection, _slice(call, 0, paying), SLICE_CENTS)
    assert held == SLICE_CENTS
    return call


def _slice(call: str, seq: int, paying: int) -> holds.Slice:
    at = now()
    return holds.Slice(call, seq, account(paying), SLICE_CENTS, at, at + LEASE)


def _open(url: str, barrier: Barrier) -> None:
    global _database, _barrier
    _database, _barrier = open_database(url), barrier


def _together(act: Act, work: Work) -> Done:
    _barrier.wait()
    return act(work)


_database: Database
_barrier: Barrier
