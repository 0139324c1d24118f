"""Recordings from Asterisk's spool to their sealed place. Runs in a thread: it hashes files."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from agi.context import Context
from calls import outcomes
from cdr import recordings


def raw_file(context: Context, call_id: str) -> Path:
    """Where Asterisk writes a call's audio while it lives."""
    return context.settings.asterisk_dir / "spool" / "monitor" / f"{call_id}.raw"


def seal(context: Context, call_id: str) -> None:
    """Seal the recording of an ended call, if it has one."""
    raw = raw_file(context, call_id)
    recordings.seal(context.blocking, raw, context.settings.recordings_dir)


def seal_leftovers(context: Context, live_channels: Collection[str]) -> None:
    """Seal what was recorded by calls that ended while nobody could seal it.

    A call can be over while the called party's leg, which records, still closes its file.
    """
    for raw in raw_file(context, "x").parent.glob("*.raw"):
        if outcomes.called_channel(context.blocking, raw.stem) not in live_channels:
            seal(context, raw.stem)
