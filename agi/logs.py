"""Log lines: every one of them carries the id of the call it belongs to.

AGI traffic is never logged: it carries PINs.
"""

from __future__ import annotations

import logging
import sys
import time
from contextvars import ContextVar
from typing import TextIO

NO_CALL = "-"
_call_id: ContextVar[str] = ContextVar("call_id", default=NO_CALL)


def bind(call_id: str) -> None:
    """From here on the lines of this session carry ``call_id``."""
    _call_id.set(call_id)


class CallId(logging.Filter):
    """Adds ``call_id`` to each record. It belongs on a handler: there it sees every logger."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.call_id = _call_id.get()
        return True


class Lines(logging.Formatter):
    """``time level call-id logger: text``, repeated before each line of a traceback.

    So one search for a call id finds all, and no text can pass for a line of another call.
    """

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        call_id = getattr(record, "call_id", NO_CALL)
        start = f"{self.formatTime(record)} {record.levelname} {call_id} {record.name}: "
        return "\n".join(start + line for line in super().format(record).splitlines() or [""])


def set_up(stream: TextIO = sys.stderr, level: int = logging.INFO) -> logging.Handler:
    """Send the whole process's log to ``stream``; gives the handler, to take it off again."""
    handler = logging.StreamHandler(stream)
    handler.addFilter(CallId())
    handler.setFormatter(Lines())
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(level)
    return handler
