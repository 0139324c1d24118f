"""Recordings of privileged calls: set aside, told, and never deleted."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from blocklists.privilege import attorneys, notices, registry
from blocklists.privilege.attorneys import Attorney
from blocklists.privilege.registry import Entry
from calls import oversight, quarantining
from calls.ending import CALLED, Ending, end
from calls.quarantining import Swept
from cdr import invariants, quarantine, recordings
from cdr.records import find
from store.database import Database
from store.tables import quarantines
from store.types import AnyRow, now
from tests.builders import MORNING, NUMBER, accepted_call, build_jail, seconds, talked

AUDIO = struct.pack("<hh", 1000, -2000) * 8000
DAY = timedelta(days=1)
Recorded = Callable[[str], Path]


@pytest.fixture(autouse=True)
def jail(database: Database) -> None:
    build_jail(database)
    with database.begin() as connection:
        one = Attorney("okafor", "Ada Okafor", email="ada@example.org", language="es")
        attorneys.add(connection, one, "desk", MORNING)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    return tmp_path / "recordings"


@pytest.fixture
def recorded(database: Database, tmp_path: Path, shelf: Path) -> Recorded:
    """A call that was recorded, and sealed."""
    (tmp_path / "spool").mkdir()

    def seal(call_id: str) -> Path:
        raw = tmp_path / "spool" / f"{call_id}.raw"
        raw.write_bytes(AUDIO)
        sealed = recordings.seal(database, raw, shelf)
        assert sealed is not None
        return sealed.path

    return seal


def register(database: Database, **about: Any) -> int:
    with database.begin() as connection:
        entry = Entry(NUMBER, "letter", attorney_id="okafor", **about)
        return registry.register(connection, entry, "desk", now())


def sweep(database: Database, shelf: Path, at: timedelta = timedelta()) -> Swept:
    return quarantining.sweep(database, shelf, "test", now() + at)


def findings(database: Database, shelf: Path) -> list[str]:
    with database.begin() as connection:
        return [
            *invariants.no_privileged_audio(connection, shelf.parent / "spool", shelf),
            *invariants.recordings_are_whole(connection),
            *invariants.quarantine_is_closed(connection),
        ]


def kept(database: Database) -> list[AnyRow]:
    with database.begin() as connection:
        return list(connection.execute(select(quarantines)))


def test_what_is_privileged_now_is_set_aside_and_the_lawyer_told(
    database: Database, shelf: Path, recorded: Recorded
) -> None:
    file = recorded(talked(database, 1))
    before = file.read_bytes()
    assert sweep(database, shelf) == Swept(recordings=1)
    register(database)
    assert [*quarantining.pending(database, now())] == [file.stem]
    assert file.exists()
    assert sweep(database, shelf) == Swept(1, 1, 0, 1)
    (row,) = kept(database)
    moved = Path(row.path)
    assert not file.exists()
    assert moved.read_bytes() == before
    assert row.sha256 == hashlib.sha256(before).hexdigest()
    assert moved.stat().st_mode & 0o777 == 0o400
    assert (shelf / quarantine.FOLDER).stat().st_mode & 0o777 == 0o700
    assert (row.call_id, row.number, row.actor) == (file.stem, NUMBER, "test")
    with database.begin() as connection:
        record = find(connection, file.stem)
        (notice,) = notices.listed(connection)
        assert [one.call_id for one in quarantine.cases(connection)] == [file.stem]
    assert record is not None
    assert record.quarantine_path == str(moved)
    assert "privileged now" in record.quarantined
    assert "Se encontró" in notice.text
    assert file.stem in notice.text
    assert findings(database, shelf) == []
    assert sweep(database, shelf) == Swept(1, 0, 0, 0), "once"


def test_what_was_privileged_then_is_set_aside_though_lifted_since(
    database: Database, shelf: Path, recorded: Recorded
) -> None:
    file = recorded(talked(database, 1))
    entry = register(database)
    with database.begin() as connection:
        registry.lift(connection, entry, "desk", now())
    assert sweep(database, shelf, DAY).quarantined == 0, "the call was over before the entry"
    with database.begin() as connection:
        connection.execute(text("UPDATE privileged_numbers SET at = :at"), {"at": str(MORNING)})
    assert sweep(database, shelf, DAY).quarantined == 1
    assert not file.exists()
    assert "then" in kept(database)[0].why


@pytest.mark.parametrize("about", [{"person_id": "100002"}, {"expires_at": now() + DAY}])
def test_whom_the_registry_does_not_bind_is_left(
    database: Database, shelf: Path, recorded: Recorded, about: dict[str, Any]
) -> None:
    file = recorded(talked(database, 1))
    register(database, **about)
    assert sweep(database, shelf, 2 * DAY).quarantined == 0
    assert file.exists()


def test_a_recording_that_is_stopped_goes_to_quarantine_as_it_is(
    database: Database, shelf: Path, tmp_path: Path
) -> None:
    call_id = accepted_call(database)
    register(database)
    oversight.look(database, MORNING + seconds(1))
    end(database, call_id, Ending(CALLED, MORNING + seconds(9), joined_at=MORNING))
    raw = tmp_path / "spool" / f"{call_id}.raw"
    raw.parent.mkdir()
    raw.write_bytes(AUDIO)
    assert recordings.seal(database, raw, shelf) is None
    (row,) = kept(database)
    assert Path(row.path).read_bytes() == AUDIO
    assert "became privileged" in row.why
    assert not raw.exists()
    assert findings(database, shelf) == []
    # What still comes is nothing that could be accounted for.
    raw.write_bytes(b"more")
    assert recordings.seal(database, raw, shelf) is None
    assert Path(row.path).read_bytes() == AUDIO, "nothing is ever overwritten"
    assert len(findings(database, shelf)) == 1


@pytest.mark.parametrize("step", ["_write", "_move", "replace"])
def test_a_crash_at_any_point_is_mended_by_the_next_sweep(
    database: Database,
    shelf: Path,
    recorded: Recorded,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    file = recorded(talked(database, 1))
    before = file.read_bytes()
    register(database)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(Path if step == "replace" else quarantine, step, dies)
        with pytest.raises(KeyboardInterrupt):
            sweep(database, shelf)
    swept = sweep(database, shelf)
    assert swept.failed == 0
    (row,) = kept(database)
    assert Path(row.path).read_bytes() == before
    assert not file.exists()
    assert findings(database, shelf) == []
    assert swept.notices == 1


def test_a_file_that_is_gone_is_told_and_kept_nowhere(
    database: Database, shelf: Path, recorded: Recorded
) -> None:
    recorded(talked(database, 1)).unlink()
    register(database)
    swept = sweep(database, shelf)
    assert (swept.failed, swept.notices) == (1, 0), "nobody is told that it is locked away"
    assert kept(database) == []
    assert len(findings(database, shelf)) == 1


def test_a_quarantine_that_was_opened_is_found(
    database: Database, shelf: Path, recorded: Recorded
) -> None:
    recorded(talked(database, 1))
    register(database)
    sweep(database, shelf)
    moved = Path(kept(database)[0].path)
    moved.chmod(0o444)
    assert ["isn't closed" in one for one in findings(database, shelf)] == [True]
    moved.unlink()
    assert len(findings(database, shelf)) == 2, "missing, twice"


def test_who_is_about_to_expire_is_told_once(database: Database, shelf: Path) -> None:
    register(database, expires_at=now() + 20 * DAY)
    assert [sweep(database, shelf).notices for _ in range(2)] == [1, 0]
    with database.begin() as connection:
        (notice,) = notices.listed(connection)
        notices.note_sent(connection, notice.id, now())
        assert notices.listed(connection) == []
        assert len(notices.listed(connection, sent=True)) == 1
        with pytest.raises(registry.PrivilegeError, match="no notice 99"):
            notices.note_sent(connection, 99, now())
