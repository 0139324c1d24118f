"""A year of 2,000 accounts of all kinds: the books are right each night, and the same each time."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.database import Database
from store.settings import Settings
from tests.year.simulation import DAYS, WHOLE, Told, Year

SEED = 2025
SMALL, SMALL_DAYS = 60, 120
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


@pytest.mark.long
def test_a_year_of_two_thousand_accounts(sqlite_database: Database, tmp_path: Path) -> None:
    _whole(sqlite_database, tmp_path)


@pytest.mark.slow
def test_the_same_year_on_a_server(postgres_database: Database, tmp_path: Path) -> None:
    _whole(postgres_database, tmp_path)


def _whole(database: Database, tmp_path: Path) -> None:
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
