"""Exact money: whole cents, and rates as whole 1/10,000 dollars a minute. Never a float.

A rate times seconds is kept exact until the last step, where a money line is rounded down to
the cent, so that no line is ever above rate x seconds / 60.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

Cents: TypeAlias = int
"""Whole US cents."""
RateE4: TypeAlias = int
"""1/10,000 dollar a minute: 1200 is $0.12 a minute."""

E4_SECONDS_PER_CENT = 60 * 100
"""A minute of one cent, in (1/10,000 dollar a minute) x seconds."""


def cents_of(rate_seconds: int) -> Cents:
    """Whole cents, rounded down, of a rate (1/10,000 dollar a minute) times seconds."""
    return rate_seconds // E4_SECONDS_PER_CENT


def rate_e4(dollars: str | Decimal) -> RateE4:
    """Dollars a minute as a rate; :class:`ValueError` unless it is exact and not negative."""
    try:
        scaled = Decimal(dollars) * 10_000
    except ArithmeticError:
        raise ValueError(f"{dollars!r} isn't an amount of dollars") from None
    if not scaled.is_finite() or scaled != int(scaled):
        raise ValueError(f"{dollars} has more than four decimal places")
    if scaled < 0:
        raise ValueError(f"{dollars} is negative")
    return int(scaled)


def dollars(cents: Cents) -> str:
    """Cents as a decimal string: 1234 gives ``12.34``."""
    return str(Decimal(cents).scaleb(-2))


def dollars_per_minute(rate: RateE4) -> str:
    """A rate as a decimal string of at least two places: 1200 gives ``0.12``, 1205 ``0.1205``."""
    text = str(Decimal(rate).scaleb(-4))
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.rstrip('0'):0<2}"
