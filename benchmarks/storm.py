"""Parts of a working platform are killed while calls live; then the books are held to the phones.

SIPp is every phone. The called party's phone presses 1 a second after it has answered, so no talk
is longer than from then to its BYE, or to Asterisk's death.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random

from sqlalchemy import func, select

from asterisk_conf import process
from benchmarks import books, town
from benchmarks.platform import PlatformSide
from benchmarks.processor import read_pid
from benchmarks.talks import Talk, read_talks
from benchmarks.wire import Wire
from monitor.ami import CONNECTED
from parloir.initialise import create
from parloir.parts import Part
from store.cluster import Cluster, ClusterError
from store.tables import calls, cdrs
from store.types import now

SETTINGS = """
[call]
first_slice_seconds = 10
slice_seconds = 10
renew_early_seconds = 4
"""
SLICE_SECONDS = 10
TOLERANCE_SECONDS = 1
CALLS, RATE = 20, 3
TALK_MS = 40_000
FIRST_TALK_SECONDS = 18
PARTS = ("agi", "monitor", "redis", "postgres", "ami")
LAST = "asterisk"
"""Its death ends every call."""
RESTART_SECONDS = 30.0


@dataclass
class Storm:
    """A platform, and what may happen to it. ``compared``: talks of the books and the phones."""

    side: PlatformSide
    cluster: Cluster
    wire: Wire
    chance: Random
    compared: int = 0

    def blow(self) -> list[str]:
        """Kill each part once while 20 calls live; what is wrong afterwards, in words."""
        began = now()
        order = self.chance.sample(PARTS, len(PARTS))
        with self.side.sipp.placing(RATE, CALLS):
            time.sleep(FIRST_TALK_SECONDS)
            for part in order:
                self._kill(part)
            died = self._kill(LAST)
        return self._wrong(began, died)

    def _kill(self, part: str) -> datetime:
        time.sleep(self.chance.uniform(0, 2))
        print(f"{now():%H:%M:%S} {part} is killed", flush=True)
        died = now()
        kill, start = getattr(self, f"_kill_{part}"), getattr(self, f"_start_{part}")
        kill()
        time.sleep(self.chance.uniform(0.5, 3))
        start()
        return died

    def _kill_agi(self) -> None:
        self.side.stop_server(at_once=True)

    def _start_agi(self) -> None:
        self.side.start_server()

    def _kill_monitor(self) -> None:
        self.side.stop_monitor(at_once=True)

    def _start_monitor(self) -> None:
        self.side.start_monitor()

    def _kill_redis(self) -> None:
        self.side.stop_redis(at_once=True)

    def _start_redis(self) -> None:
        self.side.start_redis()

    def _kill_postgres(self) -> None:
        pid = read_pid(self.cluster.directory / "data/postmaster.pid")
        os.kill(pid, signal.SIGKILL)
        process.wait_gone(pid, 10)

    def _start_postgres(self) -> None:
        self.side.database.engine.dispose()
        deadline = time.monotonic() + RESTART_SECONDS
        while not self.cluster.running:
            # Those that worked for the killed one have to notice first.
            with suppress(ClusterError):
                Cluster.start(self.cluster.directory)
            if time.monotonic() > deadline:
                raise ClusterError("PostgreSQL doesn't start again")
            time.sleep(0.2)

    def _kill_ami(self) -> None:
        self.wire.cut()

    def _start_ami(self) -> None:
        self.wire.mend()

    def _kill_asterisk(self) -> None:
        pid = read_pid(self.side.asterisk.directory / "run/asterisk.pid")
        os.kill(pid, signal.SIGKILL)
        process.wait_gone(pid, 10)

    def _start_asterisk(self) -> None:
        self.side.asterisk.up()

    def _wrong(self, began: datetime, died: datetime) -> list[str]:
        self._sweep()
        books.wait_closed(self.side.database, began)
        talks = read_talks(self.side.sipp.messages, died)
        return [*self._books_wrong(began), *self._charges_wrong(began, talks)]

    def _sweep(self) -> None:
        # Younger calls are left alone by it.
        time.sleep(6)
        file = str(self.side.settings_file)
        subprocess.run([sys.executable, "-m", "parloir", "--settings", file, "sweep"], check=True)

    def _books_wrong(self, began: datetime) -> Iterator[str]:
        with self.side.database.begin() as connection:
            without = (
                select(func.count())
                .select_from(calls.outerjoin(cdrs, cdrs.c.call_id == calls.c.id))
                .where(calls.c.offhook_at >= began, cdrs.c.call_id.is_(None))
            )
            if missing := connection.execute(without).scalar_one():
                yield f"{missing} calls without a CDR"
            talked = select(func.count()).where(cdrs.c.started_at >= began, cdrs.c.talk_ms > 0)
            count = connection.execute(talked).scalar_one()
        print(f"{count} calls talked", flush=True)
        yield from books.faults(self.side.settings, self.side.database, began, count)

    def _charges_wrong(self, began: datetime, talks: dict[str, Talk]) -> Iterator[str]:
        with self.side.database.begin() as connection:
            rows = connection.execute(select(cdrs).where(cdrs.c.started_at >= began)).all()
        for row in rows:
            talk = talks.get(row.number or "")
            heard = talk.seconds if talk else 0.0
            self.compared += bool(row.talk_ms and heard)
            billed = row.billed_seconds or 0
            told = f"call {row.call_id} ({row.cause}): {billed} s billed, {heard:.1f} s heard"
            if billed > heard + TOLERANCE_SECONDS:
                yield f"{told}: too much"
            if row.talk_ms and billed < heard - SLICE_SECONDS - TOLERANCE_SECONDS:
                yield f"{told}: too little"


@contextmanager
def storm(directory: Path, seed: int) -> Iterator[Storm]:
    """A platform of its own in ``directory``, with a PostgreSQL that may be killed."""
    print(f"seed {seed}", flush=True)
    with ExitStack() as undo:
        cluster = Cluster.start(directory / "cluster")
        undo.callback(cluster.stop)
        settings = create(directory / "platform", cluster.create_database("storm"))
        file = settings.state_dir / "parloir.toml"
        # The load's phones send no sound of their own.
        text = file.read_text().replace("[asterisk]", "[asterisk]\nmedia_seconds = 120") + SETTINGS
        file.write_text(text)
        wire = Wire(settings.asterisk.ami_port)
        undo.callback(wire.close)
        ami, through = f"ami_port = {settings.asterisk.ami_port}", f"ami_port = {wire.port}"
        (settings.state_dir / "monitor.toml").write_text(text.replace(ami, through))
        side = _Side(file, [], cluster, TALK_MS)
        side.callers += town.settle(side.settings, side.database)
        yield Storm(undo.enter_context(side), cluster, wire, Random(seed))


class _Side(PlatformSide):
    """Its monitor reaches Asterisk by the wire."""

    def __init__(
        self, settings_file: Path, callers: list[town.Caller], cluster: Cluster, talk_ms: int
    ) -> None:
        super().__init__(settings_file, callers, cluster, talk_ms)
        through = settings_file.with_name("monitor.toml")
        self._monitor = Part(through, self.settings.state_dir, "monitor", ready=_connected)


def _connected(logged: str) -> bool:
    return CONNECTED in logged
