"""The policy's questions in a large jail: what all five layers say of a call, from SQL alone.

Five thousand people with forty numbers each on their lists and twenty calls behind them, a hundred
thousand blocked patterns, ten million blocked numbers in a file, and controls of every kind on
every layer. Asked is what the decision asks before prices and money: the facts, the blocks, the
person's list, the counters under the person's lock. Half of the calls are to numbers on the list.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from statistics import quantiles
from time import perf_counter_ns

from sqlalchemy import text

from benchmarks import town
from benchmarks.lists import _lines
from blocklists import bulk
from blocklists.bulk_files import compile_list
from blocklists.policy import controls
from blocklists.policy.kinds import Kind
from blocklists.policy.rules import Layer
from calls.decision import authorize
from calls.facts import FACTS
from calls.permission import Permission
from calls.reasons import PaidBy
from custody.facilities import add_facility
from custody.lines.phones import Phone, add_phone
from store.cluster import Cluster
from store.database import Database, migrate, open_database
from store.tables import bulk_lists, calls, units
from store.types import now

PEOPLE, A_LIST, PATTERNS, NUMBERS = 5_000, 40, 100_000, 10_000_000
FEW_NUMBERS = 1_000_000
ASKED, WARM = 4_000, 200
CONTROLS: tuple[tuple[Layer, Kind, str], ...] = (
    (Layer.FACILITY, Kind.HOURS, "00:00-24:00"),
    (Layer.FACILITY, Kind.PAN, "allow_list 40"),
    (Layer.FACILITY, Kind.CALLS_PER_WEEK, "500"),
    (Layer.FACILITY, Kind.ATTEMPTS, "50 in 60"),
    (Layer.UNIT, Kind.HOURS, "sun-sat 00:00-24:00"),
    (Layer.UNIT, Kind.MINUTES_PER_DAY, "600"),
    (Layer.UNIT, Kind.ONE_LIVE_CALL, "on"),
    (Layer.PHONE, Kind.LONGEST_CALL_SECONDS, "600"),
    (Layer.PHONE, Kind.PAUSE_SECONDS, "1"),
)
_FILL = (
    # Everybody has a control of their own, and calls of the last weeks.
    "INSERT INTO persons (id, facility_id, name, status, pin_hash, pin_failures, unit_id) "
    "SELECT (100000 + n)::text, 'bench', 'Alex Rivers', 'in_custody', '', 0, 'east' "
    "FROM generate_series(0, :people - 1) n",
    "INSERT INTO controls (layer, subject, kind, value, actor, at, note) "
    "SELECT 'person', (100000 + n)::text, 'calls_per_month', '900', 'bench', now(), 'bench' "
    "FROM generate_series(0, :people - 1) n",
    "INSERT INTO allowed_numbers (number, stem, pattern, person_id, state, learned, relationship, "
    "actor, at, note) SELECT t, t, t, p, 'approved', false, '', 'bench', now(), '' FROM "
    "(SELECT (100000 + n)::text p, '+1212' || (2000000 + n * 40 + k)::text t "
    "FROM generate_series(0, :people - 1) n, generate_series(0, :entries - 1) k) rows",
    "INSERT INTO blocked_numbers (number, stem, pattern, cause, actor, at, note) SELECT "
    "'+1646' || s || '????', '+1646' || s, '+1646' || s || '____', 'facility', 'bench', now(), '' "
    "FROM (SELECT lpad((n % 1000)::text, 3, '0') s FROM generate_series(1, :patterns) n) rows",
    "INSERT INTO calls (id, facility_id, phone_id, caller_channel, person_id, number, recorded, "
    "privileged, limit_seconds, offhook_at, authorized_at, accepted_at, talking_at, ended_at) "
    "SELECT 'P' || n || '-' || k, 'bench', 'bench-0', 'c', (100000 + n)::text, "
    "'+1212' || (2000000 + n * 40 + k)::text, true, false, 600, t, t, t, t, t + interval '5 min' "
    "FROM generate_series(0, :people - 1) n, generate_series(1, 20) k, "
    "LATERAL (SELECT now() - k * interval '1 day' t) began",
    "ANALYZE",
)


def run(*, quick: bool = False) -> dict[str, float]:
    """The figures by their names in ``results.json``; quickly, with a tenth of the long list."""
    with _jail(FEW_NUMBERS if quick else NUMBERS) as database:
        draw = random.Random(7)
        asked = [_new_call(database, draw) for _ in range(WARM + (ASKED // 4 if quick else ASKED))]
        layers = [_ask(database, *one) for one in asked][WARM:]
        whole = [_decide(database, *_new_call(database, draw)) for _ in range(ASKED // 8)]
    percentiles = quantiles(layers, n=100)
    return {
        "policy_us_p50": percentiles[49],
        "policy_us_p99": percentiles[98],
        "policy_decision_us_p50": quantiles(whole, n=100)[49],
    }


def _ask(database: Database, call_id: str, number: str) -> float:
    """Microseconds of all that the layers and the lists are asked."""
    at, start = now(), perf_counter_ns()
    with database.begin() as connection:
        given = {"call": call_id, "number": number, "now": at}
        facts = connection.execute(FACTS[PaidBy.CALLED], given).one()
        layers = Permission(connection, call_id, number, at, facts, [])
        assert facts.block_cause is None
        bulk.blocked(facts.bulk_lists, number)
        reasons = (layers.now(), layers.listed(), layers.counted())
        layers.terms()
        took = (perf_counter_ns() - start) / 1000
    assert reasons[0] is reasons[2] is None, layers.trail
    return took


def _decide(database: Database, call_id: str, number: str) -> float:
    start = perf_counter_ns()
    authorize(database, call_id, number.removeprefix("+1"), now())
    return (perf_counter_ns() - start) / 1000


def _new_call(database: Database, draw: random.Random) -> tuple[str, str]:
    """A call whose caller is known, and the number that is asked for."""
    person = draw.randrange(PEOPLE)
    whose = person if draw.random() < 0.5 else PEOPLE - 1 - person
    number = f"+1212{2000000 + whose * A_LIST + draw.randrange(A_LIST)}"
    call_id, at = f"Q{draw.getrandbits(64):016x}", now() - timedelta(seconds=1)
    row = {"id": call_id, "facility_id": "bench", "phone_id": "bench-0", "caller_channel": "q"}
    row |= {"person_id": str(100_000 + person)}
    with database.begin() as connection:
        connection.execute(calls.insert(), {**row, "offhook_at": at, "identified_at": at})
    return call_id, number


@contextmanager
def _jail(numbers: int) -> Iterator[Database]:
    with tempfile.TemporaryDirectory(prefix="parloir-bench-") as scratch:
        # PostgreSQL's own user has to pass through.
        Path(scratch).chmod(0o711)
        cluster = Cluster.start(Path(scratch) / "postgres")
        try:
            url = cluster.create_database("bench")
            migrate(url)
            with closing(open_database(url)) as database:
                _fill(database, Path(scratch), numbers, now())
                yield database
        finally:
            cluster.stop()


def _fill(database: Database, scratch: Path, numbers: int, at: datetime) -> None:
    add_facility(database, town.FACILITY, "benchmark")
    sizes = {"people": PEOPLE, "entries": A_LIST, "patterns": PATTERNS}
    with database.begin() as connection:
        add_phone(connection, Phone("bench-0", "bench"), "benchmark", at)
        connection.execute(units.insert(), {"id": "east", "facility_id": "bench", "name": "East"})
        for statement in _FILL:
            wanted = {name: size for name, size in sizes.items() if f":{name}" in statement}
            connection.execute(text(statement), wanted)
        subjects = {Layer.FACILITY: "bench", Layer.UNIT: "east", Layer.PHONE: "bench-0"}
        for layer, kind, value in CONTROLS:
            controls.set_control(
                connection, layer, subjects[layer], kind, value, "bench", "bench", at
            )
        connection.execute(bulk_lists.insert(), _long_list(scratch, numbers, at))


def _long_list(scratch: Path, numbers: int, at: datetime) -> dict[str, object]:
    source = scratch / "list.txt"
    with source.open("wb") as file:
        file.writelines(_lines(numbers))
    made = compile_list(source, scratch / "lists")
    source.unlink()
    return {
        "name": "long",
        "cause": "provider",
        "file": str(made.file),
        "entries": made.entries,
        "sha256": made.sha256,
        "actor": "bench",
        "at": at,
        "note": "",
    }


if __name__ == "__main__":
    for name, figure in run().items():
        print(f"{name} {figure:.1f}")
