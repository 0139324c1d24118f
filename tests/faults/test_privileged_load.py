"""Two hundred calls to privileged numbers, through a real Asterisk: no audio of any."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from benchmarks import town
from benchmarks.platform import PlatformSide
from blocklists.privilege.registry import Entry, register
from parloir.check import findings_by_rule
from parloir.initialise import create
from store.tables import cdrs
from store.types import now
from tests.conftest import RUN

# Longer than the ring, the announcement of what isn't recorded, and the called party's menu.
TALK_MS = 14_000
RATE = 2
CALLS = 240
EVERY = 6
"""One call in so many is to a number that isn't privileged: to show that audio would be found."""


@pytest.fixture
def side(pytestconfig: pytest.Config) -> Iterator[PlatformSide]:
    with tempfile.TemporaryDirectory(prefix="p", dir=pytestconfig.stash[RUN]) as found:
        settings = create(Path(found))
        one = PlatformSide(Path(found) / "parloir.toml", [], None, TALK_MS)
        one.callers += town.settle(settings, one.database)
        with one:
            yield one


@pytest.mark.slow
def test_no_audio_of_two_hundred_privileged_calls(side: PlatformSide) -> None:
    with side.database.begin() as connection:
        for place, caller in enumerate(side.callers):
            if place % EVERY:
                entry = Entry(caller.number, "letter", person_id=caller.person)
                register(connection, entry, "desk", now())
    assert side.place(RATE, CALLS).placed == CALLS
    with side.database.begin() as connection:
        records = connection.execute(select(cdrs)).all()
    talked = {row.call_id: row.privileged for row in records if row.talk_ms}
    private = sum(talked.values())
    assert private >= 0.9 * CALLS * (EVERY - 1) / EVERY
    spool = side.settings.asterisk_dir / "spool"
    places = (spool, side.settings.recordings_dir)
    audio = [
        path for place in places for path in place.rglob("*") if path.suffix in (".raw", ".wav")
    ]
    assert {path.stem for path in audio} == {one for one, secret in talked.items() if not secret}
    assert [row.call_id for row in records if row.privileged and row.recorded] == []
    rules = findings_by_rule(side.settings, side.database)
    assert [finding for _, findings in rules for finding in findings] == []
