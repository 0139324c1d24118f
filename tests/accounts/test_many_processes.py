"""Eight real processes at five accounts. PostgreSQL only: SQLite takes one writer at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from multiprocessing import get_context
from random import SystemRandom

import pytest
from sqlalchemy import select

from accounts import invariants, prepaid
from accounts.ledger import open_books
from calls import renewal
from calls.ending import CALLER, Ending, end
from store.database import Database
from store.settings import CallSettings
from store.tables import balances
from tests.accounts.teller import ACCOUNTS, Belief, meet, work
from tests.builders import ACCOUNT, MORNING, accepted_call, at_once, balance, build_jail, pay_in
from tests.services import address

PROCESSES = 8
OPERATIONS = 20_000
FIRST_DEPOSIT = 300
RULES = (
    invariants.unbalanced_entries,
    invariants.cached_balances,
    invariants.stale_holds,
    invariants.reversals_sound,
)
TALKS = 6


@pytest.mark.alone
def test_many_processes_lose_no_cent_and_overdraw_none(postgres_database: Database) -> None:
    open_books(postgres_database)
    for account in ACCOUNTS:
        prepaid.open_account(postgres_database, account, "Hot", [])
        pay_in(postgres_database, FIRST_DEPOSIT, account)
    beliefs, looks = work_together(postgres_database)
    did = sum((belief.did for belief in beliefs), Counter[str]())
    assert did.total() == OPERATIONS
    assert looks > PROCESSES
    assert sum(belief.found_short for belief in beliefs)
    posted: Counter[str] = Counter()
    for belief in beliefs:
        posted.update(belief.posted)
    with postgres_database.begin() as connection:
        assert [finding for rule in RULES for finding in rule(connection)] == []
        rows = connection.execute(select(balances)).all()
    money = {row.account_id: (row.balance_cents, row.held_cents) for row in rows}
    assert money == {one: (FIRST_DEPOSIT + posted[one], 0) for one in ACCOUNTS}


def work_together(database: Database) -> tuple[list[Belief], int]:
    """What each process believes, and how often the accounts were looked at meanwhile."""
    seed = SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    context = get_context("forkserver")
    context.set_forkserver_preload([work.__module__])
    work_of = [(address(database), n, seed, OPERATIONS // PROCESSES) for n in range(PROCESSES)]
    with context.Pool(PROCESSES, meet, (context.Barrier(PROCESSES),)) as pool:
        told = pool.starmap_async(work, work_of, chunksize=1)
        looks = 0
        while not told.ready():
            assert overdrawn(database) == []
            looks += 1
            told.wait(0.1)
        return told.get(), looks


def overdrawn(database: Database) -> list[str]:
    """The accounts that are past their limit at this moment."""
    with database.once() as connection:
        rows = connection.execute(select(balances)).all()
    return [
        row.account_id
        for row in rows
        if not 0 <= row.held_cents <= row.balance_cents + row.credit_limit_cents
    ]


def test_deposits_renewals_and_ends_never_stop_each_other(postgres_database: Database) -> None:
    """All three lock an account and its calls."""
    database = postgres_database
    build_jail(database, cents=2000, whole=False)
    talks = [accepted_call(database) for _ in range(TALKS)]
    moments = [MORNING + timedelta(seconds=second) for second in range(1, 61)]

    def deposits(at: object) -> None:
        with database.begin() as connection:
            prepaid.deposit(connection, ACCOUNT, 1, f"top-up-{at}", "test")
            renewal.deposited(connection, ACCOUNT, MORNING)

    def renews(at: object) -> None:
        renewal.renew_due(database, CallSettings(), MORNING + timedelta(seconds=1))

    acts: list[Callable[[object], None]] = [deposits, renews]
    at_once(4, lambda n: [acts[n % 2]((n, moment)) for moment in moments])
    over = at_once(TALKS, lambda n: end(database, talks[n], Ending(CALLER, moments[5], moments[0])))
    assert all(over)
    assert balance(database).held_cents == 0
