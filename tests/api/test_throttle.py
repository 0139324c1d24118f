"""How often one may ask, with Redis, without it, and while it goes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from limits import parse

from accounts.products import Party
from api import throttle
from api.throttle import Throttle
from store.database import Database
from store.redis_server import RedisServer
from tests.api.desk import Desk, Till, opened_desk
from tests.builders import ACCOUNT

TWICE = parse("2/minute")
NO_REDIS = "unix:///nowhere/redis.sock"


def test_two_processes_share_a_window_in_redis(redis_server: RedisServer) -> None:
    one, other = Throttle(redis_server.url), Throttle(redis_server.url)
    assert [one.wait_seconds(TWICE, "a"), other.wait_seconds(TWICE, "a")] == [0, 0]
    assert 0 < one.wait_seconds(TWICE, "a") <= 60
    assert 0 < other.wait_seconds(TWICE, "a") <= 60
    assert other.wait_seconds(TWICE, "b") == 0


def test_without_redis_each_process_counts_for_itself() -> None:
    one, other = Throttle(NO_REDIS), Throttle(NO_REDIS)
    assert [one.wait_seconds(TWICE, "a") for _ in range(2)] == [0, 0]
    assert 0 < one.wait_seconds(TWICE, "a") <= 60
    assert other.wait_seconds(TWICE, "a") == 0


def test_redis_may_go_and_come_back(redis_server: RedisServer) -> None:
    clock = [0.0]
    window = Throttle(redis_server.url, lambda: clock[0])
    assert [window.wait_seconds(TWICE, "a") for _ in range(2)] == [0, 0]
    redis_server.kill()
    assert window.wait_seconds(TWICE, "a") == 0
    RedisServer.start(redis_server.directory)
    # Not asked again at once: a Redis that hangs would make everybody wait.
    assert window.wait_seconds(TWICE, "a") == 0
    assert window.wait_seconds(TWICE, "a") > 0
    clock[0] += throttle.AWAY_SECONDS
    assert window.wait_seconds(TWICE, "a") == 0


@pytest.fixture
def narrow(
    sqlite_database: Database, worker_till: Till, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """A desk that answers two requests a minute of each kind."""
    for name in ("TOKEN", "PUBLIC", "WRONG_TOKENS"):
        monkeypatch.setattr(f"api.guard.{name}", TWICE)
    with opened_desk(sqlite_database, worker_till, Throttle(NO_REDIS)) as desk:
        yield desk


def test_a_token_that_asks_too_often_is_told_when_to_come_back(narrow: Desk) -> None:
    path, holder = f"/accounts/{ACCOUNT}", narrow.token(Party.HOLDER, ACCOUNT)
    told = [narrow.ask("GET", path, holder) for _ in range(3)]
    assert [one.status_code for one in told] == [200, 200, 429]
    assert told[-1].json()["type"] == "urn:parloir:problem:too-many"
    assert 0 < int(told[-1].headers["Retry-After"]) <= 60
    assert narrow.ask("GET", path, narrow.token(Party.STAFF)).status_code == 200


def test_nobody_tries_tokens_out(narrow: Desk) -> None:
    tried = [narrow.ask("GET", f"/accounts/{ACCOUNT}", f"guess-{n}") for n in range(3)]
    assert [one.status_code for one in tried] == [401, 401, 429]
    # Who has a good one isn't held up.
    holder = narrow.token(Party.HOLDER, ACCOUNT)
    assert narrow.ask("GET", f"/accounts/{ACCOUNT}", holder).status_code == 200


def test_public_endpoints_are_limited_by_address(narrow: Desk) -> None:
    told = [narrow.ask("GET", "/products") for _ in range(3)]
    assert [one.status_code for one in told] == [200, 200, 429]
