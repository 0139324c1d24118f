"""The words of statements and invoices, a file a language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from accounts.ledger import LedgerError

Words = Mapping[str, Any]


@cache
def languages() -> tuple[str, ...]:
    """The codes of all languages that there are words in."""
    named = (path.name for path in files("billing").joinpath("words").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in named if name.endswith(".toml")))


@cache
def words(language: str) -> Words:
    """The words of a language. Raises :class:`LedgerError` when there are none."""
    if language not in languages():
        raise LedgerError(f"no statements in {language!r}, only in {', '.join(languages())}")
    text = files("billing").joinpath("words", f"{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
