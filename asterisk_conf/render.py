"""Asterisk's configuration, rendered from the settings and a list of phones.

Nothing that could break out of its place in a file is ever written: every value is checked
against a narrow pattern first, since Asterisk's files know no quoting.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePosixPath

from jinja2 import Environment, PackageLoader, StrictUndefined

from asterisk_conf import variables
from asterisk_conf.errors import AsteriskError
from asterisk_conf.modules import UNWANTED, UNWANTED_EVENTS
from store.settings import Settings

MENU_SECONDS = 15 * 60
"""The longest that a phone may stay in the caller's menu."""

SPEECH_SECONDS = 60
"""The longest that an announcement may take before the leg is hung up."""

CALLED_MARGIN_SECONDS = 60
"""What the called party's menu may take beyond twice the time to accept: the questions before a
block."""

_NAMES = {
    "phone id": re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,39}"),
    "telephone number": re.compile(r"[0-9]{2,15}"),
    "password": re.compile(r"[A-Za-z0-9_.~+=/-]{1,128}"),
    "host": re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?"),
    "language": re.compile(r"[a-z]{2,3}(_[A-Z]{2})?"),
    "directory": re.compile(r"/[A-Za-z0-9_./+@-]{1,200}"),
}
_RESERVED = {"trunk", "phone", "line", "udp", "global"}


class Kind(Enum):
    """Which Asterisk: the facility's platform, or the stand-in for the public network."""

    PLATFORM = "platform"
    EXCHANGE = "exchange"


@dataclass(frozen=True)
class Phone:
    """A SIP phone. ``id`` is its user name: on the exchange, its telephone number in digits."""

    id: str
    password: str


def render(
    kind: Kind,
    settings: Settings,
    phones: Iterable[Phone],
    directory: PurePosixPath,
    ami_secret: str = "",
) -> dict[str, str]:
    """Give each configuration file's text by its name.

    ``directory`` is where Asterisk itself sees its files (the path inside a private root);
    ``ami_secret`` the password of the manager interface, which only the platform has.
    Raises :class:`AsteriskError` when a value can't be written safely.
    """
    environment = Environment(
        loader=PackageLoader("asterisk_conf"),
        undefined=StrictUndefined,
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        comment_start_string="<#",
        comment_end_string="#>",
        keep_trailing_newline=True,
        autoescape=False,
    )
    values = _values(kind, settings, list(phones), directory)
    if kind is Kind.PLATFORM:
        values |= _manager(settings, ami_secret)
    chosen = [name for name in environment.list_templates() if _belongs(name, kind)]
    return {
        PurePosixPath(name).name: environment.get_template(name).render(values) for name in chosen
    }


def _belongs(template: str, kind: Kind) -> bool:
    return PurePosixPath(template).parent.name in ("", kind.value)


def _values(
    kind: Kind, settings: Settings, phones: list[Phone], directory: PurePosixPath
) -> dict[str, object]:
    return {
        **variables.names(),
        **_network(kind, settings),
        "directory": _checked("directory", str(directory)),
        "caller_id": _checked("telephone number", settings.asterisk.caller_id),
        "language": _checked("language", settings.language),
        "phones": _phones(kind, settings, phones),
        "menu_seconds": MENU_SECONDS,
        "speech_seconds": SPEECH_SECONDS,
        "called_seconds": 2 * settings.call.accept_seconds + CALLED_MARGIN_SECONDS,
        "unwanted": UNWANTED,
    }


def _network(kind: Kind, settings: Settings) -> dict[str, object]:
    asterisk = settings.asterisk
    trunk_host = _checked("host", asterisk.trunk_host)
    at_exchange = kind is Kind.EXCHANGE
    bind = _address(trunk_host if at_exchange else asterisk.bind)
    agi_host = _checked("host", settings.agi.host)
    if not 1024 <= asterisk.rtp_start < asterisk.rtp_end <= 65535:
        raise AsteriskError("rtp_start and rtp_end must be a range of ports from 1024 to 65535")
    if asterisk.media_seconds < 1:
        raise AsteriskError("media_seconds must be at least 1")
    return {
        "bind": bind,
        "media_address": None if bind.is_unspecified else bind,
        "sip_port": _port(asterisk.trunk_port if at_exchange else asterisk.sip_port),
        "trunk": f"{trunk_host}:{_port(asterisk.trunk_port)}",
        "agi": f"agi://{agi_host}:{_port(settings.agi.port)}",
        "media_seconds": asterisk.media_seconds,
        "rtp_start": asterisk.rtp_start,
        "rtp_end": asterisk.rtp_end,
    }


def _manager(settings: Settings, secret: str) -> dict[str, object]:
    return {
        "ami_port": _port(settings.asterisk.ami_port),
        "ami_secret": _checked("password", secret),
        "unwanted_events": ",".join(UNWANTED_EVENTS),
    }


def _phones(kind: Kind, settings: Settings, phones: list[Phone]) -> list[Phone]:
    taken = _RESERVED | {settings.asterisk.caller_id}
    for phone in phones:
        _checked("phone id" if kind is Kind.PLATFORM else "telephone number", phone.id)
        _checked("password", phone.password)
        if phone.id in taken:
            raise AsteriskError(f"phone id {phone.id!r} is already taken")
        taken.add(phone.id)
    return phones


def _checked(kind: str, value: str) -> str:
    if not _NAMES[kind].fullmatch(value):
        shown = "" if kind == "password" else f" {value!r}"
        raise AsteriskError(
            f"{kind}{shown} can't be written into Asterisk's configuration: "
            f"it must match {_NAMES[kind].pattern}"
        )
    return value


def _port(number: int) -> int:
    if not 1 <= number <= 65535:
        raise AsteriskError(f"{number} is no port number")
    return number


def _address(text: str) -> ipaddress.IPv4Address:
    try:
        return ipaddress.IPv4Address(text)
    except ValueError:
        raise AsteriskError(
            f"Asterisk can't listen on {text!r}: it must be an IPv4 address"
        ) from None
