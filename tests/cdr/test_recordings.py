"""Sealing a recording: what is kept, what is set aside, and a crash at every point."""

from __future__ import annotations

import hashlib
import struct
import wave
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from blocklists.privilege.registry import mark_privileged
from cdr import invariants, recordings
from cdr.recordings import QUARANTINE, Sealed, raw_length_ms, seal
from cdr.records import find, newest
from store.database import Database
from store.types import AnyRow
from tests.builders import (
    MORNING,
    NUMBER,
    accepted_call,
    at_once,
    build_jail,
    identified_call,
    seconds,
    talked,
)

LEFT, RIGHT = 1000, -2000
Recorded = Callable[[str, int], Path]


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    return tmp_path / "recordings"


@pytest.fixture
def recorded(tmp_path: Path) -> Recorded:
    """Writes what Asterisk would have: so many frames of two known levels."""
    (tmp_path / "spool").mkdir()

    def write(call_id: str, frames: int) -> Path:
        raw = tmp_path / "spool" / f"{call_id}.raw"
        raw.write_bytes(struct.pack("<hh", LEFT, RIGHT) * frames)
        return raw

    return write


def booked(database: Database, call_id: str) -> AnyRow:
    with database.begin() as connection:
        row = find(connection, call_id)
    assert row is not None
    return row


def findings(database: Database, shelf: Path) -> list[str]:
    with database.begin() as connection:
        whole = [*invariants.recordings_are_whole(connection)]
        audio = invariants.no_privileged_audio(connection, shelf.parent / "spool", shelf)
        return [*whole, *audio]


def assert_sealed(database: Database, shelf: Path, call_id: str, sealed: Sealed | None) -> None:
    assert sealed is not None
    row = booked(database, call_id)
    content = sealed.path.read_bytes()
    assert row.recording_sha256 == sealed.sha256 == hashlib.sha256(content).hexdigest()
    assert (row.recording_path, row.recording_bytes) == (str(sealed.path), len(content))
    assert findings(database, shelf) == []
    assert [path for path in shelf.rglob("*") if path.is_file()] == [sealed.path]


def test_what_was_recorded_is_kept(database: Database, shelf: Path, recorded: Recorded) -> None:
    call_id = talked(database, 2)
    raw = recorded(call_id, 16_000)
    assert raw_length_ms(raw) == 2000
    sealed = seal(database, raw, shelf)
    assert_sealed(database, shelf, call_id, sealed)
    assert sealed is not None
    assert sealed.path == shelf / "2026" / "11" / "02" / f"{call_id}.wav"
    assert booked(database, call_id).recording_ms == sealed.length_ms == 2000
    assert sealed.path.stat().st_mode & 0o777 == 0o440
    assert not raw.exists()
    assert raw_length_ms(raw) == 0
    with wave.open(str(sealed.path)) as sound:
        assert sound.getparams()[:4] == (2, 2, 8000, 16_000)
        assert sound.readframes(1) == struct.pack("<hh", LEFT, RIGHT)


def test_any_length_is_kept_to_the_frame(
    database: Database, shelf: Path, recorded: Recorded
) -> None:
    @settings(max_examples=10)
    @given(st.binary(max_size=100))
    def law(audio: bytes) -> None:
        call_id = talked(database, 2)
        raw = recorded(call_id, 0)
        raw.write_bytes(audio)
        sealed = seal(database, raw, shelf)
        assert sealed is not None
        with wave.open(str(sealed.path)) as sound:
            assert sound.readframes(100) == audio[: len(audio) // 4 * 4]

    law()
    assert findings(database, shelf) == []


def test_chunks_join_without_a_seam(
    database: Database, shelf: Path, recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    call_id = talked(database, 2)
    raw = recorded(call_id, 1001)
    audio = raw.read_bytes()
    monkeypatch.setattr(recordings, "CHUNK_FRAMES", 10)
    sealed = seal(database, raw, shelf)
    assert sealed is not None
    with wave.open(str(sealed.path)) as sound:
        assert sound.readframes(2000) == audio


def test_a_living_call_is_not_sealed(database: Database, shelf: Path, recorded: Recorded) -> None:
    raw = recorded(accepted_call(database), 8000)
    assert seal(database, raw, shelf) is None
    assert raw.exists()


def test_sealing_again_changes_nothing(database: Database, shelf: Path, recorded: Recorded) -> None:
    call_id = talked(database, 2)
    raw = recorded(call_id, 8000)
    sealed = seal(database, raw, shelf)
    assert seal(database, raw, shelf) is None
    assert_sealed(database, shelf, call_id, sealed)


class Crash(Exception):
    """The power went."""


@pytest.mark.parametrize("step", ["_write", "_publish", "_book"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_at_any_step_loses_nothing(
    database: Database,
    shelf: Path,
    recorded: Recorded,
    step: str,
    when: str,
) -> None:
    call_id = talked(database, 2)
    raw = recorded(call_id, 8000)
    real = getattr(recordings, step)

    def crash(*arguments: object) -> None:
        if when == "after":
            real(*arguments)
        raise Crash

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recordings, step, crash)
        with pytest.raises(Crash):
            seal(database, raw, shelf)
    assert raw.exists()
    assert_sealed(database, shelf, call_id, seal(database, raw, shelf))


def test_a_read_only_leftover_is_no_obstacle(
    database: Database, shelf: Path, recorded: Recorded
) -> None:
    call_id = talked(database, 2)
    part = shelf / "2026" / "11" / "02" / f"{call_id}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"half of it" * 10_000)
    part.chmod(0o440)
    assert_sealed(database, shelf, call_id, seal(database, recorded(call_id, 8000), shelf))


def test_several_at_once_seal_it_once(database: Database, shelf: Path, recorded: Recorded) -> None:
    call_id = talked(database, 2)
    raw = recorded(call_id, 80_000)
    done = [one for one in at_once(6, lambda _: seal(database, raw, shelf)) if one]
    assert len(done) == 1
    assert_sealed(database, shelf, call_id, done[0])


def test_sealed_evidence_is_never_overwritten(
    database: Database, shelf: Path, recorded: Recorded, caplog: pytest.LogCaptureFixture
) -> None:
    call_id = talked(database, 2)
    sealed = seal(database, recorded(call_id, 8000), shelf)
    assert seal(database, recorded(call_id, 9), shelf) is None
    assert sealed is not None
    assert hashlib.sha256(sealed.path.read_bytes()).hexdigest() == sealed.sha256
    assert "another recording" in caplog.text
    assert len([*(shelf / QUARANTINE).rglob("*.raw")]) == 1


def test_audio_that_must_not_be_is_set_aside(
    database: Database, shelf: Path, recorded: Recorded, caplog: pytest.LogCaptureFixture
) -> None:
    with database.begin() as connection:
        mark_privileged(connection, NUMBER, "bar")
    call_id = talked(database, 2)
    for _ in range(2):
        raw = recorded(call_id, 800)
        assert findings(database, shelf)
        assert seal(database, raw, shelf) is None
        assert not raw.exists()
    assert "must not be recorded" in caplog.text
    assert booked(database, call_id).recording_path is None
    assert len([*(shelf / QUARANTINE).rglob("*.raw")]) == 2, "nothing is ever overwritten"
    assert len(findings(database, shelf)) == 2


def test_the_checks_find_what_is_missing_or_changed(
    database: Database, shelf: Path, recorded: Recorded
) -> None:
    call_id = talked(database, 2)
    sealed = seal(database, recorded(call_id, 8000), shelf)
    assert sealed is not None
    sealed.path.chmod(0o600)
    with sealed.path.open("ab") as tail:
        tail.write(b"more")
    assert ["isn't the one" in found for found in findings(database, shelf)] == [True]
    sealed.path.unlink()
    assert ["missing" in found for found in findings(database, shelf)] == [True]


def test_the_checks_find_a_forbidden_recording_on_the_books(
    database: Database, shelf: Path, recorded: Recorded
) -> None:
    call_id = talked(database, 2)
    assert seal(database, recorded(call_id, 8000), shelf)
    with database.begin() as connection:
        connection.execute(text("UPDATE calls SET privileged = true"))
    assert len(findings(database, shelf)) == 2, "the row and the file"


def test_records_are_found_newest_first(database: Database) -> None:
    old, new = (talked(database, 1, MORNING + seconds(at)) for at in (0, 60))
    living = identified_call(database)
    with database.begin() as connection:
        assert [row.call_id for row in newest(connection, 5)] == [new, old]
        assert [row.call_id for row in newest(connection, 1)] == [new]
        assert find(connection, living) is None


def test_a_recording_that_misses_talk_is_told(
    database: Database,
    shelf: Path,
    recorded: Recorded,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a full disk leaves: the call went on, its recording is short, empty or not there."""
    whole, short, missing = (talked(database, 30) for _ in range(3))
    for call_id, length in ((whole, 29), (short, 3)):
        raw = recorded(call_id, length * recordings.SAMPLE_RATE)
        assert seal(database, raw, shelf) is not None
    assert f"call {short}: 3000 of 30000 ms are recorded" in caplog.text
    assert whole not in caplog.text
    with database.begin() as connection:
        assert recordings.incomplete(connection) == []
        monkeypatch.setattr(recordings, "SEALED_WITHIN", timedelta(seconds=-1))
        assert set(recordings.incomplete(connection)) == {short, missing}
