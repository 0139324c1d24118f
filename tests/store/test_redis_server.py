"""The private Redis: its own socket, nothing on the network, nothing on the disk."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import pytest

from store.hot import Hot
from store.redis_server import LONGEST_PATH, RedisServer, RedisServerError


def test_nobody_else_gets_in(redis_server: RedisServer) -> None:
    assert stat.S_IMODE(redis_server.directory.stat().st_mode) == 0o700
    assert stat.S_IMODE(redis_server.socket.stat().st_mode) == 0o700
    command = redis_server.command()
    assert command[command.index("--port") + 1] == "0"
    assert Path(f"/proc/{redis_server.pid}/comm").read_text() == "redis-server\n"


def test_starting_twice_is_harmless(redis_server: RedisServer) -> None:
    before = redis_server.pid
    assert RedisServer.start(redis_server.directory).pid == before


def test_it_keeps_nothing(redis_server: RedisServer) -> None:
    assert Hot(redis_server.url).wake()
    redis_server.stop()
    assert not redis_server.running
    redis_server.stop()
    assert {one.name for one in redis_server.directory.iterdir()} == {"log"}


def test_it_comes_up_where_one_was_killed(redis_server: RedisServer) -> None:
    redis_server.kill()
    assert not redis_server.running
    redis_server.kill()
    assert RedisServer.start(redis_server.directory).running


def test_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(RedisServerError, match="apt-get install redis-server"):
        RedisServer.start(tmp_path / "redis")


def test_a_path_that_no_socket_can_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RedisServerError, match=f"{LONGEST_PATH} bytes.*shorter state_dir"):
        RedisServer.start(tmp_path / ("x" * LONGEST_PATH))


def test_a_directory_that_cannot_be_had_is_said(tmp_path: Path) -> None:
    (tmp_path / "redis").touch()
    with pytest.raises(RedisServerError, match="redis"):
        RedisServer.start(tmp_path / "redis")
