"""Drives one test phone: a SIP phone in a process of its own, with keys, a voice and an ear.

    with Phone("alice", tmp_path / "alice") as alice, Phone("bob", tmp_path / "bob") as bob:
        alice.call(bob.uri)
        bob.wait_incoming()
        bob.answer()
        alice.play(greeting_path)
        bob.wait_heard(greeting)

Nothing here sleeps: every wait ends with the event it waits for, or with a :class:`PhoneError`
that tells what the phone heard and saw instead. Timeouts are in seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from phones.clip import Clip
from phones.events import Disconnect, Event, Incoming, PhoneError
from phones.listening import DEFAULT_TIMEOUT, Listening
from phones.process import Process

BIND = "127.0.0.1"


class Phone(Listening):
    """One SIP phone on 127.0.0.1, one call at a time.

    ``directory`` keeps its recording and logs. ``registrar`` is "host:port"; without it the phone
    is called by its :attr:`uri`. ``port`` 0 takes a free one. ``vocabulary`` are the clips that a
    failed wait is explained with. A phone that doesn't ring takes a call and says nothing to it.
    ``tls``: it speaks to its registrar by TLS; ``srtp``: its sound is SRTP, or there is none.
    """

    def __init__(
        self,
        user: str,
        directory: Path,
        *,
        password: str = "",
        registrar: str = "",
        port: int = 0,
        rings: bool = True,
        tls: bool = False,
        srtp: bool = False,
        vocabulary: Iterable[Clip] = (),
    ) -> None:
        super().__init__(directory, vocabulary)
        self.user = user
        self.port = port
        self._password = password
        self._registrar = registrar
        self._rings = rings
        self._tls = tls
        self._srtp = srtp

    def __enter__(self) -> Self:
        self._process = Process(self._directory)
        try:
            self._start()
        except BaseException:
            self._process.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.close()

    @property
    def uri(self) -> str:
        """Where it can be called directly."""
        return f"sip:{self.user}@{BIND}:{self.port}"

    def register(self, timeout: float = DEFAULT_TIMEOUT) -> None:
        """Register at the registrar. Raises :class:`PhoneError` when it refuses."""
        since = len(self._process.events)
        self._process.order("register")
        event = self._wait(("registered", "registration_failed"), timeout, since)
        if event.name != "registered":
            raise PhoneError(f"registration failed: {event.facts}")

    def call(self, target: str) -> None:
        """Call a SIP URI, or a number at the registrar."""
        uri = target if target.startswith("sip:") else f"sip:{target}@{self._registrar}"
        self._call_began = len(self._process.events)
        self._process.order("call", uri=uri)

    def answer(self, code: int = 200) -> None:
        """Answer with a SIP status: 200 lifts, 486 is busy, 603 declines.

        183 opens the sound before the call is answered: what is played is early media.
        """
        self._process.order("answer", code=code)

    def press(self, digits: str, duration: int = 80, gap: int = 60) -> None:
        """Press keys (RFC 4733) one after another; ``duration`` and ``gap`` in ms."""
        self._process.order("press", digits=digits, duration=duration, gap=gap)

    def play(self, path: Path, *, loop: bool = False) -> None:
        """Say what is in a WAV file (8 kHz, 16 bit, mono): at once, or once there is sound."""
        self._process.order("play", path=str(path), loop=loop)

    def silence(self) -> None:
        """Stop speaking."""
        self._process.order("silence")

    def mute(self) -> None:
        """Send no more sound, as a phone whose network fails; the call stays.

        But for a packet every 5 seconds, which the library can't be talked out of.
        """
        self._process.order("mute")

    def unmute(self) -> None:
        """Send sound again: silence, until the next :meth:`play`."""
        self._process.order("unmute")

    def die(self) -> None:
        """Be gone in the middle of whatever it does, without a word to the network."""
        self._process.kill()

    def hangup(self, timeout: float = DEFAULT_TIMEOUT) -> Disconnect:
        """Hang up, or give up calling; returns when the call is over."""
        self._process.order("hangup", code=0)
        return self.wait_disconnected(timeout)

    def wait_incoming(self, timeout: float = DEFAULT_TIMEOUT) -> Incoming:
        """The next call that rings here."""
        event = self._wait(("incoming",), timeout, self._call_began)
        self._call_began = self._process.events.index(event) + 1
        return Incoming(event.facts["caller"], event.at)

    def wait_ringing(self, timeout: float = DEFAULT_TIMEOUT) -> datetime:
        """When the other side was first heard to ring."""
        return self._wait_on_call("ringing", timeout).at

    def wait_connected(self, timeout: float = DEFAULT_TIMEOUT) -> datetime:
        """When the call was answered."""
        return self._wait_on_call("connected", timeout).at

    def wait_disconnected(self, timeout: float = DEFAULT_TIMEOUT) -> Disconnect:
        """The end of the call."""
        event = self._wait(("disconnected",), timeout, self._call_began)
        return Disconnect(**event.facts, at=event.at)

    def wait_digits(self, digits: str, timeout: float = DEFAULT_TIMEOUT) -> None:
        """Return once the keys received in this call end with ``digits``."""
        found = self._process.wait(lambda: self.digits.endswith(digits) or None, timeout)
        if not found:
            raise self._failure(f"no digits {digits!r}, only {self.digits!r}")

    @property
    def digits(self) -> str:
        """The keys received in this call."""
        events = self._process.events[self._call_began :]
        return "".join(event.facts["digit"] for event in events if event.name == "digit")

    def _start(self) -> None:
        self._process.order(
            "start",
            user=self.user,
            password=self._password,
            registrar=self._registrar,
            bind=BIND,
            port=self.port,
            rings=self._rings,
            tls=self._tls,
            srtp=self._srtp,
        )
        self.port = self._wait(("ready",), DEFAULT_TIMEOUT, 0).facts["port"]

    def _wait_on_call(self, name: str, timeout: float) -> Event:
        event = self._wait((name, "disconnected"), timeout, self._call_began)
        if event.name != name:
            raise self._failure(f"not {name}: the call ended with {event.facts}")
        return event

    def _wait(self, names: tuple[str, ...], timeout: float, since: int) -> Event:
        event = self._process.wait(lambda: self._process.first(names, since), timeout)
        if event is None:
            raise self._failure(f"not {' or '.join(names)} within {timeout} s")
        return event
