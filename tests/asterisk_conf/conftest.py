"""Two Asterisks side by side, and two phones on them."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from asterisk_conf.install import Installation, find_or_build
from asterisk_conf.instance import Instance
from asterisk_conf.render import Kind
from asterisk_conf.render import Phone as Line
from phones.phone import Phone
from store.settings import AgiSettings, AsteriskSettings, CallSettings, Settings
from tests.asterisk_conf.scene import Call
from tests.asterisk_conf.stage import HOME, INMATE, Stage, free_port, write_sounds


@pytest.fixture(scope="session")
def installation() -> Installation:
    return find_or_build()


@pytest.fixture(scope="session")
def stage(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    settings = Settings(
        state_dir=tmp_path_factory.mktemp("stage"),
        asterisk=AsteriskSettings(
            sip_port=free_port(), trunk_port=free_port(), rtp_start=20000, rtp_end=24999
        ),
        agi=AgiSettings(port=free_port(socket.SOCK_STREAM)),
        call=CallSettings(accept_seconds=20),
    )
    platform = Instance(installation, settings, Kind.PLATFORM, [Line(INMATE, "one")])
    exchange = Instance(installation, settings, Kind.EXCHANGE, [Line(HOME, "two")])
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
    ports = stage.platform.settings.asterisk
    with ExitStack() as stack:
        inmate, home = (
            stack.enter_context(
                Phone(name, tmp_path / name, password=word, registrar=f"127.0.0.1:{port}")
            )
            for name, word, port in (
                (INMATE, "one", ports.sip_port),
                (HOME, "two", ports.trunk_port),
            )
        )
        inmate.register()
        home.register()
        yield inmate, home


@pytest.fixture
def call(stage: Stage, phones: tuple[Phone, Phone]) -> Iterator[Call]:
    one = Call(stage, phones)
    yield one
    one.server.kill()
    deadline = time.monotonic() + 10
    while stage.platform.live_channels() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert stage.platform.live_channels() == set()
