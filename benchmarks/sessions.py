"""A thousand callers who wait at a prompt of one AGI server: how soon is a key answered?

Asterisk's end is played here, since a thousand live calls would measure Asterisk. Each peer lifts
the phone, then keys ID, PIN and number, each at some moment of its own within ``THINK_SECONDS``;
measured is the time from the reply that carries the keys to the command of the next prompt.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from pathlib import Path
from statistics import quantiles

from benchmarks import town
from benchmarks.town import Caller
from parloir.asterisk import prepared
from parloir.initialise import create
from parloir.stack import Stack
from store.cluster import Cluster
from store.settings import AgiSettings

SESSIONS, QUICK_SESSIONS = 1000, 200
THINK_SECONDS = 10.0
LIFTS_PER_SECOND = 100
SEED = 20260406


class _Server(Stack):
    """The platform's AGI server and its database; no Asterisk runs."""

    def up(self) -> None:
        """Start the server."""
        self.asterisk = prepared(self.settings, self.database)
        self.start_server()


def run(*, quick: bool = False) -> dict[str, float]:
    """``agi_sessions_1000_ms_p50``, ``_p99`` and what a waiting session takes of memory."""
    count = QUICK_SESSIONS if quick else SESSIONS
    directory = Path(tempfile.mkdtemp(prefix="parloir-sessions-"))
    directory.chmod(0o711)
    cluster = Cluster.start(directory / "cluster")
    try:
        settings = create(directory / "platform", cluster.create_database("sessions"))
        with _Server(settings.state_dir / "parloir.toml") as server:
            people = town.settle(server.settings, server.database)[:count]
            return asyncio.run(_measure(server, people))
    finally:
        cluster.stop()


async def _measure(server: Stack, people: list[Caller]) -> dict[str, float]:
    assert server.server_pid is not None
    before = _resident_kb(server.server_pid)
    dice = random.Random(SEED)
    peers = [_Peer(one, dice) for one in people]
    tasks = []
    for peer in peers:
        tasks.append(asyncio.create_task(peer.call(server.settings.agi)))
        await asyncio.sleep(1 / LIFTS_PER_SECOND)
    await asyncio.gather(*(peer.waiting.wait() for peer in peers))
    waiting_kb = _resident_kb(server.server_pid) - before
    for peer in peers:
        peer.go.set()
    await asyncio.gather(*tasks)
    cuts = quantiles([ms for peer in peers for ms in peer.answered_ms], n=100, method="inclusive")
    return {
        "agi_sessions_1000_ms_p50": cuts[49],
        "agi_sessions_1000_ms_p99": cuts[98],
        "agi_session_kb": waiting_kb / len(people),
    }


class _Peer:
    """Asterisk's end of one caller's script, up to the question whether the number is right."""

    def __init__(self, who: Caller, dice: random.Random) -> None:
        self.waiting, self.go = asyncio.Event(), asyncio.Event()
        self.answered_ms: list[float] = []
        self._who = who
        self._answers = [f"{who.person}", who.pin, who.number]
        self._pauses = [dice.uniform(0, THINK_SECONDS) for _ in self._answers]

    async def call(self, agi: AgiSettings) -> None:
        """Lift, key everything, hang up."""
        reader, writer = await asyncio.open_connection(agi.host, agi.port)
        writer.write(self._opening())
        keyed_at = 0.0
        while self._answers:
            command = await reader.readline()
            if keyed_at:
                self.answered_ms.append(1000 * (time.perf_counter() - keyed_at))
                keyed_at = 0.0
            if command.startswith(b"GET DATA"):
                reply = await self._key()
                keyed_at = time.perf_counter()
            else:
                reply = "200 result=0"
            writer.write(f"{reply}\n".encode())
        await reader.readline()
        self.answered_ms.append(1000 * (time.perf_counter() - keyed_at))
        writer.close()
        await writer.wait_closed()

    async def _key(self) -> str:
        self.waiting.set()
        await self.go.wait()
        await asyncio.sleep(self._pauses.pop())
        return f"200 result={self._answers.pop(0)}"

    def _opening(self) -> bytes:
        known = {
            "network_script": "caller",
            "channel": f"PJSIP/{self._who.phone}-{self._who.person}",
            "uniqueid": f"bench.{self._who.person}",
            "arg_1": self._who.phone,
        }
        lines = [f"agi_{name}: {value}\n" for name, value in known.items()]
        return "".join([*lines, "\n"]).encode()


def _resident_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])
