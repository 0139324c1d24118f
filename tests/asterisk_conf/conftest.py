"""Two Asterisks side by side, and two phones on them."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from asterisk_conf.install import Installation, find_or_build
from asterisk_conf.instance import Instance
from asterisk_conf.lines import Phone as Line
from asterisk_conf.render import Kind
from phones.phone import Phone
from store.settings import AgiSettings, CallSettings, Settings
from tests.asterisk_conf.scene import Call
from tests.asterisk_conf.stage import (
    HOME,
    INMATE,
    MEDIA_SECONDS,
    NEIGHBOUR,
    Stage,
    free_port,
    free_ports,
    write_sounds,
)


@pytest.fixture(scope="session")
def installation() -> Installation:
    return find_or_build()


@pytest.fixture(scope="session")
def stage(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    settings = Settings(
        state_dir=tmp_path_factory.mktemp("stage"),
        asterisk=replace(free_ports(), rtp_start=20000, rtp_end=24999, media_seconds=MEDIA_SECONDS),
        agi=AgiSettings(port=free_port(socket.SOCK_STREAM)),
        call=CallSettings(accept_seconds=20),
    )
    platform = Instance(installation, settings, Kind.PLATFORM, [Line(INMATE, "one")])
    exchange = Instance(
        installation, settings, Kind.EXCHANGE, [Line(HOME, "two"), Line(NEIGHBOUR, "three")]
    )
    try:
        platform.up()
        exchange.up()
        yield Stage(platform, exchange, write_sounds(platform.sounds_dir), settings.agi.port)
    finally:
        platform.remove()
        exchange.remove()


@pytest.fixture
def phones(stage: Stage, tmp_path: Path) -> Iterator[tuple[Phone, Phone]]:
    """The inmate's phone and the one at home, registered."""
    with _phone(stage, tmp_path, INMATE, "one") as inmate, _phone(stage, tmp_path, HOME) as home:
        yield inmate, home


@pytest.fixture
def neighbour(stage: Stage, tmp_path: Path) -> Iterator[Phone]:
    """Another one at home."""
    with _phone(stage, tmp_path, NEIGHBOUR, "three") as phone:
        yield phone


@pytest.fixture
def staller(stage: Stage, tmp_path: Path) -> Iterator[Phone]:
    """One that takes calls and says nothing to them."""
    with _phone(stage, tmp_path, NEIGHBOUR, "three", rings=False) as phone:
        yield phone


@contextmanager
def _phone(
    stage: Stage, folder: Path, name: str, word: str = "two", *, rings: bool = True
) -> Iterator[Phone]:
    ports = stage.platform.settings.asterisk
    port = ports.sip_port if name == INMATE else ports.trunk_port
    registrar = f"127.0.0.1:{port}"
    with Phone(name, folder / name, password=word, registrar=registrar, rings=rings) as phone:
        phone.register()
        yield phone


@pytest.fixture
def call(stage: Stage, phones: tuple[Phone, Phone]) -> Iterator[Call]:
    one = Call(stage, phones)
    yield one
    one.server.kill()
    deadline = time.monotonic() + 10
    while stage.channels() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert stage.channels() == []
