"""The certificate by which phones know the platform on TLS, and who vouches for its trunks."""

from __future__ import annotations

from pathlib import Path

from asterisk_conf.errors import AsteriskError
from store.settings import Settings


def certificates(settings: Settings, *, verifies: bool) -> dict[str, str]:
    """The files that Asterisk needs for TLS, by their names.

    ``verifies``: whether trunks are on TLS, whose certificates are checked. Raises
    :class:`AsteriskError` when one can't be read.
    """
    wanted = {"tls.pem": "certificate.pem", "tls.key": "key.pem"}
    if verifies:
        wanted["tls-ca.pem"] = "ca.pem"
    return {name: _read(settings.tls_dir / kept) for name, kept in wanted.items()}


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise AsteriskError(
            f"asterisk.tls_port is set, and {file} can't be read: {error}"
        ) from None
