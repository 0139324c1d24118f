"""One running Asterisk with a private directory; several live side by side.

Host code reads and writes ``<state_dir>/asterisk`` (``exchange`` for the stand-in). Where
Asterisk runs in a private root that is a link to a directory inside the root, since nothing else
can be seen from there; the rendered files carry the path as Asterisk sees it.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from asterisk_conf import process, secret
from asterisk_conf.certificates import certificates
from asterisk_conf.errors import AsteriskError
from asterisk_conf.install import Installation
from asterisk_conf.layout import USER_ID, Layout
from asterisk_conf.lines import Hotline, Phone, Trunk
from asterisk_conf.render import Kind, render
from store.settings import Settings

# Sound goes before whatever else the machine does; who may not ask for that has it run as it is.
SOUND_FIRST = ("nice", "-n", "-10")
BOOT_SECONDS = 60.0
STOP_SECONDS = 15.0
CLI_SECONDS = 15.0
_LOOK_AGAIN_SECONDS = 0.02
NOBODYS = ("Local/", "Surrogate/")
"""How the names of channels begin that are nobody's legs."""

_UNIQUEID = re.compile(r"(?:.*-)?\d+\.\d+")


@dataclass(frozen=True)
class Status:
    """How an instance is: ``uptime`` as Asterisk words it, ``channels`` that are live."""

    running: bool
    version: str
    uptime: str = ""
    channels: int = 0


class Instance:
    """An Asterisk of one kind for one state directory."""

    def __init__(
        self,
        installation: Installation,
        settings: Settings,
        kind: Kind = Kind.PLATFORM,
        phones: Iterable[Phone] = (),
        trunks: Iterable[Trunk] | None = None,
        hotlines: Iterable[Hotline] = (),
    ) -> None:
        at_platform = kind is Kind.PLATFORM
        platform = settings.asterisk_dir
        self.installation = installation
        self.settings = settings
        self.kind = kind
        self.phones = tuple(phones)
        self.trunks = None if trunks is None else tuple(trunks)
        self.hotlines = tuple(hotlines)
        self.directory = platform if at_platform else platform.with_name(kind.value)
        self._layout = Layout(self.directory, installation.root)
        self._conf = f"{self._layout.inside}/etc/asterisk.conf"

    @property
    def sounds_dir(self) -> Path:
        """Where the prompts belong: ``<sounds_dir>/<language>/<name>.wav``."""
        return self.directory / "sounds"

    def prepare(self) -> None:
        """Write the directory and its configuration, without starting anything."""
        self._layout.write(self._files())

    def up(self) -> None:
        """Render, start in the background and wait until every module is up.

        An instance that runs already takes the new configuration instead. Raises
        :class:`AsteriskError` when Asterisk doesn't come up or can't have its SIP port.
        """
        if self.is_running():
            self.reload()
            return
        self.prepare()
        self._start()
        self._wait_booted(time.monotonic() + BOOT_SECONDS)
        if "udp" not in self.cli("pjsip show transports"):
            self.down()
            raise self._error("its SIP port is taken or can't be opened")

    def down(self) -> None:
        """Stop Asterisk at once, live calls with it. Its files stay: they may be evidence."""
        pid = self._pid()
        if pid is None:
            return
        try:
            self.cli("core stop now")
        except AsteriskError:
            process.terminate(pid)
        process.wait_gone(pid, STOP_SECONDS)

    def remove(self) -> None:
        """Stop, then delete everything that the instance has, recordings included."""
        self.down()
        self._layout.remove()

    def reload(self) -> None:
        """Take changed settings, phones, trunks and hotlines into the running Asterisk; live calls
        go on."""
        self.prepare()
        self.cli("core reload")

    def follow(self) -> bool:
        """Take them only if any of them has changed; whether any had.

        Raises :class:`AsteriskError` when Asterisk can't be told.
        """
        files = self._files()
        if self._layout.holds(files):
            return False
        self._layout.write(files)
        self.cli("core reload")
        return True

    def is_running(self) -> bool:
        """Whether this instance's process lives."""
        return self._pid() is not None

    def status(self) -> Status:
        """Say whether it runs, since when and with how many channels."""
        version = self.installation.version
        if not self.is_running():
            return Status(False, version)
        uptime = re.search(r"System uptime: *(.*)", self.cli("core show uptime"))
        return Status(True, version, uptime[1] if uptime else "", len(self.live_channels()))

    def cli(self, command: str, timeout: float = CLI_SECONDS) -> str:
        """Run a command on Asterisk's console and give what it prints.

        Raises :class:`AsteriskError` when Asterisk doesn't run or doesn't answer in ``timeout``
        seconds.
        """
        try:
            asked = self._run("-rx", command, timeout=timeout)
        except subprocess.TimeoutExpired:
            raise self._error(f"no answer to '{command}' in {timeout:.0f} s") from None
        if asked.returncode != 0:
            raise self._error(f"can't ask it '{command}': {asked.stdout.strip()}")
        return asked.stdout

    def live_channels(self) -> set[str]:
        """The unique ids of the legs that live: none when Asterisk isn't running.

        The channels by which the dialplan listens and whispers are nobody's legs, nor are the
        empty shells of those that Bridge() pulled over (Asterisk 22.10 now and then lists one for
        ever, whose thread ended in the instant before it was put back on the list). Raises
        :class:`AsteriskError` when Asterisk runs but couldn't be asked.
        """
        try:
            listed = self.cli("core show channels concise")
        except AsteriskError:
            if self.is_running():
                raise
            return set()
        # The id is the last field; fields before it hold what callers sent.
        legs = (line for line in listed.splitlines() if not line.startswith(NOBODYS))
        fields = (line.rsplit("!", 1)[-1] for line in legs if "!" in line)
        return {field for field in fields if _UNIQUEID.fullmatch(field)}

    def _files(self) -> dict[str, str]:
        at_platform = self.kind is Kind.PLATFORM
        password = secret.made(self.settings) if at_platform else ""
        inside = self._layout.inside
        lines = (self.phones, inside, password, self.trunks, self.hotlines)
        files = render(self.kind, self.settings, *lines)
        if at_platform and self.settings.asterisk.tls_port:
            verifies = "verify_server=yes" in files["pjsip.conf"]
            files |= certificates(self.settings, verifies=verifies)
        return files

    def _pid(self) -> int | None:
        return process.find(self._layout.real / "run/asterisk.pid", self._conf)

    def _start(self) -> None:
        for left_over in ("asterisk.pid", "asterisk.ctl"):
            (self._layout.real / "run" / left_over).unlink(missing_ok=True)
        started = self._run("-g", timeout=BOOT_SECONDS, user=USER_ID, before=SOUND_FIRST)
        if started.returncode != 0:
            raise self._error(f"it didn't start: {started.stdout.strip()}")

    def _wait_booted(self, deadline: float) -> None:
        control = self._layout.real / "run/asterisk.ctl"
        while time.monotonic() < deadline:
            if control.exists():
                try:
                    self.cli("core waitfullybooted", deadline - time.monotonic())
                    return
                except AsteriskError:
                    if self._died():
                        break
            time.sleep(_LOOK_AGAIN_SECONDS)
        raise self._error("it didn't come up")

    def _died(self) -> bool:
        return (self._layout.real / "run/asterisk.pid").exists() and not self.is_running()

    def _run(
        self,
        *arguments: str,
        timeout: float,
        user: int | None = None,
        before: tuple[str, ...] = (),
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*before, *self.installation.command("-C", self._conf, *arguments, user=user)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )

    def _error(self, what: str) -> AsteriskError:
        log = self.directory / "log/messages.log"
        return AsteriskError(f"Asterisk ({self.kind.value}): {what} (its log: {log})")
