"""How a control's value is written: the same on the command line and over HTTP."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

from blocklists.lists import NumberError
from blocklists.policy.hours import HoursError, spans

LARGEST = 1_000_000
DEFAULT_ENTRIES = 20
_FLAGS = {"on": True, "off": False, "true": True, "false": False}
_WINDOW = re.compile(r"([0-9]{1,6}) in ([0-9]{1,6})")
_PAN = re.compile(r"([a-z_]+)(?: ([0-9]{1,6}))?")


class PolicyError(NumberError):
    """No such control can be set or lifted; the message says why and how to mend it."""


class PanMode(StrEnum):
    """How a person's own list binds: not at all, by what staff approve, or by what is called."""

    OFF = "off"
    ALLOW_LIST = "allow_list"
    SELF_LEARNING = "self_learning"


def flag(written: object) -> bool:
    """``on`` or ``off``."""
    value = _FLAGS.get(str(written).lower())
    if value is None:
        raise PolicyError(f"{written!r}: say on or off")
    return value


def limit(written: object) -> int:
    """A number of seconds, minutes or calls."""
    text = str(written)
    if isinstance(written, bool) or not re.fullmatch("[0-9]{1,7}", text) or int(text) > LARGEST:
        raise PolicyError(f"{written!r}: a limit is a whole number up to {LARGEST}")
    return int(text)


def length(written: object) -> int:
    """Seconds of a talk. Who is to talk not at all has other controls, which say so."""
    seconds = limit(written)
    if not seconds:
        raise PolicyError("a talk of 0 seconds is none: turn calls off, or set hours or a count")
    return seconds


def window(written: object) -> dict[str, int]:
    """``5 in 60``: so many, in so many minutes."""
    if isinstance(written, dict) and written.keys() == {"count", "minutes"}:
        written = f"{written['count']} in {written['minutes']}"
    match = _WINDOW.fullmatch(str(written))
    if match is None or int(match[2]) < 1:
        raise PolicyError(f"{written!r}: say '5 in 60' for five in an hour")
    return {"count": int(match[1]), "minutes": int(match[2])}


def pan(written: object) -> dict[str, Any]:
    """``off``, ``allow_list 20`` or ``self_learning 20``: at most so many numbers."""
    if isinstance(written, dict) and written.keys() <= {"mode", "max"}:
        written = f"{written.get('mode')} {written.get('max', '')}".strip()
    match = _PAN.fullmatch(str(written))
    if match is None or match[1] not in set(PanMode):
        raise PolicyError(f"{written!r}: say off, 'allow_list 20' or 'self_learning 20'")
    return {"mode": match[1], "max": int(match[2] or DEFAULT_ENTRIES)}


def hours_text(written: object) -> str:
    """Hours of the week, such as ``mon-fri 08:00-22:00, sat sun 09:00-23:00``."""
    try:
        spans(str(written))
    except HoursError as error:
        raise PolicyError(str(error)) from None
    return str(written)
