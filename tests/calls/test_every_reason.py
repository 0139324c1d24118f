"""There is no reason of a refusal that isn't heard on a real phone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from types import FunctionType

import pytest

from calls.reasons import Reason


def marks(tests: Iterable[object]) -> Iterator[pytest.Mark]:
    """The marks of test functions, and of what they are parametrized with."""
    for test in tests:
        for mark in getattr(test, "pytestmark", ()):
            yield mark
            if mark.name == "parametrize":
                yield from (one for values in mark.args[1] for one in getattr(values, "marks", ()))


def test_every_reason_is_heard() -> None:
    heard: set[Reason] = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        module = import_module(f"{__package__}.{path.stem}")
        own = [one for one in vars(module).values() if isinstance(one, FunctionType)]
        tests = [one for one in own if one.__name__.startswith("test_")]
        heard.update(*(mark.args for mark in marks(tests) if mark.name == "hears"))
    assert {one.name for one in Reason} - {one.name for one in heard} == set()
