"""The schema, the engine and the column types mean the same on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.util import greenlet_spawn

from calls.people import keep_name
from store.cluster import Cluster, ClusterError
from store.database import Database, migrate, open_database, open_for_loop
from store.tables import APPEND_ONLY, accounts, calls, facilities, metadata, phones
from store.types import epoch_ms, from_epoch_ms, now, to_ms
from tests.builders import (
    ACCOUNT,
    FACILITY,
    PERSON,
    PHONE,
    build_jail,
    cdr_of,
    identified_call,
    talked,
)

moments = st.datetimes(
    datetime(1971, 1, 1),  # noqa: DTZ001 (Hypothesis adds the zone)
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata")]),
)


def test_the_migrations_lead_to_the_tables(database: Database) -> None:
    with database.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_migrating_twice_changes_nothing(database_url: str, database: Database) -> None:
    build_jail(database)
    migrate(database_url)
    with database.begin() as connection:
        assert connection.execute(select(facilities.c.id)).scalar_one() == FACILITY


@pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_evidence_can_only_be_added(database: Database, change: str) -> None:
    build_jail(database)
    _evidence(database, talked(database, 60))
    for table in APPEND_ONLY:
        column = table.c[0].name
        refused = pytest.raises(DBAPIError, match=f"{table.name} is append-only")
        with refused, database.begin() as connection:
            connection.execute(text(change.format(table.name, column, column)))


def test_evidence_can_not_be_truncated(postgres_database: Database) -> None:
    for table in APPEND_ONLY:
        refused = pytest.raises(DBAPIError, match="append-only")
        with refused, postgres_database.begin() as connection:
            connection.execute(text(f"TRUNCATE {table.name} CASCADE"))


def _evidence(database: Database, call_id: str) -> None:
    journal, recording = metadata.tables["call_journal"], metadata.tables["recordings"]
    deck = {"version": "x+1", "text": "", "actor": "test", "loaded_at": now()}
    exchanges = {"version": "x+1", "keys": b"", "codes": b"", "actor": "test", "at": now()}
    exchanges |= {"places": [], "local": [], "files": []}
    closed = {"month": "2026-10", "closed_at": now(), "actor": "test", "entries": 0}
    closed |= {"debit_cents": 0}
    sealed = {"path": "/nowhere", "length_ms": 1, "bytes": 1, "sha256": "", "sealed_at": now()}
    with database.begin() as connection:
        connection.execute(journal.insert(), {"call_id": call_id, "leg": "caller", "events": []})
        connection.execute(recording.insert(), {"call_id": call_id, **sealed})
        connection.execute(metadata.tables["decks"].insert(), deck)
        connection.execute(metadata.tables["exchanges"].insert(), exchanges)
        connection.execute(metadata.tables["closed_periods"].insert(), closed)
        connection.execute(metadata.tables["terms_acceptances"].insert(), _accepted())
        connection.execute(metadata.tables["looks"].insert(), _look())
        connection.execute(metadata.tables["invoices"].insert(), _invoice())
        connection.execute(metadata.tables["facility_payments"].insert(), _facility_payment())
        connection.execute(metadata.tables["jail_events"].insert(), _jail_event())
        connection.execute(metadata.tables["staff"].insert(), _STAFF)
        connection.execute(metadata.tables["staff_orders"].insert(), _STAFF_ORDER)
        connection.execute(metadata.tables["quarantines"].insert(), _quarantine(call_id))
        connection.execute(metadata.tables["line_orders"].insert(), _LINE_ORDER)
        connection.execute(metadata.tables["hotline_calls"].insert(), _HOTLINE_CALL)
    keep_name(database, PERSON, "clip", now())


_STAFF = {"id": "okafor", "name": "M. Okafor", "role": "officer", "active": True}
_STAFF |= {"actor": "test", "at": now()}
_STAFF_ORDER: dict[str, object] = {
    "staff_id": "okafor",
    "kind": "added",
    "role": "officer",
    "note": "hired",
}
_STAFF_ORDER |= {"actor": "test", "at": now()}

_LINE_ORDER: dict[str, object] = {
    "line": "phone",
    "line_id": "1",
    "kind": "off",
    "actor": "test",
    "note": "broken",
}
_LINE_ORDER |= {"at": now()}
_HOTLINE_CALL: dict[str, object] = {
    "id": "1.1",
    "phone_id": PHONE,
    "code": "711",
    "number": "+12025550143",
}
_HOTLINE_CALL |= {"began_at": now(), "ended_at": now(), "outcome": "answer"}


def _accepted() -> dict[str, object]:
    who = {"account_id": ACCOUNT, "actor": "test", "at": now()}
    return {**who, "version": "2026-11", "how": "paper"}


def _look() -> dict[str, object]:
    who = {"actor": "test", "role": "staff", "at": now(), "why": "a complaint"}
    return {**who, "what": "account", "subject": ACCOUNT}


def _jail_event() -> dict[str, object]:
    what = {"source": "jms", "event_id": "1", "person_id": PERSON, "kind": "released", "facts": {}}
    moments = dict.fromkeys(("at", "received_at"), now())
    return {**what, **moments, "actor": "test", "outcome": "applied", "detail": ""}


def _quarantine(call_id: str) -> dict[str, object]:
    what = {"call_id": call_id, "number": "+12025550143", "path": "/nowhere", "sha256": ""}
    return {**what, "why": "test", "actor": "test", "at": now()}


def _invoice() -> dict[str, object]:
    moments = dict.fromkeys(("issued_at", "covers_until", "due_at"), now())
    cents = dict.fromkeys(("opening_cents", "charged_cents", "credited_cents", "due_cents"), 0)
    return {"id": "i", "account_id": ACCOUNT, "month": "2026-10", **moments, **cents}


def _facility_payment() -> dict[str, object]:
    what = {"key": "k", "facility_id": FACILITY, "month": "2026-10", "cents": 1}
    return {**what, "actor": "test", "at": now(), "note": ""}


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    with suppress(ZeroDivisionError), database.begin() as connection:
        connection.execute(accounts.insert(), _account("a", now()))
        _ = 1 / 0
    with database.begin() as connection:
        assert connection.execute(accounts.select()).all() == []


def test_a_single_statement_stays(database: Database) -> None:
    with database.once() as connection:
        connection.execute(accounts.insert(), _account("a", now()))
    with database.once() as connection:
        assert connection.execute(select(accounts.c.id)).scalars().all() == ["a"]


def test_foreign_keys_hold(database: Database) -> None:
    row = {"id": "p", "facility_id": "nowhere", "sip_password": "", "active": True}
    with pytest.raises(DBAPIError), database.begin() as connection:
        connection.execute(phones.insert(), row)


def test_the_same_code_runs_inside_the_event_loop(database_url: str, database: Database) -> None:
    build_jail(database)

    async def run() -> str:
        looped, dispose = open_for_loop(database_url, 2)
        call_ids = await asyncio.gather(*(greenlet_spawn(identified_call, looped) for _ in "abcd"))
        await greenlet_spawn(talked, looped, 60)
        await dispose()
        return call_ids[0]

    call_id = asyncio.run(run())
    with database.begin() as connection:
        found = connection.execute(select(calls.c.person_id).where(calls.c.id == call_id))
        assert found.scalar_one() == "100001"


def test_a_moment_is_kept_to_the_millisecond_in_utc(database: Database) -> None:
    there = datetime(2026, 3, 8, 1, 59, 59, 123_999, timezone(timedelta(hours=-5)))
    with database.begin() as connection:
        connection.execute(accounts.insert(), _account("a", there))
        kept = connection.execute(select(accounts.c.opened_at)).scalar_one()
    assert kept == datetime(2026, 3, 8, 6, 59, 59, 123_000, UTC)
    assert kept.tzinfo is UTC


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    naive = datetime(2026, 3, 8, 1, 59)  # noqa: DTZ001
    with pytest.raises(StatementError, match="time zone"), database.begin() as connection:
        connection.execute(accounts.insert(), _account("a", naive))


@given(moments)
def test_cutting_to_milliseconds(moment: datetime) -> None:
    cut = to_ms(moment)
    assert timedelta(0) <= moment - cut < timedelta(milliseconds=1)
    assert to_ms(cut) == cut
    assert from_epoch_ms(epoch_ms(cut)) == cut


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def test_json_comes_back_as_it_went(database: Database) -> None:
    build_jail(database)
    call_id = identified_call(database)

    @settings(max_examples=25)
    @given(json_values)
    def round_trip(value: object) -> None:
        with database.begin() as connection:
            _keep(connection, call_id, value)
            kept = connection.execute(select(calls.c.decision).where(calls.c.id == call_id))
            assert kept.scalar_one() == value

    round_trip()


def _keep(connection: Connection, call_id: str, value: object) -> None:
    connection.execute(calls.update().where(calls.c.id == call_id).values(decision=value))


def test_keys_of_json_keep_their_order(database: Database) -> None:
    build_jail(database)
    states = [*cdr_of(database, talked(database, 10)).states]
    assert (states[0], states[-1]) == ("offhook", "ended")


def test_a_missing_postgresql_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.cluster.DEBIAN_PROGRAMS", tmp_path)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ClusterError, match="install the package postgresql"):
        Cluster.start(tmp_path / "cluster")


def _account(name: str, at: datetime) -> dict[str, object]:
    return {"id": name, "product": "prepaid_collect", "holder": "Sam", "opened_at": at}


@contextmanager
def own_cluster() -> Iterator[Cluster]:
    """A PostgreSQL that may be stopped."""
    with TemporaryDirectory(prefix="p") as directory:
        # Its own user has to pass through.
        Path(directory).chmod(0o711)
        cluster = Cluster.start(Path(directory) / "server", durable=False)
        try:
            yield cluster
        finally:
            cluster.stop()


def test_who_asks_after_the_server_was_restarted_notices_nothing() -> None:
    with own_cluster() as cluster:
        asyncio.run(_asked_after_restarts(cluster, cluster.create_database("mine")))


async def _asked_after_restarts(cluster: Cluster, url: str) -> None:
    on_the_loop, dispose = open_for_loop(url)
    with closing(open_database(url)) as blocking:
        for _ in range(3):
            assert await greenlet_spawn(_answers, on_the_loop)
            assert _answers(blocking)
            cluster.stop()
            Cluster.start(cluster.directory, durable=False)
    await dispose()


def _answers(database: Database) -> bool:
    """Whether a transaction and a single statement are answered."""
    with database.begin() as whole, database.once() as single:
        return all(one.scalar(text("SELECT 1")) == 1 for one in (whole, single))
