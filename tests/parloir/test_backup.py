"""A backup and its restore on both databases: the same books, or nothing."""

from __future__ import annotations

import hashlib
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from blocklists import bulk
from blocklists.lists import BlockCause
from parloir import restore as restore_module
from parloir.common import Group, Platform
from parloir.initialise import create
from parloir.main import main
from store import archive
from store.backup import BackupError, Totals, dump, load, totals
from store.database import Database, open_database
from store.tables import accounts, cdrs, entries, metadata, recordings
from store.types import now
from tests.builders import (
    FACILITY,
    KEY,
    NUMBER,
    accepted_call,
    balance,
    build_jail,
    identified_call,
    open_debit,
    pay_in,
    talked,
)
from tests.services import fresh_postgres

Fresh = Callable[[], Platform]


def run(platform: Platform, command: str, *words: str | Path) -> Result:
    """What a command of the platform says."""
    desk = Group(commands=main.commands)
    return CliRunner().invoke(desk, [command, *map(str, words)], obj=platform)


def rows(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Everything in the database."""
    with database.begin() as connection:
        return {
            name: [tuple(row) for row in connection.execute(table.select())]
            for name, table in metadata.tables.items()
        }


@pytest.fixture
def platform(database: Database, database_url: str, tmp_path: Path) -> Iterator[Platform]:
    """A platform that has seen some calls, and has one in its menus."""
    build_jail(database)
    open_debit(database)
    talked(database, 130)
    talked(database, 61.5)
    identified_call(database)
    directory = tmp_path / "old"
    directory.mkdir()
    (directory / "parloir.toml").write_text(f'database = "{database_url}"\n')
    (directory / "pin.key").write_bytes(KEY)
    (directory / "ami.secret").write_text("secret")
    made = Platform(directory / "parloir.toml")
    yield made
    made.database.close()


@pytest.fixture
def fresh(database: Database, tmp_path: Path, run_dir: Path) -> Iterator[Fresh]:
    """Makes platforms of the same kind with nothing in them."""
    with ExitStack() as stack:

        def make() -> Platform:
            url = ""
            if database.engine.dialect.name == "postgresql":
                url = stack.enter_context(fresh_postgres(run_dir))
            directory = tmp_path / f"new-{len(list(tmp_path.iterdir()))}"
            create(directory, url)
            made = Platform(directory / "parloir.toml")
            stack.callback(lambda: made.database.close())
            return made

        yield make


@contextmanager
def paying_in(database: Database) -> Iterator[Event]:
    """Somebody pays in as fast as the database takes it; the event tells of the first few."""
    going, stop = Event(), Event()

    def pay() -> None:
        paid = 0
        while not stop.is_set():
            pay_in(database, 100)
            paid += 1
            if paid > 3:
                going.set()

    thread = Thread(target=pay)
    thread.start()
    yield going
    stop.set()
    thread.join()


def test_a_restored_platform_is_the_same(platform: Platform, fresh: Fresh, tmp_path: Path) -> None:
    made = run(platform, "backup", tmp_path / "b.tar")
    assert made.exit_code == 0, made.output
    assert stat.S_IMODE((tmp_path / "b.tar").stat().st_mode) == 0o600
    new = fresh()
    own_key = new.settings.pin_key_file.read_bytes()
    done = run(new, "restore", tmp_path / "b.tar")
    assert done.exit_code == 0, done.output
    assert "the control totals agree: 4 entries" in done.output
    assert "BROKEN" not in done.output
    assert "ok     every entry's postings sum to zero" in done.output
    assert rows(new.database) == rows(platform.database)
    assert new.pin_key == KEY
    assert new.settings.ami_secret_file.read_text() == "secret"
    assert stat.S_IMODE(new.settings.pin_key_file.stat().st_mode) == 0o600
    assert (new.settings.state_dir / "pin.key.before-restore").read_bytes() == own_key
    kept = (new.settings.state_dir / "parloir.toml.restored").read_text()
    assert kept == (platform.settings.state_dir / "parloir.toml").read_text()
    assert not list(new.settings.state_dir.glob(".restore-*"))


def test_a_restored_platform_goes_on(platform: Platform, fresh: Fresh, tmp_path: Path) -> None:
    run(platform, "backup", tmp_path / "b.tar")
    new = fresh()
    run(new, "restore", tmp_path / "b.tar")
    before = balance(new.database)
    pay_in(new.database, 500)
    assert talked(new.database, 70)
    assert balance(new.database).balance_cents < before.balance_cents + 500
    # The evidence is as protected as it was.
    with pytest.raises(Exception, match="append-only"), new.database.begin() as connection:
        connection.execute(entries.delete())


def test_a_backup_while_money_moves_is_one_moment(
    platform: Platform, fresh: Fresh, database: Database, tmp_path: Path
) -> None:
    with paying_in(database) as going:
        assert going.wait(30)
        dumped = dump(platform.settings.database_url, tmp_path / "dump")
        done = run(platform, "backup", tmp_path / "b.tar")
    assert done.exit_code == 0, done.output
    assert dumped.totals.entries > 4
    new = fresh()
    restored = run(new, "restore", tmp_path / "b.tar")
    assert restored.exit_code == 0, restored.output
    with new.database.begin() as connection:
        assert totals(connection).entries >= dumped.totals.entries
    assert balance(new.database).balance_cents <= balance(database).balance_cents


def test_control_totals_are_what_the_books_say(platform: Platform) -> None:
    with platform.database.begin() as connection:
        found = totals(connection)
        newest = max(row.id for row in connection.execute(entries.select()))
        spent = sum(row.charged_cents for row in connection.execute(cdrs.select()))
    assert found.newest_entry == newest
    assert (found.entries, found.cdrs, found.charged_cents) == (4, 2, spent)
    assert found.balance_cents["inmate_debit"] == 2000
    assert sum(found.balance_cents.values()) == 0
    assert found.debit_cents == 4000 + spent


def test_a_platform_with_anything_in_it_is_left_alone(
    platform: Platform, fresh: Fresh, tmp_path: Path
) -> None:
    run(platform, "backup", tmp_path / "b.tar")
    before = rows(platform.database)
    refused = run(platform, "restore", tmp_path / "b.tar")
    assert refused.exit_code == 1
    assert "the database isn't empty" in refused.output
    assert rows(platform.database) == before
    new = fresh()
    with new.database.begin() as connection:
        row = {"id": "x", "product": "inmate_debit", "holder": "y", "opened_at": now()}
        connection.execute(accounts.insert(), row)
    assert "1 rows in accounts" in run(new, "restore", tmp_path / "b.tar").output


@pytest.mark.parametrize("harm", ["cut", "flipped", "foreign"])
def test_a_harmed_backup_changes_nothing(
    platform: Platform, fresh: Fresh, tmp_path: Path, harm: str
) -> None:
    file = tmp_path / "b.tar"
    run(platform, "backup", file)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    harmed = {"cut": content[: len(content) // 2], "flipped": content, "foreign": b"no backup"}
    file.write_bytes(bytes(harmed[harm]))
    new = fresh()
    before, files = rows(new.database), sorted(new.settings.state_dir.iterdir())
    refused = run(new, "restore", file)
    assert refused.exit_code == 1
    assert len(refused.output.splitlines()) == 1
    assert str(file) in refused.output
    assert (rows(new.database), sorted(new.settings.state_dir.iterdir())) == (before, files)


def test_totals_that_differ_leave_nothing(platform: Platform, fresh: Fresh, tmp_path: Path) -> None:
    dumped = dump(platform.settings.database_url, tmp_path / "dump")
    new = fresh()
    wrong = replace(dumped.totals, charged_cents=dumped.totals.charged_cents + 1)
    with pytest.raises(BackupError, match="control totals differ"):
        load(new.settings.database_url, tmp_path / "dump", wrong)
    again = create(new.settings.state_dir, new.settings.database)
    with closing(open_database(again.database_url)) as database:
        assert not any(found for name, found in rows(database).items() if name != "accounts")
    load(new.settings.database_url, tmp_path / "dump", dumped.totals)
    assert rows(new.database) == rows(platform.database)


def test_what_cannot_be_loaded_leaves_nothing(fresh: Fresh, tmp_path: Path) -> None:
    (tmp_path / "dump").write_bytes(b"neither of both")
    new = fresh()
    with pytest.raises(Exception, match=r"not a database|pg_restore failed"):
        load(new.settings.database_url, tmp_path / "dump", Totals(0, 0, 0, {}, 0, 0))
    create(new.settings.state_dir, new.settings.database)
    assert not any(rows(new.database)[name] for name in ("entries", "calls", "persons"))


def test_a_backup_of_a_newer_version_or_another_database_is_refused(
    platform: Platform, fresh: Fresh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(platform, "backup", tmp_path / "b.tar")
    new = fresh()
    monkeypatch.setattr(restore_module, "newest_schema", lambda: "0001")
    assert "upgrade first" in run(new, "restore", tmp_path / "b.tar").output
    there = archive.extract(tmp_path / "b.tar", tmp_path / "out")
    about = there | {"kind": "oracle"}
    archive.write(tmp_path / "c.tar", {}, about)
    assert "is of a oracle database" in run(new, "restore", tmp_path / "c.tar").output
    archive.write(tmp_path / "d.tar", {}, {"kind": "sqlite"})
    assert "is no backup of a platform" in run(new, "restore", tmp_path / "d.tar").output


def test_recordings_come_along_when_asked(platform: Platform, fresh: Fresh, tmp_path: Path) -> None:
    audio = platform.settings.recordings_dir / "2026" / "11" / "02" / "x.wav"
    audio.parent.mkdir(parents=True)
    audio.write_bytes(b"RIFF")
    with platform.database.begin() as connection:
        call_id = connection.execute(select(func.max(cdrs.c.call_id))).scalar_one()
        row = {"call_id": call_id, "path": str(audio), "length_ms": 1, "bytes": 4}
        hashed = {"sha256": hashlib.sha256(b"RIFF").hexdigest(), "sealed_at": now()}
        connection.execute(recordings.insert(), row | hashed)
    without = run(platform, "backup", tmp_path / "without.tar")
    assert "1 recordings are listed and not in it" in without.output
    run(platform, "backup", tmp_path / "with.tar", "--with-recordings")
    for file, there in (("without.tar", False), ("with.tar", True)):
        new = fresh()
        assert run(new, "restore", tmp_path / file).exit_code == 0
        path = new.settings.recordings_dir / "2026" / "11" / "02" / "x.wav"
        assert path.exists() is there


def test_a_broken_rule_is_told_after_a_restore(
    platform: Platform, fresh: Fresh, tmp_path: Path
) -> None:
    accepted_call(platform.database)
    run(platform, "backup", tmp_path / "b.tar")
    new = fresh()
    done = run(new, "restore", tmp_path / "b.tar")
    # The call is from a month ago: nobody ended it, and its hold is still there.
    assert done.exit_code == 1
    assert "BROKEN no hold outlives its lease" in done.output
    assert rows(new.database) == rows(platform.database)


def test_a_backup_that_fails_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "parloir.toml").touch()
    nothing = Platform(tmp_path / "parloir.toml")
    done = run(nothing, "backup", tmp_path / "b.tar")
    assert done.exit_code == 1
    assert not (tmp_path / "b.tar").exists()


def test_lists_of_millions_come_along(platform: Platform, fresh: Fresh, tmp_path: Path) -> None:
    source = tmp_path / "list.txt"
    source.write_text(NUMBER)
    load_list = ("bulk", "load", source, "--name", "watch", "--by", "clerk")
    assert run(platform, "number", *load_list).exit_code == 0
    backup = tmp_path / "backup.tar"
    assert run(platform, "backup", backup).exit_code == 0
    shutil.rmtree(platform.settings.lists_dir)
    restored = fresh()
    assert run(restored, "restore", backup).exit_code == 0
    with restored.database.begin() as connection:
        lists = connection.execute(select(bulk.of_call(FACILITY, now()))).scalar_one()
    assert bulk.blocked(lists, NUMBER) is BlockCause.FACILITY
