"""Which legs of a talk still send sound, told by counting their packets.

A party whose network is dead may stand behind a carrier that goes on sending RTCP, which is life
enough for PJSIP's own timeout. Asked through AMI and never by the dialplan: Asterisk asks PJSIP
there while it holds the other leg's lock, and stands still when that leg hangs up just then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from calls.talking import Live
from monitor import talks
from monitor.ami import Ami, Refused


@dataclass(frozen=True)
class _Heard:
    packets: str
    since: datetime


class Lines:
    """The legs of all talks; one from which nothing has come for ``media_seconds`` is taken out."""

    def __init__(self, ami: Ami, media_seconds: int) -> None:
        self._ami = ami
        self._longest = timedelta(seconds=media_seconds)
        self._heard: dict[str, _Heard] = {}

    async def look(self, lives: Iterable[Live], at: datetime) -> None:
        """Count, and end the talk of a line that is dead. Raises :class:`AmiError`."""
        legs = {leg for live in lives for leg in (live.caller_channel, live.called_channel)}
        found = await asyncio.gather(*(self._count(leg, at) for leg in legs))
        self._heard = {leg: heard for leg, heard in zip(legs, found, strict=True) if heard}
        dead = [leg for leg, one in self._heard.items() if at - one.since >= self._longest]
        for leg in dead:
            del self._heard[leg]
            await self._take_out(leg)

    async def _count(self, leg: str, at: datetime) -> _Heard | None:
        """None for a leg that is gone. Who holds the call sends nothing and isn't lost."""
        try:
            packets = await talks.value(self._ami, leg, "CHANNEL(rtcp,rxcount)")
            before = self._heard.get(leg)
            if before is None or before.packets != packets:
                return _Heard(packets, at)
            held = await talks.value(self._ami, leg, "CHANNEL(rtp,hold)")
        except Refused:
            return None
        return before if held == "0" else _Heard(packets, at)

    async def _take_out(self, leg: str) -> None:
        try:
            await talks.send(self._ami, leg, "lost")
        except Refused:
            # It has hung up meanwhile.
            return
