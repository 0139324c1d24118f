"""The page on the API against the code; and that the API is served as the page says."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from api import envelope, throttle
from api.problems import Kind
from api.tokens import GRANTABLE, Scope
from store.settings import ApiSettings
from tests.test_docs import ROOT, rows

PAGE = "docs/api.md"


def test_every_scope_is_told() -> None:
    told = {row[0]: row[1] for row in rows(PAGE, "scope")}
    assert told == {
        scope.value: ", ".join(role for role in GRANTABLE if scope in GRANTABLE[role])
        for scope in Scope
    }


def test_every_problem_is_told() -> None:
    told = {row[0]: row[1] for row in rows(PAGE, "type")}
    assert told == {f"urn:parloir:problem:{kind.slug}": str(kind.status) for kind in Kind}


def test_the_figures_are_the_codes() -> None:
    page = " ".join((ROOT / PAGE).read_text(encoding="utf-8").split())
    limits = (throttle.TOKEN, throttle.PUBLIC, throttle.WRONG_TOKENS)
    token, public, wrong = (one.amount for one in limits)
    assert f"{token} requests a minute for each token; {public} a minute for each address" in page
    assert f"and {wrong} with a wrong one" in page
    assert f"more than {envelope.LARGEST_BODY // 1024} KiB" in page
    assert f"`{ApiSettings().host}:{ApiSettings().port}`" in page


@pytest.mark.usefixtures("desk")
def test_it_is_served(tmp_path: Path, sqlite_url: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = tmp_path / "parloir.toml"
    settings.write_text(f'database = "{sqlite_url}"\n[api]\nport = {port}\n', encoding="utf-8")
    command = [sys.executable, "-m", "parloir", "--settings", str(settings), "api", "serve"]
    with subprocess.Popen(command, cwd=ROOT) as serving:
        try:
            _await(port)
            told = httpx2.get(f"http://127.0.0.1:{port}/accounts/rivera")
            assert told.status_code == 401
            assert "server" not in told.headers
        finally:
            serving.send_signal(signal.SIGTERM)
            assert serving.wait(20) in (0, -signal.SIGTERM)


def _await(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert time.monotonic() < deadline, "the API doesn't come up"
            time.sleep(0.05)
