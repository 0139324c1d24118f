"""Refunds of a re-rate: what the books say was paid too much, posted exactly once."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from accounts import prepaid
from accounts.chart import CASH
from accounts.invariants import cached_balances, unbalanced_entries
from accounts.ledger import Entry, Kind, LedgerError, Posting, post
from billing.refunds import (
    Basis,
    Proposal,
    left_to_a_person,
    post_run,
    proposals,
    propose,
    sums,
)
from store.database import Database
from store.tables import entries, postings
from tests.rating import test_rerate, world
from tests.rating.test_rerate import CHEAPER

AT = datetime(2026, 8, 1, tzinfo=UTC)
HOUSE = {"base": "house.revenue.base", "additive": "house.revenue.additive"}


def charge_calls(database: Database, rows: Sequence[dict[str, Any]]) -> None:
    """Pay in, and post what the CDRs say, as the end of each call would have."""
    with database.begin() as connection:
        for account in ("one", "another"):
            prepaid.deposit(connection, account, 900_000, account, "Sam Rivera")
        for row in rows:
            lines = [Posting(HOUSE.get(k, "house.taxes"), cents) for k, cents in row["lines"]]
            lines.append(Posting(row["account_id"], -row["charged_cents"]))
            key = f"call:{row['call_id']}:0"
            if row["charged_cents"]:
                post(connection, Entry(key, Kind.CALL, "call", AT, lines, row["call_id"]))


def basis(run: str) -> Basis:
    return Basis(run, "Contract 18 was loaded late", "cheaper", "caps", "2", "Robin", AT)


@pytest.fixture
def overcharged(database: Database) -> Database:
    """A month of calls with additive and taxes, charged by one deck and re-rated by a cheaper."""
    facility = test_rerate.jail(database)
    charge_calls(database, test_rerate.write_calls(database, facility, world.prices()))
    test_rerate.run(database, facility, CHEAPER, "june")
    test_rerate.run(database, facility, CHEAPER, "again")
    return database


def proposed(database: Database, run: str) -> list[Proposal]:
    with database.begin() as connection:
        propose(connection, basis(run))
        return list(proposals(connection, run))


def balances(database: Database) -> dict[str, int]:
    with database.begin() as connection:
        found = {name: prepaid.find(connection, name) for name in ("one", "another")}
        assert not [*unbalanced_entries(connection), *cached_balances(connection)]
    return {name: one.balance_cents for name, one in found.items() if one}


def test_proposals_are_what_the_report_says(overcharged: Database) -> None:
    report = test_rerate.run(overcharged, world.FACILITIES[0], CHEAPER, "june")
    found = proposed(overcharged, "june")
    assert found == proposed(overcharged, "june")  # proposed anew, not twice
    for account, refund in report.refunds.items():
        mine = [one for one in found if one.account_id == account]
        assert (len(mine), sum(one.cents for one in mine)) == (refund.calls, refund.cents)
        lines = zip(*((p.base_cents, p.additive_cents, p.tax_cents) for p in mine), strict=True)
        assert [sum(line) for line in lines] == refund.lines
    assert {one.deck for one in found} == {"cheaper"}
    assert len(found) > 1


def test_posted_once(overcharged: Database) -> None:
    before, found = balances(overcharged), proposed(overcharged, "june")
    for _ in range(2):
        post_run(overcharged, "june", "Robin", AT)
    for account, cents in balances(overcharged).items():
        back = sum(one.cents for one in found if one.account_id == account)
        assert cents == before[account] + back
    assert proposed(overcharged, "june") == [
        Proposal(**{**vars(one), "outcome": "posted"}) for one in found
    ]
    with overcharged.begin() as connection:
        note = connection.execute(
            select(entries.c.note).where(entries.c.key == found[0].key)
        ).scalar_one()
    assert note == "Contract 18 was loaded late (re-rate june, deck cheaper, caps caps)"


def test_two_runs_over_the_same_calls_give_back_once(overcharged: Database) -> None:
    first, other = proposed(overcharged, "june"), proposed(overcharged, "again")
    assert [one.key for one in first] == [one.key for one in other]
    post_run(overcharged, "june", "Robin", AT)
    after = balances(overcharged)
    post_run(overcharged, "again", "Robin", AT)
    assert balances(overcharged) == after
    with overcharged.begin() as connection:
        assert [one.outcome for one in sums(connection, "again")] == ["superseded"]
    # The books know of it now: nothing is left to propose.
    assert [one.outcome for one in proposed(overcharged, "again") if not one.outcome] == []


def test_two_at_once(overcharged: Database) -> None:
    before, found = balances(overcharged), proposed(overcharged, "june")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: post_run(overcharged, "june", "Robin", AT), range(4)))
    assert sum(balances(overcharged).values()) == sum(before.values()) + sum(
        one.cents for one in found
    )
    with overcharged.begin() as connection:
        assert [(one.outcome, one.calls) for one in sums(connection)] == [("posted", len(found))]


def test_a_crash_in_between(overcharged: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    before, found = balances(overcharged), proposed(overcharged, "june")
    posts = []

    def dying(*asked: Any) -> bool:
        posts.append(asked)
        if len(posts) == 4:
            raise RuntimeError
        return post(*asked)

    with monkeypatch.context() as patch:
        patch.setattr("billing.refunds.BATCH", 3)
        patch.setattr("billing.refunds.post", dying)
        with pytest.raises(RuntimeError):
            post_run(overcharged, "june", "Robin", AT)
    post_run(overcharged, "june", "Robin", AT)
    back = sum(one.cents for one in found)
    assert sum(balances(overcharged).values()) == sum(before.values()) + back


def test_a_call_that_staff_have_credited_is_left_to_them(overcharged: Database) -> None:
    some = proposed(overcharged, "june")[0]
    with overcharged.begin() as connection:
        lines = [Posting(CASH, -5), Posting(some.account_id, 5)]
        key = f"credit:{some.call_id}"
        post(connection, Entry(key, Kind.CREDIT, "Robin", AT, lines, some.call_id))
    assert some.call_id not in {one.call_id for one in proposed(overcharged, "june")}
    with overcharged.begin() as connection:
        assert left_to_a_person(connection, "june") == [some.call_id]


def test_a_credit_after_the_proposal_comes_first(overcharged: Database) -> None:
    some, *others = proposed(overcharged, "june")
    with overcharged.begin() as connection:
        lines = [Posting(CASH, -5), Posting(some.account_id, 5)]
        key = f"credit:{some.call_id}"
        post(connection, Entry(key, Kind.CREDIT, "Robin", AT, lines, some.call_id))
    post_run(overcharged, "june", "Robin", AT)
    with overcharged.begin() as connection:
        came = {one.outcome: one.calls for one in sums(connection, "june")}
    assert came == {"superseded": 1, "posted": len(others)}


def test_what_was_never_paid_is_never_given_back(database: Database) -> None:
    facility = test_rerate.jail(database)
    test_rerate.write_calls(database, facility, world.prices())
    test_rerate.run(database, facility, CHEAPER, "june")
    assert proposed(database, "june") == []
    with database.begin() as connection:
        assert connection.execute(select(postings)).all() == []


def test_an_unknown_run(database: Database) -> None:
    with pytest.raises(LedgerError, match="run never proposes no refunds"):
        post_run(database, "never", "Robin", AT)
