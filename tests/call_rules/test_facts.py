"""The one query of a decision stays one that the driver prepares once."""

from __future__ import annotations

import pytest
from psycopg._queries import MAX_CACHED_STATEMENT_LENGTH
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from calls.facts import FACTS
from calls.reasons import PaidBy


@pytest.mark.parametrize("by", PaidBy)
def test_the_query_is_short_enough_to_be_kept(by: PaidBy) -> None:
    text = str(FACTS[by].compile(dialect=PGDialect_psycopg()))
    assert len(text) <= MAX_CACHED_STATEMENT_LENGTH
