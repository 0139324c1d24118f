"""What may be written into Asterisk's files, which know no quoting."""

from __future__ import annotations

import re

from asterisk_conf.errors import AsteriskError

_NAME = r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,39}"
_NAMES = {
    "phone id": re.compile(_NAME),
    "facility id": re.compile(_NAME),
    "trunk id": re.compile(_NAME),
    "user name": re.compile(r"[A-Za-z0-9_+][A-Za-z0-9_.+-]{0,63}"),
    "telephone number": re.compile(r"[0-9]{2,15}"),
    "password": re.compile(r"[A-Za-z0-9_.~+=/-]{1,128}"),
    "host": re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?"),
    "language": re.compile(r"[a-z]{2,3}(_[A-Z]{2})?"),
    "directory": re.compile(r"/[A-Za-z0-9_./+@-]{1,200}"),
}


def checked(kind: str, value: str) -> str:
    """The value, safe to be written. Raises :class:`AsteriskError`."""
    if not _NAMES[kind].fullmatch(value):
        shown = "" if kind == "password" else f" {value!r}"
        raise AsteriskError(
            f"{kind}{shown} can't be written into Asterisk's configuration: "
            f"it must match {_NAMES[kind].pattern}"
        )
    return value


def port(number: int) -> int:
    """The port, if it is one. Raises :class:`AsteriskError`."""
    if not 1 <= number <= 65535:
        raise AsteriskError(f"{number} is no port number")
    return number
