"""How fast CDRs are re-rated out of PostgreSQL and into it, by COPY both ways.

The CDRs are made in the database itself, each with the quote of a real one. Wall time: the
database works beside the program.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from sqlalchemy import text

from benchmarks.rating import FACILITIES, FIRST, LAST, prices
from custody.facilities import Facility, add_facility
from custody.lines.phones import Phone, add_phone
from rating.dbrows import rerate_database
from rating.engine import quote
from rating.rows import Vocabulary
from store.cluster import Cluster
from store.database import Database, migrate, open_database
from store.types import now

ROWS = 400_000
WORDS = ("jurisdiction", "medium", "call_class", "tax_state")
RUNS = 3

_CALLS = """
INSERT INTO calls (id, facility_id, phone_id, caller_channel, offhook_at)
SELECT lpad(n::text, 20, '0'), 'f' || n % 6, 'phone', 'x', '2026-05-01T00:00Z'
FROM generate_series(1, :rows) AS n
"""
_CDRS = """
INSERT INTO cdrs (call_id, written_at, facility_id, phone_id, number, states, started_at, cause,
  talk_ms, billed_seconds, account_id, product, lines, charged_cents, quote, priced_at,
  jurisdiction, medium, call_class, tax_state, base_cents, additive_cents, code_version, recorded,
  privileged, asterisk)
SELECT lpad(n::text, 20, '0'), at, 'f' || n % 6, 'phone', '+15125550123', '{{}}', at, 'limit',
  0, 1 + n % 900, 'account-' || n % 5000, 'prepaid_collect', '[["base", 120], ["additive", 20]]',
  140, :quote, at, :jurisdiction, :medium, :call_class, :tax_state, 120, 20, 'bench', false,
  false, '{{}}'
FROM (
  SELECT n, timestamptz '2026-04-10T00:00Z' + n * interval '{spacing} seconds' AS at
  FROM generate_series(1, :rows) AS n
) AS calls
"""


def run(*, quick: bool = False) -> dict[str, float]:
    """The figure by its name in ``results.json``; ``quick`` takes a quarter of the rows."""
    rows = ROWS // 4 if quick else ROWS
    with _database() as database:
        _fill(database, rows)
        words = Vocabulary.of(prices(), FACILITIES)
        best = min(_seconds(database, words, rows) for _ in range(RUNS))
    return {"rerate_db_rows_per_s": rows / best}


def _seconds(database: Database, words: Vocabulary, rows: int) -> float:
    before = perf_counter()
    *_, report = rerate_database(database, words, FIRST, LAST, "bench")
    assert report.calls == rows
    return perf_counter() - before


@contextmanager
def _database() -> Iterator[Database]:
    with tempfile.TemporaryDirectory(prefix="parloir-bench-") as scratch:
        Path(scratch).chmod(0o755)
        cluster = Cluster.start(Path(scratch) / "postgres", durable=False)
        try:
            url = cluster.create_database("bench")
            migrate(url)
            database = open_database(url)
            yield database
            database.engine.dispose()
        finally:
            cluster.stop()


def _fill(database: Database, rows: int) -> None:
    at = datetime(2026, 5, 1, tzinfo=UTC)
    sample = quote(FACILITIES[1], "+15125550123", at, prices=prices())
    quoted = sample.as_json()
    spacing = 200 * 86_400 // rows
    for one in FACILITIES:
        known = (one.id, one.id, one.facility_type, one.adp, one.state, one.timezone, 900, True)
        add_facility(database, Facility(*known), "benchmark")
    with database.begin() as connection:
        add_phone(connection, Phone("phone", FACILITIES[0].id), "benchmark", now())
        connection.execute(text(_CALLS), {"rows": rows})
        connection.execute(
            text(_CDRS.format(spacing=spacing)),
            {"rows": rows, "quote": json.dumps(quoted), **{name: quoted[name] for name in WORDS}},
        )
    with database.once() as connection:
        connection.execute(text("VACUUM ANALYZE cdrs"))


if __name__ == "__main__":
    for name, figure in run().items():
        print(f"{name} {figure:.0f}")
