"""Area codes of the North American plan: country and, in the US, state or territory.

Data only; what follows from a country is decided by the rooms. As assigned on ``AS_OF``; the
plan's administrator publishes changes, and a missing code cuts a family off: keep it fresh.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

AS_OF = "2026-11-21"


@dataclass(frozen=True)
class AreaCode:
    """One NPA. ``country`` is ISO 3166; ``state`` is the US postal code, else empty."""

    npa: str
    country: str
    state: str


@cache
def area_codes() -> dict[str, AreaCode]:
    """All area codes by NPA."""
    text = files("store").joinpath("data/npa.csv").read_text(encoding="ascii")
    return {row["npa"]: AreaCode(**row) for row in csv.DictReader(text.splitlines())}
