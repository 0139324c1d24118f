"""What an operator sees of live calls, of Redis and of the monitor, with and without Redis."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from calls.live import live_now
from parloir.common import Group, Platform
from parloir.main import main
from store.database import Database
from store.hot import Hot
from store.live_calls import Shown
from store.redis_server import RedisServer
from store.tables import calls
from store.types import now
from tests.builders import (
    ACCOUNT,
    LONGEST_SECONDS,
    MORNING,
    NUMBER,
    PERSON,
    accepted_call,
    build_jail,
    identified_call,
    seconds,
    set_facility,
    talked,
)


@pytest.fixture
def platform(
    database: Database, database_url: str, redis_server: RedisServer, tmp_path: Path
) -> Iterator[Platform]:
    build_jail(database)
    file = tmp_path / "parloir.toml"
    file.write_text(f'database = "{database_url}"\nredis = "{redis_server.url}"\n')
    made = Platform(file)
    yield made
    made.database.close()


def said(platform: Platform, *words: str) -> str:
    return CliRunner().invoke(Group(commands=main.commands), words, obj=platform).output


def line(told: str, name: str) -> str:
    (found,) = (one for one in told.splitlines() if one.startswith(name))
    return found


def test_live_calls_have_their_state_and_their_end(database: Database) -> None:
    build_jail(database)
    talked(database, 10)
    talking = accepted_call(database)
    keying = identified_call(database, MORNING + seconds(5))
    with database.begin() as connection:
        first, second = live_now(connection)
    assert (first.id, first.state, first.number) == (talking, "accepted", NUMBER)
    assert (first.account_id, first.person_id) == (ACCOUNT, PERSON)
    assert (first.since, first.accepted_at) == (MORNING, MORNING)
    # $20 buys more than the longest talk.
    assert first.ends_at == MORNING + seconds(LONGEST_SECONDS)
    assert (second.id, second.state, second.ends_at) == (keying, "identified", None)
    assert second.accepted_at is None


def test_a_call_that_holds_all_ends_with_its_money(database: Database) -> None:
    build_jail(database, cents=30)
    set_facility(database, holds_whole_call=True)
    accepted_call(database)
    with database.begin() as connection:
        (found,) = live_now(connection)
        paid = connection.execute(calls.select()).one().paid_seconds
    assert 0 < paid < LONGEST_SECONDS
    assert found.ends_at == MORNING + seconds(paid)


def test_call_live_says_where_it_looked(
    platform: Platform, database: Database, redis_server: RedisServer
) -> None:
    call_id = accepted_call(database, now() - seconds(70.5))
    told = said(platform, "call", "live")
    assert told.splitlines()[-1] == "1 calls live, from the database"
    assert line(told, call_id).endswith("talked    70 s  left   829 s")
    with database.begin() as connection:
        shown = [replace(one, state="talking") for one in live_now(connection)]
    with closing(Hot(redis_server.url)) as hot:
        assert hot.show_live(Shown(now() - timedelta(seconds=3), shown))
    told = said(platform, "call", "live")
    assert told.splitlines()[-1] == "1 calls live, as the monitor saw them 3 s ago"
    assert "talking" in line(told, call_id)
    redis_server.kill()
    assert said(platform, "call", "live").endswith("1 calls live, from the database\n")


def test_a_call_that_nobody_has_accepted_has_no_times(
    platform: Platform, database: Database
) -> None:
    call_id = identified_call(database, now())
    assert line(said(platform, "call", "live"), call_id).endswith("talked     - s  left     - s")


def test_the_status_tells_of_redis_and_the_monitor(
    platform: Platform, redis_server: RedisServer
) -> None:
    told = said(platform, "status")
    assert line(told, "Redis") == "Redis        up    nothing counted yet"
    assert line(told, "monitor") == "monitor      DOWN  not seen: parloir monitor"
    with closing(Hot(redis_server.url)) as hot:
        hot.count("renewals", now(), 12)
        hot.show_live(Shown(now(), []))
        told = said(platform, "status")
        assert line(told, "Redis") == "Redis        up    12 renewals"
        assert line(told, "monitor").startswith("monitor      up    seen 0 s ago")
        hot.show_live(Shown(now() - timedelta(minutes=5), []))
    told = said(platform, "status")
    assert line(told, "monitor") == "monitor      DOWN  not seen for 300 s: parloir monitor"


def test_without_redis_the_live_calls_tell_of_the_monitor(
    platform: Platform, database: Database, redis_server: RedisServer
) -> None:
    redis_server.kill()
    told = said(platform, "status")
    assert "DOWN  no answer at unix://" in line(told, "Redis")
    assert "can't be told while Redis is down and no call is live" in line(told, "monitor")
    assert "Redis" in line(told, "Error: not well")
    accepted_call(database)
    with database.begin() as connection:
        connection.execute(calls.update().values(seen_at=now()))
    assert line(said(platform, "status"), "monitor").startswith("monitor      up    seen 0 s ago")


def test_redis_is_run_by_its_own_command_only_where_it_is_ones_own(platform: Platform) -> None:
    assert "the settings name another Redis" in said(platform, "redis")


def test_redis_runs_in_the_foreground(tmp_path: Path) -> None:
    file = tmp_path / "parloir.toml"
    file.touch()
    server = RedisServer(tmp_path / "redis")
    command = [sys.executable, "-m", "parloir", "--settings", str(file), "redis"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 20
            while not server.running and time.monotonic() < deadline:
                time.sleep(0.02)
            assert server.pid == process.pid
            assert f"it runs already, process {process.pid}" in said(Platform(file), "redis")
        finally:
            process.terminate()
    assert process.returncode == 0
    assert not server.running
