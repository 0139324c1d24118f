"""A year of accounts of all kinds: the books are right each night, and the same each time."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.database import Database
from store.settings import Settings
from tests.year.simulation import DAYS, WHOLE, Told, Year

SEED = 2025
SMALL, SMALL_DAYS = 60, 120
TOWN = 300
HAPPENED = (
    *("calls", "refused", "deposits", "cards", "refunds", "released", "disputes", "checks"),
    *("invoices", "bills paid", "suspended", "limits raised", "statements", "packs"),
    *("carriers paid", "carriers returned", "carriers adjusted", "written off", "contacted"),
    *(
        "refunded unasked",
        "sent back",
        "unanswered",
        "escheated",
        "invoice_reminder",
        "invoice_overdue",
        "closed",
    ),
)


def lived(database: Database, state: Path, size: int, days: int = DAYS) -> Told:
    return Year(database, Settings(state), SEED, size).live(days)


def test_a_year_of_a_town(sqlite_database: Database, tmp_path: Path) -> None:
    told = lived(sqlite_database, tmp_path, TOWN)
    assert [name for name in HAPPENED if not told.counts[name]] == []
    assert told.counts["calls"] > 500
    assert told.counts["deposits"] > 400


@pytest.mark.slow
def test_a_year_of_two_thousand_accounts(database: Database, tmp_path: Path) -> None:
    told = lived(database, tmp_path, WHOLE)
    assert [name for name in HAPPENED if not told.counts[name]] == []
    assert told.counts["calls"] > 3_500
    assert told.counts["deposits"] > 2_500


@pytest.fixture(scope="module")
def digests() -> set[str]:
    """What small years came to, whichever database they were lived on."""
    return set()


def test_a_seed_gives_the_same_books(database: Database, tmp_path: Path, digests: set[str]) -> None:
    digests.add(lived(database, tmp_path, SMALL, SMALL_DAYS).digest)
    assert len(digests) == 1
