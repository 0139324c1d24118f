"""The phone program: ``python -m phones.program DIRECTORY`` is one SIP phone on 127.0.0.1.

A test phone. It stands on pjsua2, which is under the GPL, and therefore runs as a program of its
own: orders come as one JSON object a line on standard input (``{"do": "call", "uri": ...}``),
events leave the same way on standard output (``{"event": "connected", "at": ...}``, ``at`` in
seconds since the epoch). DIRECTORY receives ``heard.pcm`` and the library's ``sip.log``.

Orders: ``start`` (user, password, registrar, bind, port, rings, tls, srtp), ``register``,
``call`` (uri), ``answer`` (code), ``press`` (digits, duration and gap in ms), ``play`` (path,
loop),
``silence``, ``mute``, ``unmute``, ``hangup`` (code), ``quit``. An order that
fails gives an ``error`` event. End of input is ``quit``: a phone never outlives its driver.

Everything runs on the main thread, which polls the library and the pipe in turn: pjsua2 must
not be called from threads it doesn't know. Only the recorder runs on the library's clock.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pjsua2

from phones.handset import Handset

# The library prints on standard output before it can be told not to: that goes to the log instead.
_EVENTS = os.dup(sys.stdout.fileno())
os.dup2(sys.stderr.fileno(), sys.stdout.fileno())


def emit(event: str, **facts: Any) -> None:
    """Write one event."""
    line = json.dumps({"event": event, "at": time.time(), **facts})
    os.write(_EVENTS, line.encode() + b"\n")


def _guarded(work: Callable[..., None], *details: Any) -> None:
    try:
        work(*details)
    except pjsua2.Error as error:
        emit("error", reason=error.info())
    except (RuntimeError, ValueError, TypeError, AttributeError) as error:
        emit("error", reason=repr(error))


def _first_line() -> str:
    # Read byte by byte: a buffered reader would swallow orders that select() then never shows.
    line = b""
    while not line.endswith(b"\n"):
        line += os.read(sys.stdin.fileno(), 1) or b"\n"
    return line.decode()


def main(directory: Path) -> None:
    """Obey orders until ``quit`` or the end of input. The first order is ``start``."""
    phone, unread = Handset(directory, emit), b""
    # A real phone isn't slowed by whatever else the machine that tests it has to do.
    with contextlib.suppress(PermissionError):
        os.nice(-10)
    phone.obey(json.loads(_first_line()))
    while phone.running:
        _guarded(phone.turn)
        if select.select([sys.stdin], [], [], 0)[0]:
            chunk = os.read(sys.stdin.fileno(), 65536)
            phone.running = bool(chunk)
            *lines, unread = (unread + chunk).split(b"\n")
            for line in lines:
                _guarded(phone.obey, json.loads(line))
    phone.close()
    # Not libDestroy(): it waits a second, and the wrappers' destructors don't survive it.
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
