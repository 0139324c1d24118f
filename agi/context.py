"""What every call script is given: the settings, the database, the words."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ivr_prompts.catalogue import Catalogue
from store import types
from store.database import Database
from store.settings import Settings, SettingsError


@dataclass(frozen=True)
class Context:
    """``database`` waits inside a script; ``blocking`` is for threads (files, the sweeper).

    ``catalogues`` holds every language, in the order in which a caller goes round them. ``now``
    tells the moment, ``monotonic`` the seconds that pass whatever is done to the clock.
    """

    settings: Settings
    database: Database
    blocking: Database
    catalogues: Mapping[str, Catalogue]
    pin_key: bytes
    now: Callable[[], datetime] = types.now
    monotonic: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        if self.settings.language not in self.catalogues:
            known = ", ".join(self.catalogues)
            raise SettingsError(f"language: {self.settings.language!r} has no catalogue ({known})")

    @property
    def sounds(self) -> Path:
        """Where Asterisk finds the prompts: a folder a language, and the recorded names."""
        return self.settings.asterisk_dir / "sounds"
