"""What every call script is given: the settings, the database, the words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ivr_prompts.catalogue import Catalogue
from store.database import Database
from store.settings import Settings

LANGUAGE = "en"


@dataclass(frozen=True)
class Context:
    """``database`` waits inside a script; ``blocking`` is for threads (files, the sweeper)."""

    settings: Settings
    database: Database
    blocking: Database
    catalogue: Catalogue
    pin_key: bytes

    @property
    def sounds(self) -> Path:
        """Where Asterisk finds the prompts."""
        return self.settings.asterisk_dir / "sounds" / LANGUAGE
