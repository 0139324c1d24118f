"""What every call script is given: the settings, the database, the words."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ivr_prompts.catalogue import Catalogue
from store import types
from store.database import Database
from store.settings import Settings

LANGUAGE = "en"


@dataclass(frozen=True)
class Context:
    """``database`` waits inside a script; ``blocking`` is for threads (files, the sweeper).

    ``now`` tells the moment, ``monotonic`` the seconds that pass whatever is done to the clock.
    """

    settings: Settings
    database: Database
    blocking: Database
    catalogue: Catalogue
    pin_key: bytes
    now: Callable[[], datetime] = types.now
    monotonic: Callable[[], float] = time.monotonic

    @property
    def sounds(self) -> Path:
        """Where Asterisk finds the prompts."""
        return self.settings.asterisk_dir / "sounds" / LANGUAGE
