"""The monitor as a process: it comes up with Asterisk, ends when it is told, says what is wrong."""

from __future__ import annotations

import asyncio
import stat
import tomllib
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from asterisk_conf import secret
from asterisk_conf.errors import AsteriskError
from parloir import parts
from parloir.initialise import create
from parloir.main import main
from parloir.stack import Stack
from tests.monitor import ami_side
from tests.monitor.ami_side import AmiSide, listening, until


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    create(tmp_path)
    return Stack(tmp_path / "parloir.toml")


def test_it_comes_up_with_asterisk_and_ends_when_told(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ami_side, "SECRET", secret.kept(stack.settings))

    async def scene() -> None:
        side = AmiSide()
        async with listening(side, stack.settings.asterisk.ami_port):
            for at_once in (True, False):
                await asyncio.to_thread(stack.start_monitor)
                assert stack.monitor_pid is not None
                await until(lambda: "CoreShowChannels" in side.actions or side.open)
                await asyncio.to_thread(stack.stop_monitor, at_once=at_once)
                assert stack.monitor_pid is None

    with closing(stack.database):
        asyncio.run(scene())
    log = (stack.settings.state_dir / "monitor.log").read_text()
    assert log.count("connected to Asterisk") == 2
    assert "Traceback" not in log
    assert secret.kept(stack.settings) not in log


def test_no_asterisk_no_monitor(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "START_SECONDS", 1.0)
    with closing(stack.database), pytest.raises(AsteriskError, match=r"monitor\.log"):
        stack.start_monitor()
    stack.stop_monitor()


def test_the_password_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    settings = create(tmp_path)
    made = secret.kept(settings)
    assert len(made) >= 40
    assert stat.S_IMODE(settings.ami_secret_file.stat().st_mode) == 0o600
    create(tmp_path)
    assert secret.made(settings) == made
    ports = tomllib.loads((tmp_path / "parloir.toml").read_text())
    assert ports["asterisk"]["ami_port"] not in (5038, ports["agi"]["port"])


def test_no_password_is_one_plain_line(tmp_path: Path) -> None:
    create(tmp_path).ami_secret_file.unlink()
    told = CliRunner().invoke(main, ["--settings", str(tmp_path / "parloir.toml"), "monitor"])
    assert told.exit_code == 1
    assert told.output.startswith("Error: no password for the manager interface")
    assert len(told.output.splitlines()) == 1
