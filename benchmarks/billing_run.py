"""A month's bills over a million calls on PostgreSQL: direct bill's invoices, the carriers' pack.

The calls, their CDRs and their postings are made in the database itself. The same calls are billed
twice, by giving their accounts the other product in between. Each run is a process of its own, so
that its peak of memory is nobody else's. Wall time: the database works beside the program.
"""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

from sqlalchemy import Connection, text

from accounts.ledger import open_books
from billing import invoices
from billing.carriers import packs
from billing.carriers.writer import write
from custody.facilities import Facility, add_facility
from custody.lines.phones import Phone, add_phone
from store.cluster import Cluster
from store.database import Database, migrate, open_database
from store.types import now

ROWS, QUICK_ROWS = 1_000_000, 50_000
CALLS_AN_ACCOUNT = 50
CENTS = 66
MONTH = "2026-05"
AT = datetime(2026, 6, 2, tzinfo=UTC)
JAIL = Facility(
    "millbrook", "Millbrook", "jail", Decimal(120), "OH", "America/New_York", 900, False
)
_FILL = (
    """
INSERT INTO accounts (id, product, holder, opened_at)
SELECT 'account-' || n, 'direct_bill', 'Holder ' || n, '2026-01-01T00:00Z'
FROM generate_series(0, :accounts - 1) AS n
""",
    """
INSERT INTO calls (id, facility_id, phone_id, caller_channel, offhook_at, accepted_at, ended_at)
SELECT lpad(n::text, 20, '0'), 'millbrook', 'phone', 'x', at, at + interval '30 seconds', at
FROM (
  SELECT n, timestamptz '2026-05-01T00:00Z' + n * interval '30 days' / :rows AS at
  FROM generate_series(1, :rows) AS n
) AS made
""",
    """
INSERT INTO cdrs (call_id, written_at, facility_id, phone_id, number, states, started_at, cause,
  talk_ms, billed_seconds, account_id, product, lines, charged_cents, base_cents, additive_cents,
  code_version, recorded, privileged, asterisk)
SELECT id, offhook_at, 'millbrook', 'phone',
  '+1217' || lpad((id::bigint % :accounts)::text, 7, '0'), '{}', offhook_at, 'limit',
  600000, 600, 'account-' || id::bigint % :accounts, 'direct_bill',
  '[["base", 60], ["additive", 6]]', :cents, 60, 6, 'bench', false, false, '{}'
FROM calls
""",
    """
INSERT INTO entries (key, kind, actor, at, call_id, note)
SELECT 'call:' || id || '-0', 'call', 'call', offhook_at, id, '' FROM calls
""",
    """
INSERT INTO postings (entry_id, account_id, cents)
SELECT e.id, line.account_id, line.cents FROM entries AS e JOIN cdrs AS c USING (call_id),
LATERAL (VALUES (c.account_id, -:cents), ('house.revenue.base', 60),
  ('house.revenue.additive', 6)) AS line (account_id, cents)
""",
    """
INSERT INTO balances (account_id, balance_cents, held_cents, credit_limit_cents)
SELECT account_id, sum(cents), 0, -sum(cents) FROM postings
WHERE account_id LIKE 'account-%' GROUP BY account_id
""",
    """
INSERT INTO closed_periods (month, closed_at, actor, entries, debit_cents)
VALUES ('2026-05', '2026-06-01T00:00Z', 'bench', :rows, :rows * :cents)
""",
)


def run(*, quick: bool = False) -> dict[str, float]:
    """The figures by their names in ``results.json``; ``quick`` takes a twentieth of the calls."""
    rows = QUICK_ROWS if quick else ROWS
    with _cluster() as url:
        _fill(url, rows)
        invoiced, invoice_mb = _alone(_invoice, url, rows)
        _collect(url)
        billed, pack_mb = _alone(_bill, url, rows)
    return {
        "invoice_run_calls_per_s": rows / invoiced,
        "invoice_run_peak_mb": invoice_mb,
        "carrier_run_calls_per_s": rows / billed,
        "carrier_run_peak_mb": pack_mb,
    }


def _invoice(connection: Connection, rows: int) -> None:
    assert invoices.issue(connection, MONTH, AT) == _accounts(rows)


def _bill(connection: Connection, rows: int) -> None:
    """The posting and the file."""
    pack = packs.submit(connection, AT, "bench")
    assert pack is not None
    assert (pack.records, pack.cents) == (rows, rows * CENTS)
    with tempfile.TemporaryFile() as file:
        write(connection, pack.number, file)


Run = Callable[[Connection, int], None]


def _alone(what: Run, url: str, rows: int) -> tuple[float, float]:
    """Seconds and peak megabytes of a run in a process of its own."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(_measured, (what, url, rows))


def _measured(what: Run, url: str, rows: int) -> tuple[float, float]:
    database = open_database(url)
    before = perf_counter()
    with database.begin() as connection:
        what(connection, rows)
    seconds = perf_counter() - before
    database.close()
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _accounts(rows: int) -> int:
    return rows // CALLS_AN_ACCOUNT


def _fill(url: str, rows: int) -> None:
    with _opened(url) as database:
        open_books(database)
        add_facility(database, JAIL, "benchmark")
        given = {"rows": rows, "cents": CENTS, "accounts": _accounts(rows)}
        with database.begin() as connection:
            add_phone(connection, Phone("phone", JAIL.id), "benchmark", now())
            for statement in _FILL:
                its = {name: value for name, value in given.items() if f":{name}" in statement}
                connection.execute(text(statement), its)
        _analyze(database)


def _collect(url: str) -> None:
    with _opened(url) as database:
        with database.begin() as connection:
            new = "UPDATE accounts SET product = 'traditional_collect' "
            connection.execute(text(new + "WHERE product = 'direct_bill'"))
        _analyze(database)


def _analyze(database: Database) -> None:
    with database.once() as connection:
        connection.execute(text("VACUUM ANALYZE"))


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = open_database(url)
    yield database
    database.close()


@contextmanager
def _cluster() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="parloir-bench-") as scratch:
        Path(scratch).chmod(0o755)
        cluster = Cluster.start(Path(scratch) / "postgres", durable=False)
        try:
            url = cluster.create_database("bench")
            migrate(url)
            yield url
        finally:
            cluster.stop()


if __name__ == "__main__":
    for name, figure in run().items():
        print(f"{name} {figure:.0f}")
