"""Dollars as people write them, to and from cents."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import click


def dollars(cents: int) -> str:
    """``$12.34`` or ``-$0.05``."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}${whole}.{rest:02}"


class Amount(click.ParamType[int]):
    """An option's amount in dollars; gives whole cents."""

    name = "dollars"

    def convert(self, value: object, param: object, ctx: object) -> int:
        """Read ``25``, ``25.5`` or ``$25.50``."""
        try:
            cents = Decimal(str(value).removeprefix("$")) * 100
            if cents == int(cents):
                return int(cents)
        except (InvalidOperation, OverflowError, ValueError):
            pass
        raise click.BadParameter(f"{value!r} is no amount of dollars and cents, such as 25.50")
