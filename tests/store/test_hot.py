"""Hot state: it works, it expires, and its loss costs a moment and no error."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from store import hot as hot_module
from store.hot import ANSWER_SECONDS, LIVE, LIVE_SECONDS, RETRY_SECONDS, Hot, wake
from store.live_calls import LiveCall, Shown, read, written
from store.redis_server import RedisServer
from store.settings import Settings, SettingsError
from store.types import to_ms

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CALL = LiveCall(
    "2560V6A69Z", "talking", "millbrook", "100001", "+12125550101", "rivera", NOON, NOON, NOON
)

moments = st.datetimes(
    datetime(1971, 1, 1),  # noqa: DTZ001 (Hypothesis adds the zone)
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(to_ms)
words = st.none() | st.text(max_size=10)
live_calls = st.builds(
    LiveCall,
    *(st.text(max_size=10) for _ in range(3)),
    *(words for _ in range(3)),
    moments,
    st.none() | moments,
    st.none() | moments,
)


@pytest.fixture
def hot(redis_server: RedisServer) -> Iterator[Hot]:
    one = Hot(redis_server.url)
    yield one
    one.close()


class Clock:
    """A clock that goes when it is told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@given(moments, st.lists(live_calls, max_size=4))
def test_live_calls_are_read_as_written(at: datetime, calls: list[LiveCall]) -> None:
    assert read(written(Shown(at, calls))) == Shown(at, calls)


@given(st.text() | st.sampled_from(["[]", "{}", '{"at": 1, "calls": [{}]}', '{"at": 1}', "1"]))
def test_damaged_live_calls_are_none(text: str) -> None:
    assert read(text) is None


def test_live_calls_are_shown_for_a_while(hot: Hot, redis_server: RedisServer) -> None:
    assert hot.up()
    assert hot.live() is None
    assert hot.monitor_seen() is None
    assert hot.show_live(Shown(NOON, [CALL]))
    assert hot.live() == Shown(NOON, [CALL])
    assert hot.monitor_seen() == NOON
    with Redis.from_url(redis_server.url) as redis:
        assert 0 < redis.ttl(LIVE) <= LIVE_SECONDS
        redis.set(LIVE, "nonsense")
    assert hot.live() is None


def test_counters_count_by_day(hot: Hot) -> None:
    assert hot.counted(NOON) == {}
    assert hot.count("renewals", NOON)
    assert hot.count("renewals", NOON, 3)
    assert hot.count("cuts", NOON)
    assert hot.count("cuts", NOON - timedelta(days=1))
    assert hot.counted(NOON) == {"cuts": 1, "renewals": 4}


def test_without_redis_every_answer_is_none_and_quick(tmp_path: Path) -> None:
    hot = Hot(f"unix://{tmp_path / 'none.sock'}")
    assert not hot.up()
    assert not hot.wake()
    assert not hot.show_live(Shown(NOON, [CALL]))
    assert not hot.count("cuts", NOON)
    assert (hot.live(), hot.monitor_seen(), hot.counted(NOON)) == (None, None, None)


def test_a_redis_that_hangs_costs_a_moment_once_in_a_while(redis_server: RedisServer) -> None:
    clock = Clock()
    hot = Hot(redis_server.url, clock)
    pid = redis_server.pid
    assert pid is not None
    assert hot.up()
    os.kill(pid, signal.SIGSTOP)
    try:
        begun = time.monotonic()
        assert not any(hot.wake() for _ in range(100))
        assert time.monotonic() - begun < 5 * ANSWER_SECONDS
    finally:
        os.kill(pid, signal.SIGCONT)
    assert not hot.up()
    clock.now = RETRY_SECONDS
    assert hot.up()
    hot.close()


def test_an_address_that_is_none_is_said() -> None:
    with pytest.raises(SettingsError, match="the setting redis"):
        Hot("not-an-address")


def test_a_wake_up_reaches_who_waits(hot: Hot, redis_server: RedisServer, tmp_path: Path) -> None:
    settings = Settings(tmp_path, redis=redis_server.url)

    async def scene() -> None:
        async with aclosing(hot.wakes()) as wakes:
            await asyncio.wait_for(anext(wakes), 5)
            assert await asyncio.to_thread(wake, settings)
            await asyncio.wait_for(anext(wakes), 5)

    asyncio.run(scene())
    assert not wake(Settings(tmp_path))


def test_waiting_outlives_redis(
    hot: Hot, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hot_module, "RETRY_SECONDS", 0.05)

    async def scene() -> None:
        async with aclosing(hot.wakes()) as wakes:
            await asyncio.wait_for(anext(wakes), 5)
            for end in (redis_server.kill, redis_server.stop):
                end()
                waiting = asyncio.ensure_future(anext(wakes))
                done, _ = await asyncio.wait([waiting], timeout=0.3)
                assert not done
                RedisServer.start(redis_server.directory)
                await asyncio.wait_for(waiting, 5)

    asyncio.run(scene())


def test_waiting_gives_a_silent_redis_up(
    hot: Hot, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hot_module, "RETRY_SECONDS", 0.05)
    monkeypatch.setattr(hot_module, "SILENT_SECONDS", 0.1)
    pid = redis_server.pid
    assert pid is not None

    async def scene() -> None:
        async with aclosing(hot.wakes()) as wakes:
            await asyncio.wait_for(anext(wakes), 5)
            waiting = asyncio.ensure_future(anext(wakes))
            # Redis answers when asked: nobody is woken for nothing.
            done, _ = await asyncio.wait([waiting], timeout=0.5)
            assert not done
            os.kill(pid, signal.SIGSTOP)
            await asyncio.wait([waiting], timeout=0.5)
            os.kill(pid, signal.SIGCONT)
            await asyncio.wait_for(waiting, 5)

    asyncio.run(scene())
