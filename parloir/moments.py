"""Moments and months as people write them: in UTC, as the books are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from accounts.months import start_of

WHOLE_DAY = timedelta(days=1) - timedelta(milliseconds=1)


class Moment(click.ParamType[datetime]):
    """A moment as ISO 8601. Without a zone it is in UTC; a day alone is its start, or its end."""

    name = "moment"

    def __init__(self, *, end_of_day: bool = False) -> None:
        self.end_of_day = end_of_day

    def convert(self, value: object, param: object, ctx: object) -> datetime:
        """Read ``2026-10-31`` or ``2026-10-31T18:00``."""
        text = str(value)
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise click.BadParameter(f"{text!r} is no moment such as 2026-10-31T18:00") from None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        day_alone = len(text) == len("2026-10-31")
        return at + WHOLE_DAY if day_alone and self.end_of_day else at


class Month(click.ParamType[str]):
    """A month such as ``2026-10``."""

    name = "month"

    def convert(self, value: object, param: object, ctx: object) -> str:
        """Refuse what is no month."""
        try:
            start_of(str(value))
        except ValueError:
            raise click.BadParameter(f"{value!r} is no month such as 2026-10") from None
        return str(value)
