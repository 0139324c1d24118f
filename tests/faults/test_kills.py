"""Every part of the platform is killed once while twenty calls live: the books stay right."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import SystemRandom

import pytest

from benchmarks.storm import CALLS, storm
from tests.conftest import RUN


@pytest.fixture
def directory(pytestconfig: pytest.Config) -> Iterator[Path]:
    """Where PostgreSQL's own user may pass through; the path of a socket is to be short."""
    with tempfile.TemporaryDirectory(prefix="s", dir=pytestconfig.stash[RUN]) as found:
        Path(found).chmod(0o711)
        yield Path(found)


@pytest.mark.alone
def test_no_kill_makes_the_books_wrong(directory: Path) -> None:
    with storm(directory, SystemRandom().randrange(10**6)) as parts:
        assert parts.blow() == []
        assert parts.compared > CALLS // 4
