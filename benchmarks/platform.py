"""The whole platform under load, without the stand-in for the public network: SIPp is that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from benchmarks import books, strict, town
from benchmarks.processor import read_pid
from benchmarks.sipp import TALK_MS, Load, Sipp
from benchmarks.town import Caller
from parloir.asterisk import prepared
from parloir.initialise import create
from parloir.stack import Stack
from store.cluster import Cluster
from store.types import now


class PlatformSide(Stack):
    """Platform calls, on SQLite unless a ``cluster`` is given."""

    def __init__(
        self,
        settings_file: Path,
        callers: list[Caller],
        cluster: Cluster | None,
        talk_ms: int = TALK_MS,
    ) -> None:
        super().__init__(settings_file)
        self.callers = callers
        self._cluster = cluster
        self._talk_ms = talk_ms

    def up(self) -> None:
        """Start all but the stand-in for the network."""
        self.asterisk = prepared(self.settings, self.database)
        self.start_redis()
        self.start_server()
        self.asterisk.up()
        self.start_monitor()
        directory = self.settings.state_dir / "sipp"
        self.sipp = Sipp(directory, self.settings, self.callers, self._talk_ms)

    def down(self) -> None:
        """Stop all and delete what Asterisk has."""
        super().down()
        if hasattr(self, "asterisk"):
            self.asterisk.remove()

    @property
    def processes(self) -> Mapping[str, int]:
        """What the calls cost, by name; with SQLite the AGI server is the database, too."""
        assert self.server_pid is not None
        assert self.monitor_pid is not None
        assert self.redis_pid is not None
        found = {
            "agi": self.server_pid,
            "monitor": self.monitor_pid,
            "redis": self.redis_pid,
            "asterisk": read_pid(self.asterisk.directory / "run/asterisk.pid"),
        }
        if self._cluster:
            found["database"] = read_pid(self._cluster.directory / "data/postmaster.pid")
        return found

    def place(self, rate: int, count: int) -> Load:
        """Place the calls and wait until the books are closed."""
        self._began: datetime = now()
        load = self.sipp.place(rate, count)
        books.wait_closed(self.database, self._began)
        return load

    def faults(self, load: Load) -> list[str]:
        """What was wrong with the calls just placed, by SIPp's count and by the books."""
        return load.faults + books.faults(self.settings, self.database, self._began, load.placed)

    def decision_ms(self) -> list[int]:
        """How long each of the calls just placed was decided upon."""
        return books.decision_ms(self.database, self._began)


@contextmanager
def platform_side(
    directory: Path, cluster: Cluster | None = None, *, controls: bool = False
) -> Iterator[PlatformSide]:
    """A platform with its people in ``directory``; with ``controls`` everything is on."""
    settings = create(directory, cluster.create_database(directory.name) if cluster else "")
    side = PlatformSide(directory / "parloir.toml", [], cluster)
    side.callers += town.settle(settings, side.database)
    if controls:
        strict.impose(settings, side.database, side.callers)
    with side:
        yield side
