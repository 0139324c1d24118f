"""Where an instance's files are, on the host and inside a private root, and writing them."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from asterisk_conf import beep
from asterisk_conf.errors import AsteriskError

_SPOOLS = ("spool/ended", "spool/monitor", "spool/hotline", "spool/test")
_WRITTEN = ("lib", "log", "run", "sounds/names", "spool", *_SPOOLS)
_FOLDERS = ("etc", "sounds", *_WRITTEN)
_LONGEST_CONTROL_PATH = 107
_DOCUMENTATION = tuple(
    PurePosixPath(base) / "documentation"
    for base in ("/usr/share/asterisk", "/var/lib/asterisk", "/usr/local/share/asterisk")
)
USER_ID = 61922
"""User and group that Asterisk runs as in a private root: of no account on the host, where the
number that Debian's package takes inside the root would belong to somebody else."""


@dataclass(frozen=True)
class Layout:
    """An instance's directory: ``host`` for host code, ``inside`` for Asterisk.

    ``root`` is the private root; without one the two are the same directory.
    """

    host: Path
    root: Path | None

    @property
    def inside(self) -> PurePosixPath:
        """The directory as Asterisk sees it."""
        if self.root is None:
            return PurePosixPath(self.host.absolute())
        digest = hashlib.sha256(str(self.host.absolute()).encode()).hexdigest()
        return PurePosixPath("/srv/parloir") / digest[:12]

    @property
    def real(self) -> Path:
        """The directory itself on the host, no link on the way."""
        if self.root is None:
            return self.host.absolute()
        return self.root / self.inside.relative_to("/")

    def write(self, files: Mapping[str, str]) -> None:
        """Make the folders and write the configuration ``files`` (text by name)."""
        self._check_length()
        for folder in _FOLDERS:
            (self.real / folder).mkdir(parents=True, exist_ok=True)
        self._link_documentation()
        beep.write(self.real / "sounds/beep.wav")
        for name, text in files.items():
            _replace(self.real / "etc" / name, text)
        if self.root is not None:
            self._link()
            _name_ourselves(self.root)
            self._hand_over()

    def holds(self, files: Mapping[str, str]) -> bool:
        """Whether the configuration is these files already."""
        folder = self.real / "etc"
        return all(
            (folder / name).is_file() and (folder / name).read_text(encoding="utf-8") == text
            for name, text in files.items()
        )

    def remove(self) -> None:
        """Delete everything in it, and the link to it."""
        shutil.rmtree(self.real, ignore_errors=True)
        if self.host.is_symlink():
            self.host.unlink()

    def _check_length(self) -> None:
        control = f"{self.inside}/run/asterisk.ctl"
        if len(control) > _LONGEST_CONTROL_PATH:
            raise AsteriskError(
                f"{control} is too long for a socket's name: choose a shorter state_dir"
            )

    def _link_documentation(self) -> None:
        """Asterisk won't load modules whose documentation it can't find beside its sounds."""
        root = self.root or Path("/")
        for place in _DOCUMENTATION:
            link = self.real / "documentation"
            if (root / place.relative_to("/")).is_dir() and not link.is_symlink():
                link.symlink_to(place)

    def _link(self) -> None:
        if self.host.is_symlink() and self.host.readlink() == self.real:
            return
        if self.host.exists() and not self.host.is_symlink():
            raise AsteriskError(
                f"{self.host} is in the way: the link to the private root belongs there"
            )
        self.host.parent.mkdir(parents=True, exist_ok=True)
        self.host.unlink(missing_ok=True)
        self.host.symlink_to(self.real)

    def _hand_over(self) -> None:
        for folder in ("", *_WRITTEN):
            os.chown(self.real / folder, USER_ID, USER_ID)
        for file in (self.real / "etc").iterdir():
            os.chown(file, 0, USER_ID)
            file.chmod(0o640)
        self.real.chmod(0o750)


def _name_ourselves(root: Path) -> None:
    """Let Asterisk find its own host's name without asking the network."""
    _replace(root / "etc/hosts", f"127.0.0.1 localhost {socket.gethostname()}\n", 0o644)


def _replace(file: Path, text: str, mode: int = 0o600) -> None:
    with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False) as scratch:
        scratch.write(text)
    Path(scratch.name).chmod(mode)
    Path(scratch.name).replace(file)
