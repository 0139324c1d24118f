"""Hot state in Redis: wake-ups, the live calls, counters. The database can rebuild all of it.

Nothing here raises because Redis is away: functions answer None or False, at once while a short
back-off lasts, within two tenths of a second otherwise. So its loss slows and never corrupts.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, closing
from datetime import datetime
from typing import Any

from redis import Redis
from redis import asyncio as redis_asyncio
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from store.live_calls import Shown, read, written
from store.settings import Settings, SettingsError
from store.types import epoch_ms, from_epoch_ms

ANSWER_SECONDS = 0.2
RETRY_SECONDS = 1.0
LIVE_SECONDS = 15
SEEN_SECONDS = 7 * 86_400
COUNTER_SECONDS = 40 * 86_400
SILENT_SECONDS = 5.0
CHANNEL, LIVE, SEEN, COUNTS = "parloir:wake", "parloir:live", "parloir:seen", "parloir:counts"
AWAY = (RedisError, OSError)


class Hot:
    """The hot state of one platform. May be used by several threads.

    From asynchronous code call everything but :meth:`wakes` in a thread. Raises
    :class:`SettingsError` when the address is none.
    """

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._clock = clock
        self._away_until = 0.0
        options = {"socket_timeout": ANSWER_SECONDS, "socket_connect_timeout": ANSWER_SECONDS}
        try:
            self._redis = Redis.from_url(url, retry=Retry(NoBackoff(), 0), **options)
        except ValueError as error:
            raise SettingsError(f"the setting redis is no address of a Redis: {error}") from None

    def close(self) -> None:
        """Let go of every connection."""
        self._redis.close()

    def up(self) -> bool:
        """Whether Redis answers."""
        return self._ask(lambda redis: redis.ping()) is not None

    def wake(self) -> bool:
        """Wake whoever waits in :meth:`wakes`: something changed in the database."""
        return self._ask(lambda redis: redis.publish(CHANNEL, b"")) is not None

    async def wakes(self) -> AsyncGenerator[None, None]:
        """Yield when woken and whenever Redis is there anew, since wake-ups may have been missed.

        Never ends and never raises: while Redis is away it is simply silent.
        """
        while True:
            try:
                async with aclosing(_wakes_while_up(self._url)) as wakes:
                    async for _ in wakes:
                        yield
            except AWAY:
                await asyncio.sleep(RETRY_SECONDS)

    def show_live(self, shown: Shown) -> bool:
        """Keep the live calls for those who look, for a few seconds, and that a monitor runs."""

        def write(redis: Redis) -> object:
            pipeline = redis.pipeline(transaction=False)
            pipeline.set(LIVE, written(shown), ex=LIVE_SECONDS)
            pipeline.set(SEEN, epoch_ms(shown.at), ex=SEEN_SECONDS)
            return pipeline.execute()

        return self._ask(write) is not None

    def live(self) -> Shown | None:
        """The live calls as last shown; None when that is too long ago, or Redis is away."""
        told = self._ask(lambda redis: redis.get(LIVE))
        return None if told is None else read(told)

    def monitor_seen(self) -> datetime | None:
        """When a monitor last showed the live calls; None: not these days, or Redis is away."""
        told = self._ask(lambda redis: redis.get(SEEN))
        return from_epoch_ms(int(told)) if told else None

    def count(self, name: str, at: datetime, by: int = 1) -> bool:
        """Count something that happened on this day (UTC)."""

        def write(redis: Redis) -> object:
            pipeline = redis.pipeline(transaction=False)
            pipeline.hincrby(_counts(at), name, by)
            pipeline.expire(_counts(at), COUNTER_SECONDS)
            return pipeline.execute()

        return self._ask(write) is not None

    def counted(self, at: datetime) -> Mapping[str, int] | None:
        """What was counted on this day (UTC); None when Redis is away."""
        told = self._ask(lambda redis: redis.hgetall(_counts(at)))
        if told is None:
            return None
        return {name.decode(): int(number) for name, number in sorted(told.items())}

    def _ask(self, question: Callable[[Redis], Any]) -> Any:
        if self._clock() < self._away_until:
            return None
        try:
            return question(self._redis)
        except AWAY:
            self._away_until = self._clock() + RETRY_SECONDS
            return None


def wake(settings: Settings) -> bool:
    """Wake the platform's monitors once, from a program that ends soon."""
    with closing(Hot(settings.redis_url)) as hot:
        return hot.wake()


async def _wakes_while_up(url: str) -> AsyncGenerator[None, None]:
    client = redis_asyncio.Redis.from_url(
        url, retry=AsyncRetry(NoBackoff(), 0), socket_connect_timeout=ANSWER_SECONDS
    )
    async with client, client.pubsub() as listening:
        await listening.subscribe(CHANNEL)
        while True:
            # The answer to the subscription comes first: that is the waking after an absence.
            if await _message(listening) != "pong":
                yield


async def _message(listening: PubSub) -> str:
    """The kind of the next message. A Redis that is silent is asked, and given up if it stays."""
    message = await listening.get_message(timeout=SILENT_SECONDS)
    if message is None:
        await listening.ping()
        message = await listening.get_message(timeout=SILENT_SECONDS)
    if message is None:
        raise TimeoutError("Redis is silent")
    return str(message["type"])


def _counts(at: datetime) -> str:
    return f"{COUNTS}:{at:%Y-%m-%d}"
