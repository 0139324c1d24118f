"""How fast statements of every account stream out of PostgreSQL, and whether memory stays flat.

Accounts, calls and their postings are made in the database itself: ten calls of three slices, two
taxes and a deposit an account. Each measurement is a process of its own, so that its peak memory
is its own. Wall time: the database works beside the program. Rows are lines of statements: calls
and deposits.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from time import perf_counter

from sqlalchemy import text

from accounts.ledger import open_books
from accounts.prepaid import PREPAID_COLLECT
from billing import render
from billing.statements import Statement, of_month
from custody.facilities import Facility, add_facility
from custody.lines.phones import Phone, add_phone
from store.cluster import Cluster
from store.database import Database, migrate, open_database
from store.types import now

MONTH = "2026-05"
ACCOUNTS = (25_000, 50_000, 100_000)
QUICK = (1_000, 2_000, 4_000)
CALLS = 10
ROWS_EACH = CALLS + 1
PAGES = 500
_TAXES = [{"code": code, "jurisdiction": "OH", "authority": "made up"} for code in ("a", "b")]
_QUOTE = json.dumps({"base_e4": 800, "additive_e4": 150, "taxes": _TAXES})
_LINES = json.dumps([["base", 120], ["additive", 30], ["a", 9], ["b", 6]])
_FILL = (
    """
    INSERT INTO accounts (id, product, holder, opened_at)
    SELECT 'account-' || n, :product, 'Sam Rivera', '2026-04-01T00:00Z'
    FROM generate_series(CAST(:first AS int), :last) AS n
    """,
    """
    INSERT INTO balances (account_id, balance_cents, held_cents, credit_limit_cents)
    SELECT 'account-' || n, 5000 - :calls * 165, 0, 0
    FROM generate_series(CAST(:first AS int), :last) AS n
    """,
    """
    INSERT INTO calls (id, facility_id, phone_id, caller_channel, number, offhook_at, accepted_at)
    SELECT n || '-' || c, 'jail', 'phone', 'x', '+12125550101', at, at
    FROM generate_series(CAST(:first AS int), :last) AS n, generate_series(1, :calls) AS c,
      LATERAL (SELECT timestamptz '2026-05-02T00:00Z' + c * interval '1 day') AS x(at)
    """,
    """
    INSERT INTO cdrs (call_id, written_at, facility_id, phone_id, number, states, started_at,
      cause, talk_ms, billed_seconds, account_id, product, lines, charged_cents, quote,
      code_version, recorded, privileged, asterisk)
    SELECT id, offhook_at, 'jail', 'phone', number, '{}', offhook_at, 'limit', 90000, 90,
      'account-' || split_part(id, '-', 1), :product, :lines, 165, :quote, 'bench', false, false,
      '{}'
    FROM calls WHERE split_part(id, '-', 1)::int >= :first
    """,
    """
    INSERT INTO entries (key, kind, actor, at, call_id, note)
    SELECT 'call:' || id || '.' || s, 'call', 'bench', offhook_at + s * interval '30 s', id, ''
    FROM calls, generate_series(0, 2) AS s WHERE split_part(id, '-', 1)::int >= :first
    """,
    """
    INSERT INTO postings (entry_id, account_id, cents)
    SELECT e.id, coalesce(line.house, 'account-' || split_part(e.call_id, '-', 1)), line.cents
    FROM entries AS e, (VALUES (NULL, -55), ('house.revenue.base', 40),
      ('house.revenue.additive', 10), ('house.taxes', 5)) AS line(house, cents)
    WHERE e.kind = 'call' AND split_part(e.call_id, '-', 1)::int >= :first
    """,
    """
    INSERT INTO entries (key, kind, actor, at, note)
    SELECT 'deposit:' || n, 'deposit', 'bench', '2026-05-01T12:00Z', ''
    FROM generate_series(CAST(:first AS int), :last) AS n
    """,
    """
    INSERT INTO postings (entry_id, account_id, cents)
    SELECT e.id, line.account, line.cents
    FROM entries AS e, LATERAL (VALUES ('account-' || substr(e.key, 9), 5000),
      ('house.cash', -5000)) AS line(account, cents)
    WHERE e.kind = 'deposit' AND substr(e.key, 9)::int >= :first
    """,
)


def run(*, quick: bool = False) -> dict[str, float]:
    """The figures by their names in ``results.json``; ``quick`` takes a twenty-fifth."""
    found, last = [], 0
    with _database() as (url, database):
        for size in QUICK if quick else ACCOUNTS:
            _fill(database, last + 1, size)
            found.append(_measured(url, size))
            last = size
    small, *_, large = found
    return {
        "statements_rows_per_s": large["rows_per_s"],
        "statements_peak_mb": large["peak_mb"],
        # 1: the last statement takes as long as the first, however many there are.
        "statements_growth": small["rows_per_s"] / large["rows_per_s"],
        "statements_memory_growth": large["peak_mb"] / small["peak_mb"],
        "statement_pages_per_s": large["pages_per_s"],
    }


def _measured(url: str, size: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.statements", url, str(size)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    figures: dict[str, float] = json.loads(told)
    return figures


def measure(url: str, size: int) -> dict[str, float]:
    """Stream the statements of ``size`` accounts and look at every figure; then render some."""
    database = open_database(url)
    before = perf_counter()
    with database.begin() as connection:
        closing = [0, 0]
        for one in of_month(connection, MONTH):
            assert one.closing_cents == 5000 - CALLS * 165
            closing = [closing[0] + 1, closing[1] + len(one.calls) + len(one.movements)]
    seconds = perf_counter() - before
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert closing == [size, size * ROWS_EACH]
    pages = _pages_per_s(database)
    database.close()
    return {
        "rows_per_s": size * ROWS_EACH / seconds,
        "peak_mb": peak_kb / 1024,
        "pages_per_s": pages,
    }


def _pages_per_s(database: Database) -> float:
    with database.begin() as connection:
        some = [one for one, _ in zip(of_month(connection, MONTH), range(PAGES), strict=False)]
    before = perf_counter()
    for one in some:
        _render(one)
    return len(some) / (perf_counter() - before)


def _render(one: Statement) -> None:
    assert "$33.50" in render.html(one, "en")


@contextmanager
def _database() -> Iterator[tuple[str, Database]]:
    with tempfile.TemporaryDirectory(prefix="parloir-bench-") as scratch:
        Path(scratch).chmod(0o755)
        cluster = Cluster.start(Path(scratch) / "postgres", durable=False)
        try:
            url = cluster.create_database("bench")
            migrate(url)
            database = open_database(url)
            open_books(database)
            zone = ("America/New_York", 900, True)
            add_facility(
                database, Facility("jail", "Jail", "jail", Decimal(100), "OH", *zone), "benchmark"
            )
            with database.begin() as connection:
                add_phone(connection, Phone("phone", "jail"), "benchmark", now())
            yield url, database
            database.close()
        finally:
            cluster.stop()


def _fill(database: Database, first: int, last: int) -> None:
    made = {"product": PREPAID_COLLECT, "lines": _LINES, "quote": _QUOTE}
    known = {"first": first, "last": last, "calls": CALLS, **made}
    with database.begin() as connection:
        # Nothing is asked of foreign keys: the rows are made to fit.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in _FILL:
            mine = {name: known[name] for name in known if f":{name}" in statement}
            connection.execute(text(statement), mine)
    with database.once() as connection:
        connection.execute(text("VACUUM ANALYZE"))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
    else:
        for name, figure in run().items():
            print(f"{name} {figure:.3f}")
