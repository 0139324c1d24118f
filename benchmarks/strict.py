"""The town of the calls with everything on that may refuse a call, and nothing that does.

Controls of every layer, as :mod:`benchmarks.policy` has them, one more for each person and each
number; everybody in a unit, with a list of forty numbers and no other allowed; a hundred thousand
blocked patterns, a million blocked numbers in a file, five hundred privileged ones. None of the
privileged is called: such a call isn't recorded, and would make the figure look better.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from benchmarks.policy import A_LIST, CONTROLS, PATTERNS
from benchmarks.town import FACILITY, Caller
from blocklists import bulk_orders
from blocklists.bulk_files import compile_list
from blocklists.lists import BlockCause
from blocklists.orders import Order
from blocklists.patterns import Pattern
from blocklists.policy.kinds import CONTROLS as KINDS
from blocklists.policy.kinds import Kind
from blocklists.policy.rules import Layer
from blocklists.privilege import registry
from blocklists.privilege.registry import Entry
from custody import standing
from custody.units import add_unit
from store.database import Database
from store.settings import Settings
from store.tables import allowed_numbers, controls
from store.types import now

UNIT, ACTOR = "east", "bench"
NUMBERS, PRIVILEGED = 1_000_000, 500
# Nobody is called there.
ELSEWHERE = "+1646"
# PostgreSQL's. The other numbers of everybody's list, and patterns that no caller's number meets.
_OTHERS = (
    "INSERT INTO allowed_numbers (number, stem, pattern, person_id, state, learned, relationship, "
    "actor, at, note) SELECT t, t, t, id, 'approved', false, '', 'bench', :at, '' "
    "FROM persons, generate_series(1, :others) n, "
    "LATERAL (SELECT '+1646' || (2000000 + 40 * (id::int - 100000) + n)::text t) made"
)
_PATTERNS = (
    "INSERT INTO blocked_numbers (number, stem, pattern, cause, actor, at, note) "
    "SELECT s || '??', s, s || '__', 'facility', 'bench', :at, '' "
    "FROM generate_series(0, :patterns - 1) n, "
    "LATERAL (SELECT '+1646' || lpad(n::text, 5, '0') s) made"
)


def impose(settings: Settings, database: Database, callers: Sequence[Caller]) -> None:
    """Turn everything on. Every call of the callers to their own numbers is still allowed."""
    at = now()
    with database.begin() as connection:
        _house(connection, callers, at)
        _control(connection, callers, at)
        _fill_lists(connection, callers, at)
        for index in range(PRIVILEGED):
            entry = Entry(f"{ELSEWHERE}777{index:04}", "bench")
            registry.register(connection, entry, ACTOR, at)
        _block_many(settings, connection, at)
    with database.once() as connection:
        # Else PostgreSQL does it by itself while the calls are measured.
        connection.execute(text("VACUUM ANALYZE"))


def _house(connection: Connection, callers: Sequence[Caller], at: datetime) -> None:
    add_unit(connection, UNIT, FACILITY.id, "East", ACTOR, at)
    for one in callers:
        standing.move(connection, one.person, None, UNIT, ACTOR, "bench", at)


def _control(connection: Connection, callers: Sequence[Caller], at: datetime) -> None:
    subjects = {Layer.FACILITY: [FACILITY.id], Layer.UNIT: [UNIT]}
    subjects[Layer.PHONE] = sorted({one.phone for one in callers})
    own = ((Layer.PERSON, Kind.CALLS_PER_MONTH, "900"), (Layer.NUMBER, Kind.RECORD, "on"))
    subjects |= {Layer.PERSON: [one.person for one in callers]}
    subjects |= {Layer.NUMBER: [f"+1{one.number}" for one in callers]}
    rows = [
        {"layer": layer, "subject": subject, "kind": kind, "value": KINDS[kind].read(value)}
        for layer, kind, value in (*CONTROLS, *own)
        for subject in subjects[layer]
    ]
    connection.execute(controls.insert().values(actor=ACTOR, at=at, note="bench"), rows)


def _fill_lists(connection: Connection, callers: Sequence[Caller], at: datetime) -> None:
    told = {"actor": ACTOR, "at": at, "note": ""}
    own = [{**Pattern(f"+1{one.number}").columns(), "person_id": one.person} for one in callers]
    allow = allowed_numbers.insert().values(
        state="approved", learned=False, relationship="", **told
    )
    connection.execute(allow, own)
    connection.execute(text(_OTHERS), {"others": A_LIST - 1, "at": at})
    connection.execute(text(_PATTERNS), {"patterns": PATTERNS, "at": at})


def _block_many(settings: Settings, connection: Connection, at: datetime) -> None:
    source = settings.state_dir / "blocked.txt"
    with source.open("w") as file:
        file.writelines(f"{ELSEWHERE}{2_000_000 + index}\n" for index in range(NUMBERS))
    compiled = compile_list(source, settings.lists_dir)
    source.unlink()
    bulk_orders.register(connection, "long", compiled, Order(BlockCause.PROVIDER, ACTOR), at)
