"""SIPp places whole calls: one process is every phone in the facility, one every called party."""

from __future__ import annotations

import csv
import re
import shutil
import signal
import subprocess
import wave
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.town import Caller
from store.settings import Settings

SCENARIOS = Path(__file__).parent / "scenarios"
# Of Debian's package: the key 1 as payload type 101, which the called side's offer names.
KEY_1 = Path("/usr/share/sip-tester/dtmf_2833_1.pcap")
NOTICE = "sounds/en/calls-are-recorded.wav"
KEYED = re.compile("<!-- keys -->.*<!-- end of keys -->", re.DOTALL)
PIN_MS = 1500
"""From SIPp's being told to key a PIN of 4 digits and # to the end of the last key."""
PAUSE_MS = 1000
TALK_MS = 4500
CALL_SECONDS = 20
"""Longer than a call takes beside its talk, from the first INVITE to the last BYE."""
DRAIN_SECONDS = 30


class SippError(Exception):
    """SIPp can't be run; the message says why."""


@dataclass(frozen=True)
class Load:
    """What SIPp counted. ``failures`` and ``retransmissions`` are those of both sides."""

    placed: int
    completed: int
    failures: int
    retransmissions: int

    @property
    def faults(self) -> list[str]:
        """What keeps the load from being clean, in words."""
        counted = {"failures": self.failures, "retransmissions": self.retransmissions}
        counted["calls not completed"] = self.placed - self.completed
        return [f"{count} {what}" for what, count in counted.items() if count]


class Sipp:
    """Ready to place calls to one Asterisk. ``directory`` takes scenarios and counts.

    The caller hangs up ``talk_ms`` after confirming the number: two to three seconds of it are
    ringing and the called party's menu.
    """

    def __init__(
        self,
        directory: Path,
        settings: Settings,
        callers: Sequence[Caller],
        talk_ms: int = TALK_MS,
    ) -> None:
        if shutil.which("sipp") is None or not KEY_1.exists():
            raise SippError("SIPp is missing: install the package sip-tester")
        self._directory = directory
        self._asterisk = settings.asterisk
        notice = settings.asterisk_dir / NOTICE
        directory.mkdir(parents=True, exist_ok=True)
        self._call_seconds = CALL_SECONDS + talk_ms // 1000
        waits = {
            "@AFTER_PIN_MS@": PIN_MS + _length_ms(notice) + PAUSE_MS,
            "@KEY_1@": KEY_1,
            "@TALK_MS@": talk_ms,
        }
        caller = (SCENARIOS / "caller.xml").read_text()
        called = (SCENARIOS / "called.xml").read_text()
        plain = KEYED.sub("", caller).replace("sip:home@", "sip:plain@")
        for name, text in {"caller": caller, "plain": plain, "called": called}.items():
            for mark, value in waits.items():
                text = text.replace(mark, str(value))
            (directory / f"{name}.xml").write_text(text)
        lines = ["SEQUENTIAL", *map(_fields, callers), ""]
        (directory / "callers.csv").write_text("\n".join(lines))

    @property
    def messages(self) -> Path:
        """Each message that the called side has sent or got, a line each, with its moment."""
        return self._directory / "called.messages"

    def place(self, rate: int, count: int, caller: str = "caller") -> Load:
        """Place ``count`` calls at ``rate`` a second by a scenario, wait until all are over."""
        with self._called():
            self._call(caller, rate, count)
        sides = [self._counted(name) for name in (caller, "called")]
        return Load(
            placed=sides[0]["TotalCallCreated"],
            completed=min(side["SuccessfulCall(C)"] for side in sides),
            failures=sum(side["FailedCall(C)"] for side in sides),
            retransmissions=sum(side["Retransmissions(C)"] for side in sides),
        )

    @contextmanager
    def placing(self, rate: int, count: int) -> Iterator[None]:
        """Place calls that need not come to an end: within the block, nothing is counted."""
        port = ["-p", str(self._asterisk.trunk_port), "-trace_shortmsg"]
        port += ["-shortmessage_file", self.messages.name]
        target = f"{self._asterisk.bind}:{self._asterisk.sip_port}"
        limits = ["-r", str(rate), "-m", str(count), "-l", str(count), "-inf", "callers.csv"]
        with (
            self._started(self._command("called", self._asterisk.trunk_host, *port)),
            self._started(self._command("caller", self._asterisk.bind, *limits, target)),
        ):
            yield

    def _call(self, scenario: str, rate: int, count: int) -> None:
        seconds = count // rate + self._call_seconds + DRAIN_SECONDS
        target = f"{self._asterisk.bind}:{self._asterisk.sip_port}"
        limits = ["-r", str(rate), "-m", str(count), "-l", str(count), "-timeout", f"{seconds}s"]
        command = self._command(scenario, self._asterisk.bind, *limits, "-inf", "callers.csv")
        with self._started([*command, target]) as process:
            process.wait(seconds + DRAIN_SECONDS)

    @contextmanager
    def _called(self) -> Iterator[None]:
        port = ["-p", str(self._asterisk.trunk_port)]
        with self._started(self._command("called", self._asterisk.trunk_host, *port)) as process:
            yield
            # It ends once its last call is over, and writes what it counted.
            process.send_signal(signal.SIGUSR1)
            process.wait(DRAIN_SECONDS)

    def _command(self, name: str, address: str, *more: str) -> list[str]:
        counts = self._directory / f"{name}.stat"
        counts.unlink(missing_ok=True)
        return [
            *("sipp", "-sf", f"{name}.xml", "-i", address, "-mi", address, "-nostdin"),
            *("-skip_rlimit", "-trace_stat", "-fd", "1", "-stf", str(counts)),
            *("-trace_err", "-error_file", f"{name}.errors", *more),
        ]

    @contextmanager
    def _started(self, command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
        process = subprocess.Popen(
            command,
            cwd=self._directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def _counted(self, name: str) -> dict[str, int]:
        with (self._directory / f"{name}.stat").open(newline="") as file:
            *_, last = csv.DictReader(file, delimiter=";")
        return {
            key: int(value) for key, value in last.items() if key and value and value.isdecimal()
        }


def _fields(one: Caller) -> str:
    # SIPp finds no field inside its own word for credentials, but such a word inside a field.
    credentials = f"[authentication username={one.phone} password={one.password}]"
    return ";".join((one.phone, credentials, one.person, one.pin, one.number))


def _length_ms(sound: Path) -> int:
    with wave.open(str(sound)) as file:
        return int(file.getnframes() * 1000 // file.getframerate())
