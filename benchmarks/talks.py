"""How long the called parties' phones have talked, by SIPp's own log of messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

ACCEPTS_AFTER_SECONDS = 1.0
"""The scenario presses the key this long after the ACK."""


@dataclass
class Talk:
    """When one call to ``number`` was connected and over, in seconds since 1970."""

    number: str
    connected: float = 0.0
    over: float = 0.0

    @property
    def seconds(self) -> float:
        """From the key that accepts to the end; no time when it never came to that."""
        begun = self.connected + ACCEPTS_AFTER_SECONDS
        return max(0.0, self.over - begun) if self.connected else 0.0


def read_talks(messages: Path, died: datetime) -> dict[str, Talk]:
    """The last talk of each number (E.164). What has no BYE ended when Asterisk ``died``."""
    talks: dict[str, Talk] = {}
    for line in messages.read_text().splitlines():
        _, _, at, _, call_id, _, what = line.split("\t")[:7]
        if what.startswith("INVITE sip:"):
            talks[call_id] = Talk("+" + what.split(":")[1].split("@")[0])
        elif what.startswith("ACK"):
            talks[call_id].connected = float(at)
        elif what.startswith("BYE"):
            talks[call_id].over = float(at)
    for talk in talks.values():
        talk.over = talk.over or died.timestamp()
    return {talk.number: talk for talk in talks.values()}
