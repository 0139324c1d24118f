"""Column types that mean the same on PostgreSQL and SQLite."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import DateTime, Dialect, Row, Text, TypeDecorator

AnyRow: TypeAlias = Row[*tuple[Any, ...]]
"""A row whose columns are known by name only."""


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now() -> datetime:
    """This moment in UTC, in whole milliseconds: the platform's clock."""
    return to_ms(datetime.now(UTC))


def to_ms(moment: datetime) -> datetime:
    """The moment in UTC with its microseconds cut to milliseconds."""
    utc = moment.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def from_epoch_ms(ms: int) -> datetime:
    """The moment that lies ``ms`` milliseconds after 1970-01-01T00:00Z."""
    seconds, rest = divmod(ms, 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000)


def epoch_ms(moment: datetime) -> int:
    """Milliseconds since 1970-01-01T00:00Z; the reverse of :func:`from_epoch_ms`."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


class Moment(TypeDecorator[datetime]):
    """A moment: timezone-aware, UTC, milliseconds."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a moment without a zone; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment needs a time zone: {value}")
        return to_ms(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite keeps no zone: what is stored is UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """A value kept as JSON text, keys in the order they were given."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write JSON."""
        return None if value is None else json.dumps(value, ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read JSON."""
        return None if value is None else json.loads(value)
