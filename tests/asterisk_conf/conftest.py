"""Two Asterisks side by side, and two phones on them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from asterisk_conf.install import Installation, find_or_build
from asterisk_conf.instance import Instance
from asterisk_conf.render import Kind
from asterisk_conf.render import Phone as Line
from phones.clip import Clip
from phones.phone import Phone
from store.settings import AgiSettings, AsteriskSettings, CallSettings, Settings
from tests.phones.sounds import babble, write_wav

SOUNDS = ("sorry", "caller-hung-up", "one-minute-left", "menu")
INMATE, HOME = "phone-1", "5550101"


@dataclass(frozen=True)
class Stage:
    """What a call needs."""

    platform: Instance
    exchange: Instance
    clips: dict[str, Clip]
    agi_port: int


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


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
        yield Stage(platform, exchange, _sounds(platform.sounds_dir), settings.agi.port)
    finally:
        platform.remove()
        exchange.remove()


def _sounds(folder: Path) -> dict[str, Clip]:
    english = folder / "en"
    english.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate(SOUNDS):
        length = 20000 if name == "menu" else 1500
        write_wav(english / f"{name}.wav", babble(seed, length))
    return {name: Clip.load(english / f"{name}.wav") for name in SOUNDS}


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
