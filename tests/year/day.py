"""A day of the year on one connection: whatever asks for a transaction of its own joins it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from sqlalchemy import Connection

from store.database import Database

T = TypeVar("T")


class Day(Database):
    """The database as one day sees it: all of the day is one transaction."""

    def __init__(self, connection: Connection, date: datetime, chance: Random) -> None:
        super().__init__(connection.engine)
        self.connection = connection
        self.date = date
        self.chance = chance

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """The day's own transaction."""
        yield self.connection

    @contextmanager
    def once(self) -> Iterator[Connection]:
        """The day's own transaction."""
        yield self.connection

    def hour(self, hour: float) -> datetime:
        """A moment of the day."""
        return self.date + timedelta(hours=hour)

    def happens(self, share: float) -> bool:
        """Whether something happens that does so in this share of cases."""
        return self.chance.random() < share

    def some(self, of: list[T], mean: float) -> list[T]:
        """About ``mean`` of them, each once."""
        count = int(mean) + self.happens(mean - int(mean))
        return self.chance.sample(of, min(count, len(of)))
