"""Two Asterisks side by side: what a call needs, but for its phones."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path

from asterisk_conf.instance import Instance
from phones.clip import Clip
from tests.phones.sounds import babble, write_wav

SOUNDS = (
    *("sorry", "caller-hung-up", "one-minute-left", "caller-left", "time-is-over", "overlay"),
    "menu",
)
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


def write_sounds(folder: Path) -> dict[str, Clip]:
    english = folder / "en"
    english.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate(SOUNDS):
        length = 20000 if name == "menu" else 1500
        write_wav(english / f"{name}.wav", babble(seed, length))
    return {name: Clip.load(english / f"{name}.wav") for name in SOUNDS}
