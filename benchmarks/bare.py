"""Asterisk alone with the same two legs: what the platform's figures are divided by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from asterisk_conf.instance import Instance
from benchmarks.platform import PlatformSide
from benchmarks.processor import read_pid
from benchmarks.sipp import SCENARIOS, Load, Sipp
from ivr_prompts import builder, catalogue


class Bare(Instance):
    """The platform's Asterisk, modules and phones and all, with a dialplan that asks nobody."""

    def prepare(self) -> None:
        """Write the platform's configuration, then the bare dialplan over its own."""
        super().prepare()
        dialplan = (SCENARIOS / "bare.conf").read_text()
        # In place: the rendered file belongs to the account that Asterisk runs as.
        (self.directory / "etc/extensions.conf").write_text(dialplan)


class BareSide:
    """Bare calls. ``plain`` ones have neither prompts nor keys."""

    def __init__(self, asterisk: Bare, sipp: Sipp) -> None:
        self._asterisk = asterisk
        self._sipp = sipp

    @property
    def processes(self) -> Mapping[str, int]:
        """What the calls cost, by name."""
        return {"asterisk": read_pid(self._asterisk.directory / "run/asterisk.pid")}

    def place(self, rate: int, count: int) -> Load:
        """Place the calls; a call that isn't joined keeps its caller waiting, and fails."""
        return self._sipp.place(rate, count)

    def place_plain(self, rate: int, count: int) -> Load:
        """Place calls that just ring, talk and end."""
        return self._sipp.place(rate, count, caller="plain")

    def faults(self, load: Load) -> list[str]:
        """What was wrong with the calls just placed."""
        return load.faults


@contextmanager
def bare_side(directory: Path, like: PlatformSide) -> Iterator[BareSide]:
    """A bare Asterisk with the ports, phones and people of ``like``, which must be down."""
    settings = replace(like.settings, state_dir=directory)
    asterisk = Bare(like.asterisk.installation, settings, phones=like.asterisk.phones)
    try:
        asterisk.prepare()
        builder.build(catalogue.load("en"), asterisk.sounds_dir)
        asterisk.up()
        yield BareSide(asterisk, Sipp(directory / "sipp", settings, like.callers))
    finally:
        asterisk.remove()
