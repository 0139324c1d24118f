"""How often somebody may ask: moving windows, in Redis where it answers, in memory otherwise."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

TOKEN = parse("120/minute")
PUBLIC = parse("20/minute")
WRONG_TOKENS = parse("10/minute")
ANSWER_SECONDS = 0.2
AWAY_SECONDS = 5.0
AWAY = (RedisError, OSError)


class Throttle:
    """The windows of one platform. May be used by several threads.

    While Redis is away each process counts for itself: limits are looser then, never errors.
    """

    def __init__(self, redis_url: str, clock: Callable[[], float] = time.monotonic) -> None:
        address = redis_url.replace("unix://", "redis+unix://", 1)
        options = {"socket_timeout": ANSWER_SECONDS, "socket_connect_timeout": ANSWER_SECONDS}
        shared = RedisStorage(address, **options, retry=Retry(NoBackoff(), 0))  # type: ignore[arg-type]
        self._shared = MovingWindowRateLimiter(shared)
        self._own = MovingWindowRateLimiter(MemoryStorage())
        self._clock = clock
        self._away_until = 0.0

    def wait_seconds(self, limit: RateLimitItem, who: str) -> int:
        """Count an asking. 0: it may be answered; else seconds until the next one may."""
        if self._clock() >= self._away_until:
            try:
                return _hit(self._shared, limit, who)
            except AWAY:
                self._away_until = self._clock() + AWAY_SECONDS
        return _hit(self._own, limit, who)


def _hit(limiter: MovingWindowRateLimiter, limit: RateLimitItem, who: str) -> int:
    if limiter.hit(limit, "parloir", "api", who):
        return 0
    reset = limiter.get_window_stats(limit, "parloir", "api", who).reset_time
    return max(1, math.ceil(reset - time.time()))
