"""A call's channel as scripts see it: pyst2's vocabulary, made safe.

pyst2 0.5.1 gives the commands, their names and their exceptions. Replaced are its construction
(signal handler, stderr), its quoting (it quotes little), its reading (a hang-up notice, a one-line
520 or the end of file confuse it) and its reading of ``result=-1``. This is the only module that
knows pyst2.

``AGIHangup`` derives from ``AGIAppError``: catch the hang-up first, or better, not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NoReturn, Protocol

from asterisk.agi import (
    AGI,
    AGIAppError,
    AGIDBError,
    AGIError,
    AGIHangup,
    AGIInvalidCommand,
    AGISIGHUPHangup,
    AGISIGPIPEHangup,
    AGIUnknownError,
    AGIUsageError,
)

from agi import wire

__all__ = [
    "ALL_KEYS",
    "AGIAppError",
    "AGIDBError",
    "AGIError",
    "AGIHangup",
    "AGIInvalidCommand",
    "AGIUnknownError",
    "AGIUsageError",
    "Channel",
    "Digits",
    "Wire",
]

ALL_KEYS = "0123456789*#"
# What a GOSUB says first: its reply comes when the routine is through.
TRYING = 100
_DEAD_SAFE = ("SET VARIABLE", "GET VARIABLE", "GET FULL VARIABLE", "EXEC", "VERBOSE", "NOOP")


class Wire(Protocol):
    """What a channel needs of a connection."""

    def send(self, data: bytes) -> None:
        """Write one command; never waits."""

    def next_event(self) -> wire.Event:
        """Wait for the next event. After ``Closed`` it is not called again."""

    def poll(self) -> wire.Event | None:
        """The next event if there is one already; never waits."""


class Digits(str):
    """Keys that were pressed. ``timed_out``: the caller fell silent before the ``#``
    (or the last digit) that would have ended them."""

    timed_out: bool = False


class Channel(AGI):  # type: ignore[misc]  # pyst2 is untyped
    """One AGI session. Every command raises:

    * ``AGIHangup`` once the call or the connection is gone; commands that Asterisk also takes on
      a dead channel (variables, ``VERBOSE``, ``NOOP``, ``DATABASE``, ``EXEC``) still pass then;
    * ``AGIAppError`` when the command failed on a live channel, such as a missing sound file;
    * ``AGIUsageError``, ``AGIInvalidCommand``, ``AGIUnknownError`` for our own mistakes;
    * ``wire.CommandRefused`` when the arguments don't fit into one command.
    """

    env: dict[str, str]

    def __init__(self, connection: Wire, env: Mapping[str, str]) -> None:
        # Not the parent's: it installs a signal handler and reads the header from stdin.
        self.env = dict(env)
        self.hung_up = False
        self._connection = connection
        self._closed = False
        self._reply_due = False
        self._out_of_step = False

    # What pyst2 is built on.

    def _quote(self, string: object) -> wire.Quoted:
        return wire.quote(string)

    def test_hangup(self) -> None:
        """Raise ``AGIHangup`` when the channel is known to be dead."""
        self._take_notices()
        if self.hung_up:
            raise AGISIGHUPHangup("the channel was hung up")

    def execute(self, command: str, *args: object) -> dict[str, tuple[str, str]]:
        """Send one command, wait for its reply, and give the parsed values of pyst2."""
        if _dead_safe(command):
            self._take_notices()
        else:
            self.test_hangup()
        self.send_command(command, *args)
        return self.get_result()

    def send_command(self, command: str, *args: object) -> None:
        """Write one command, every argument one word."""
        if self._closed:
            raise AGISIGPIPEHangup("the connection is closed")
        if self._reply_due or self._out_of_step:
            # A second command would stop the prompt of the first, which then never answers.
            raise AGIError("out of step with Asterisk")
        self._connection.send(wire.encode(command.strip(), args))
        self._reply_due = True

    def get_result(self, stdin: object = None) -> dict[str, tuple[str, str]]:
        """Wait for the reply that is due."""
        reply = self._checked(self._next_reply())
        if reply.result == "-1":
            self._blame()
        return {"result": (reply.result, reply.data), "endpos": (reply.endpos, "")}

    # Reading.

    def _take_notices(self) -> None:
        while not self._closed and (event := self._connection.poll()) is not None:
            self._note(event)
            if isinstance(event, wire.Reply):
                # Nobody asked: from here on each answer would belong to another question.
                self._out_of_step = True

    def _next_reply(self) -> wire.Reply:
        while True:
            event = self._connection.next_event()
            self._note(event)
            if isinstance(event, wire.Reply) and event.code != TRYING:
                self._reply_due = False
                return event
            if isinstance(event, wire.Closed):
                raise AGISIGPIPEHangup(event.error or "Asterisk closed the connection")

    def _note(self, event: wire.Event) -> None:
        if isinstance(event, wire.Hangup | wire.Closed):
            self.hung_up = True
        if isinstance(event, wire.Closed):
            self._closed = True

    def _checked(self, reply: wire.Reply) -> wire.Reply:
        if reply.code == 200:
            return reply
        if reply.code == 511:
            self.hung_up = True
            raise AGISIGHUPHangup("not permitted on a dead channel")
        if reply.code == 510:
            raise AGIInvalidCommand(reply.text)
        if reply.code == 520:
            raise AGIUsageError(reply.text)
        raise AGIUnknownError(reply.code, "unexpected reply")

    def _blame(self) -> NoReturn:
        """Why a command said -1. The notice of a hang-up can come just after it: ask once."""
        self._take_notices()
        if not self.hung_up:
            self.send_command("CHANNEL STATUS")
            self._checked(self._next_reply())
        if self.hung_up:
            raise AGISIGHUPHangup("hung up during the command")
        raise AGIAppError("the command failed, perhaps a missing sound file")

    # The commands our scripts use, with types.

    def answer(self) -> None:
        """Pick up."""
        super().answer()

    def hangup(self, channel: str = "") -> None:
        """Hang up this channel, or the named one."""
        super().hangup(channel)

    def verbose(self, message: str, level: int = 1) -> None:
        """Write to Asterisk's console."""
        super().verbose(message, level)

    def set_variable(self, name: str, value: str) -> None:
        """Set a channel variable, also on a dead channel."""
        super().set_variable(name, value)

    def get_variable(self, name: str) -> str:
        """A channel variable's value, empty when unset, also on a dead channel.

        Asterisk prints it raw: read only variables that the platform sets.
        """
        # pyst2 answers 'hangup' as if it were the value.
        return self.execute("GET VARIABLE", name)["result"][1]

    def gosub(self, context: str) -> None:
        """Run a routine of the dialplan on this channel, from its ``s`` to its ``Return``."""
        self.execute("GOSUB", wire.quote(context), "s", 1)

    def database_get(self, family: str, key: str) -> str:
        """An entry of Asterisk's own database; raises ``AGIDBError`` when there is none."""
        # pyst2 puts quotes around both before it quotes them: they became part of the name.
        found, value = self.execute("DATABASE GET", family, key)["result"]
        if found != "1":
            raise AGIDBError(f"no {key} in {family}")
        return value

    def stream_file(self, filename: str, escape_digits: str = "", sample_offset: int = 0) -> str:
        """Play one sound; the key of ``escape_digits`` that stopped it, or nothing."""
        key: str = super().stream_file(filename, escape_digits, sample_offset)
        return key

    def record_sound(self, filename: str, most_ms: int, silence_seconds: int) -> None:
        """Record 8 kHz WAV after a tone, until ``#``, silence, or ``most_ms``."""
        words = ("wav", "#", most_ms, 0, "BEEP", f"s={silence_seconds}")
        self.execute("RECORD FILE", wire.quote(filename), *words)

    def get_data(self, files: Sequence[str], timeout_ms: int, max_digits: int) -> Digits:
        """Play sounds one after the other and collect up to ``max_digits`` keys, ended by ``#``.

        The first key stops the sounds. ``timeout_ms`` is the silence that ends the wait, after
        the sounds and after each key. Without files it just waits for keys.
        """
        # Asterisk 22 takes one file in GET DATA: 'a&b' is to it the name of a missing file.
        first = self._first_key(files[:-1])
        if first == "#" or len(first) == max_digits:
            return Digits("" if first == "#" else first)
        last = "" if first or not files else files[-1]
        words = (wire.quote(last), timeout_ms, max_digits - len(first))
        keys, how = self.execute("GET DATA", *words)["result"]
        digits = Digits(first + keys)
        digits.timed_out = how == "timeout"
        return digits

    def _first_key(self, files: Iterable[str]) -> str:
        return next(filter(None, (self.stream_file(one, ALL_KEYS) for one in files)), "")


def _dead_safe(command: str) -> bool:
    return command.upper().startswith((*_DEAD_SAFE, "DATABASE "))
