"""The one query of a decision stays one that the driver prepares once."""

from __future__ import annotations

import pytest
from psycopg._queries import MAX_CACHED_STATEMENT_LENGTH
from sqlalchemy import create_engine

from calls.facts import FACTS
from calls.reasons import PaidBy


@pytest.mark.parametrize("by", PaidBy)
def test_the_query_is_short_enough_to_be_kept(by: PaidBy) -> None:
    dialect = create_engine("postgresql+psycopg://").dialect
    text = str(FACTS[by].compile(dialect=dialect))
    assert len(text) <= MAX_CACHED_STATEMENT_LENGTH
