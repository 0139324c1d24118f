"""Two Asterisks side by side: what a call needs, but for its phones."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path

from asterisk_conf.instance import Instance
from phones.clip import Clip
from store.settings import AsteriskSettings
from tests.phones.sounds import babble, write_wav

SOUNDS = (
    *("sorry", "caller-hung-up", "one-minute-left", "caller-left", "time-is-over", "overlay"),
    *("hotline-offer", "hotline-connecting", "hotline-called", "hotline-failed", "line-test"),
    "menu",
)
SPANISH = ("one-minute-left", "time-is-over", "overlay", "language-offer")
INMATE, HOME, NEIGHBOUR = "phone-1", "5550101", "5550102"
MEDIA_SECONDS = 3


@dataclass(frozen=True)
class Stage:
    """What a call needs."""

    platform: Instance
    exchange: Instance
    clips: dict[str, Clip]
    agi_port: int

    def channels(self) -> list[str]:
        """What lives on the platform, a line a channel; not the empty shells it may leave."""
        lines = self.platform.cli("core show channels concise").splitlines()
        return [line for line in lines if not line.startswith("Surrogate/")]


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def free_ports() -> AsteriskSettings:
    """Settings with free ports, everything else as it is by itself."""
    ami = free_port(socket.SOCK_STREAM)
    return AsteriskSettings(sip_port=free_port(), trunk_port=free_port(), ami_port=ami)


def write_sounds(folder: Path) -> dict[str, Clip]:
    """Each sound in English; what both parties hear in Spanish too, as ``es/...``."""
    files = {name: folder / f"en/{name}.wav" for name in SOUNDS}
    files |= {f"es/{name}": folder / f"es/{name}.wav" for name in SPANISH}
    for seed, (name, file) in enumerate(files.items()):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_wav(file, babble(seed, 20000 if name == "menu" else 1500))
    return {name: Clip.load(file, name) for name, file in files.items()}
