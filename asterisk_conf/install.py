"""Getting an Asterisk 22: the one on the PATH, else a private root of Debian packages.

Debian testing carries Asterisk 22; when it has moved on, unstable may still. The root is built
once into the cache (some 40 seconds, 350 MB) and used again by every instance afterwards.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from asterisk_conf import apt
from asterisk_conf.errors import AsteriskError

MAJOR = 22
SUITES = ("testing", "unstable")
_BINARY_IN_ROOT = "/usr/sbin/asterisk"

Report = Callable[[str], None]


@dataclass(frozen=True)
class Installation:
    """An Asterisk that can be started.

    ``binary`` is its path, inside ``root`` where there is one; ``version`` is as it says itself.
    """

    binary: str
    root: Path | None
    version: str

    def command(self, *arguments: str, user: int | None = None) -> list[str]:
        """The command line that runs it on the host.

        In a private root it runs as the account with the number ``user``, where one is given.
        """
        if self.root is None:
            return [self.binary, *arguments]
        account = [] if user is None else [f"--userspec={user}:{user}"]
        return ["chroot", *account, str(self.root), self.binary, *arguments]


def cache_dir() -> Path:
    """Where the private root is kept: ``$XDG_CACHE_HOME`` or ``~/.cache``."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "parloir"


def find_or_build(report: Report = print) -> Installation:
    """Give an Asterisk 22, building the private root when there is none yet.

    ``report`` is told each step in a line. Raises :class:`AsteriskError` with what is missing.
    """
    return find() or _build(report)


def find() -> Installation | None:
    """Give the Asterisk 22 that is there already, building nothing."""
    binary = shutil.which("asterisk")
    found = binary and _probe(Installation(binary, None, ""))
    return found or _probe(Installation(_BINARY_IN_ROOT, _root(), ""))


def _root() -> Path:
    return cache_dir() / f"asterisk-{MAJOR}"


def _probe(candidate: Installation) -> Installation | None:
    if candidate.root is not None and not candidate.root.is_dir():
        return None
    if candidate.root is not None and os.geteuid() != 0:
        raise AsteriskError(
            "only root can use the private Asterisk: run this as root, "
            f"or put an asterisk {MAJOR} on the PATH"
        )
    asked = subprocess.run(candidate.command("-V"), capture_output=True, text=True, check=False)
    said = re.search(rf"Asterisk\D*({MAJOR}\.\S*)", asked.stdout)
    return Installation(candidate.binary, candidate.root, said[1]) if said else None


def _build(report: Report) -> Installation:
    _require_tools()
    with _locked(cache_dir()):
        if ready := find():
            return ready
        for suite in SUITES:
            if _build_from(suite, report) and (ready := find()):
                report(f"Asterisk {ready.version} is ready in {ready.root}")
                return ready
    raise AsteriskError(
        f"neither Debian {' nor '.join(SUITES)} gave an Asterisk {MAJOR} (see above): "
        f"put an asterisk {MAJOR} on the PATH"
    )


def _require_tools() -> None:
    otherwise = f", or put an asterisk {MAJOR} on the PATH"
    if os.geteuid() != 0:
        raise AsteriskError(
            f"no Asterisk {MAJOR} here, and only root can build one: run this as root{otherwise}"
        )
    for tool in ("mmdebstrap", "apt-config", "chroot"):
        if shutil.which(tool) is None:
            raise AsteriskError(
                f"no Asterisk {MAJOR} here, and {tool} is missing to build one: "
                f"'apt-get install mmdebstrap' on a Debian machine{otherwise}"
            )


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / f"asterisk-{MAJOR}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build_from(suite: str, report: Report) -> bool:
    """Build the root from one suite; say why and give False when it doesn't come about."""
    report(f"building a private Asterisk {MAJOR} from Debian {suite} (about a minute)")
    with tempfile.TemporaryDirectory(prefix="asterisk-building-", dir=cache_dir()) as scratch:
        root = Path(scratch) / "root"
        if not _run(_mmdebstrap(suite, root), report):
            return False
        if _probe(Installation(_BINARY_IN_ROOT, root, "")) is None:
            report(f"Debian {suite} carries another Asterisk than {MAJOR}")
            return False
        # The first call would wait minutes for an answer to a look-up of its own name.
        (root / "etc/resolv.conf").write_text("")
        root.rename(_root())
    return True


def _mmdebstrap(suite: str, root: Path) -> list[str]:
    mirror = apt.debian_mirror()
    valid_until = apt.valid_until_option()
    return [
        *("mmdebstrap", "--mode=root", "--variant=minbase", "--include=asterisk"),
        *([f"--aptopt={valid_until}"] if valid_until else []),
        *([f"--keyring={mirror.keyring}"] if mirror.keyring else []),
        *(suite, str(root), f"deb {mirror.uri} {suite} main"),
    ]


def _run(command: list[str], report: Report) -> bool:
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace"
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith(("I: ", "W: ", "E: ")):
                report(line[3:].rstrip())
    return process.returncode == 0
