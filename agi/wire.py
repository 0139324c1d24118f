"""Asterisk's AGI stream: bytes in, events out, and commands back to bytes. Nothing here waits.

What Asterisk really sends (read in its res_agi.c, tried on Asterisk 22):

* ``name: value`` lines up to a blank line, then one reply to each command;
* ``HANGUP`` on a line of its own is a notice, never a reply. It can come at any time, also
  before the reply that is due;
* 520 comes as one line, or as a block that opens with ``520-`` and closes with ``520 ``;
* a variable's value is printed raw: only the last ``)`` of the line ends it.

Asterisk is the only honest peer. Whatever breaks these rules ends the stream, once and for all,
with a :class:`Closed` that says why; what follows is not looked at. Memory is bounded by the
limits below.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

MAX_COMMAND_BYTES = 8191
"""A longer command is not refused: Asterisk reads its rest as the next command."""
MAX_WORDS = 127
MAX_LINE_BYTES = 16384
MAX_HEADER_BYTES = 65536
MAX_USAGE_BYTES = 65536

_REPLY = re.compile(r"(\d{3})([ -]|$)(.*)", re.DOTALL)
_RESULT = re.compile(r"result=(\S*)(?:\s+\((.*)\))?(.*)", re.DOTALL)
_ENDPOS = re.compile(r"endpos=(-?\d+)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Header:
    """The opening of a session: ``agi_request``, ``agi_channel``, ``agi_arg_1`` and so on."""

    env: dict[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one command. ``text`` is what follows the code, with 520's usage lines."""

    code: int
    text: str
    result: str = ""
    data: str = ""
    endpos: str = ""


@dataclass(frozen=True, slots=True)
class Hangup:
    """The channel was hung up; the session goes on, on a dead channel."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The end, always the last event. ``error`` is empty when the peer just closed."""

    error: str = ""


Event = Header | Reply | Hangup | Closed


class Parser:
    """Turns the bytes of one connection into events, however they are cut into chunks."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._env: dict[str, str] | None = {}
        self._header_bytes = 0
        self._usage: list[str] = []
        self._usage_bytes = 0
        self._closed = False

    def feed(self, data: bytes) -> list[Event]:
        """Give the events that ``data`` completes. Never raises; empty after the end."""
        if self._closed:
            return []
        self._rest += data
        *lines, rest = self._rest.split(b"\n") if b"\n" in data else [self._rest]
        self._rest = rest
        events: list[Event] = []
        for line in lines:
            events += self._line(line)
            if self._closed:
                return events
        if len(rest) > MAX_LINE_BYTES:
            events += self._fail("line too long")
        return events

    def close(self) -> list[Event]:
        """The peer closed: a half line is dropped."""
        return [] if self._closed else self._fail("")

    def _fail(self, error: str) -> list[Event]:
        self._closed = True
        self._rest.clear()
        return [Closed(error)]

    def _line(self, raw: bytearray) -> list[Event]:
        if len(raw) > MAX_LINE_BYTES:
            return self._fail("line too long")
        line = _decode(raw)
        if line == "HANGUP":
            return [Hangup()]
        if self._env is not None:
            return self._header(self._env, line, len(raw))
        if self._usage:
            return self._usage_line(line, len(raw))
        return self._reply(line)

    def _header(self, env: dict[str, str], line: str, size: int) -> list[Event]:
        if not line:
            self._env = None
            return [Header(env)]
        name, colon, value = line.partition(":")
        self._header_bytes += size
        if not colon:
            return self._fail("header line without a colon")
        if self._header_bytes > MAX_HEADER_BYTES:
            return self._fail("header too long")
        # The first wins: what a caller can put into a later value never renames the script.
        env.setdefault(name.strip(), value.strip())
        return []

    def _reply(self, line: str) -> list[Event]:
        match = _REPLY.fullmatch(line)
        if match is None:
            return self._fail("not a reply")
        code, mark, text = match.groups()
        if code == "520" and mark == "-":
            self._usage, self._usage_bytes = [text], 0
            return []
        return [_reply(int(code), text)]

    def _usage_line(self, line: str, size: int) -> list[Event]:
        self._usage.append(line)
        self._usage_bytes += size + 1
        if self._usage_bytes > MAX_USAGE_BYTES:
            return self._fail("usage too long")
        if not line.startswith("520 "):
            return []
        usage, self._usage = "\n".join(self._usage), []
        return [Reply(520, usage)]


def _decode(raw: bytearray) -> str:
    """The one place where bytes become text. Names come from SIP and hold anything."""
    return raw.decode("utf-8", "replace").replace("\0", "\ufffd").removesuffix("\r")


def _reply(code: int, text: str) -> Reply:
    match = _RESULT.search(text) if code == 200 else None
    if match is None:
        return Reply(code, text)
    result, data, tail = match.groups()
    endpos = _ENDPOS.search(tail)
    return Reply(code, text, result, data or "", endpos[1] if endpos else "")


class Quoted(str):
    """A word that is already fit for the wire."""

    __slots__ = ()


class CommandRefused(ValueError):
    """A command that Asterisk would not read as the one command it is."""


def quote(word: object) -> Quoted:
    """Make ``word`` one word of a command. Quoting twice changes nothing.

    Asterisk has no escape for a newline, which always ends the command: every control
    character becomes a blank.
    """
    if isinstance(word, Quoted):
        return word
    text = _CONTROL.sub(" ", str(word)).replace("\\", "\\\\").replace('"', '\\"')
    return Quoted(f'"{text}"')


def encode(command: str, words: Iterable[object] = ()) -> bytes:
    """One command line: ``command`` as it stands, then each word quoted.

    An empty word is left out unless it was quoted before: ``HANGUP ""`` would look for a channel
    without a name. Raises :class:`CommandRefused` when the line is longer than Asterisk reads.
    """
    kept = [quote(word) for word in words if isinstance(word, Quoted) or str(word)]
    line = " ".join([_CONTROL.sub(" ", command), *kept]).encode("utf-8", "replace") + b"\n"
    if len(line) > MAX_COMMAND_BYTES:
        raise CommandRefused(f"{command}: {len(line)} bytes, at most {MAX_COMMAND_BYTES} are read")
    if len(command.split()) + len(kept) > MAX_WORDS:
        raise CommandRefused(f"{command}: more than {MAX_WORDS} words")
    return line
