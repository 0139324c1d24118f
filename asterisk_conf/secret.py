"""The password by which the monitor talks to Asterisk."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from asterisk_conf.errors import AsteriskError
from store.settings import Settings


def made(settings: Settings) -> str:
    """The password; made where there is none yet. Raises :class:`AsteriskError`."""
    file = settings.ami_secret_file
    if not file.exists():
        _make(file)
    return kept(settings)


def kept(settings: Settings) -> str:
    """The password as it is. Raises :class:`AsteriskError` when it can't be read."""
    try:
        return settings.ami_secret_file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise AsteriskError(
            f"no password for the manager interface: {error}; 'parloir asterisk up' makes one"
        ) from None


def _make(file: Path) -> None:
    # Whole or not there: another process may read it at this very moment.
    scratch = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "w", encoding="ascii") as out:
            out.write(secrets.token_urlsafe(32))
        with suppress(FileExistsError):
            os.link(scratch, file)
    except OSError as error:
        raise AsteriskError(f"no password for the manager interface: {error}") from None
    finally:
        scratch.unlink(missing_ok=True)
