"""Asterisk's configuration, rendered from the settings and a list of phones.

Nothing that could break out of its place in a file is ever written: every value is checked
against a narrow pattern first, since Asterisk's files know no quoting.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from enum import Enum
from pathlib import PurePosixPath

from jinja2 import Environment, PackageLoader, StrictUndefined

from asterisk_conf import lines, variables
from asterisk_conf.errors import AsteriskError
from asterisk_conf.lines import Hotline, Phone, Trunk
from asterisk_conf.modules import UNWANTED, UNWANTED_EVENTS
from asterisk_conf.words import checked, port
from store.settings import AsteriskSettings, Settings

MENU_SECONDS = 15 * 60
"""The longest that a phone may stay in the caller's menu."""

SPEECH_SECONDS = 60
"""The longest that an announcement may take before the leg is hung up."""

CALLED_MARGIN_SECONDS = 60
"""What the called party's menu may take beyond twice the time to accept: the questions before a
block."""

HOTLINE_SECONDS = 2 * 60 * 60
"""The longest that a hotline's call may last."""

HOTLINE_RING_SECONDS = 60
TEST_SECONDS = 25


class Kind(Enum):
    """Which Asterisk: the facility's platform, or the stand-in for the public network."""

    PLATFORM = "platform"
    EXCHANGE = "exchange"


def render(
    kind: Kind,
    settings: Settings,
    phones: Iterable[Phone],
    directory: PurePosixPath,
    ami_secret: str = "",
    trunks: Iterable[Trunk] | None = None,
    hotlines: Iterable[Hotline] = (),
) -> dict[str, str]:
    """Give each configuration file's text by its name.

    ``directory`` is where Asterisk itself sees its files (the path inside a private root);
    ``ami_secret`` the password of the manager interface, which only the platform has.
    ``trunks`` are tried in their order; None: the settings' one.
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
    every = list(phones)
    values = _values(kind, settings, every, directory)
    if kind is Kind.PLATFORM:
        values |= _manager(settings, ami_secret)
        values |= _lines(settings.asterisk, every, trunks, list(hotlines))
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
        "directory": checked("directory", str(directory)),
        "caller_id": checked("telephone number", settings.asterisk.caller_id),
        "language": checked("language", settings.language),
        "phones": _phones(kind, settings, phones),
        "menu_seconds": MENU_SECONDS,
        "speech_seconds": SPEECH_SECONDS,
        "called_seconds": 2 * settings.call.accept_seconds + CALLED_MARGIN_SECONDS,
        "unwanted": UNWANTED,
        "registered_number": _national(settings.asterisk.registered_number),
    }


def _network(kind: Kind, settings: Settings) -> dict[str, object]:
    asterisk = settings.asterisk
    trunk_host = checked("host", asterisk.trunk_host)
    at_exchange = kind is Kind.EXCHANGE
    bind = _address(trunk_host if at_exchange else asterisk.bind)
    agi_host = checked("host", settings.agi.host)
    if not 1024 <= asterisk.rtp_start < asterisk.rtp_end <= 65535:
        raise AsteriskError("rtp_start and rtp_end must be a range of ports from 1024 to 65535")
    if asterisk.media_seconds < 1:
        raise AsteriskError("media_seconds must be at least 1")
    return {
        "bind": bind,
        "media_address": None if bind.is_unspecified else bind,
        "sip_port": port(asterisk.trunk_port if at_exchange else asterisk.sip_port),
        "agi": f"agi://{agi_host}:{port(settings.agi.port)}",
        "media_seconds": asterisk.media_seconds,
        "rtp_start": asterisk.rtp_start,
        "rtp_end": asterisk.rtp_end,
    }


def _manager(settings: Settings, secret: str) -> dict[str, object]:
    return {
        "ami_port": port(settings.asterisk.ami_port),
        "ami_secret": checked("password", secret),
        "unwanted_events": ",".join(UNWANTED_EVENTS),
    }


def _lines(
    settings: AsteriskSettings,
    phones: list[Phone],
    trunks: Iterable[Trunk] | None,
    hotlines: list[Hotline],
) -> dict[str, object]:
    ways = lines.own_ways(settings) if trunks is None else lines.ways(list(trunks), settings)
    return {
        "hotlines": lines.by_facility(hotlines),
        "stations": list(lines.stations(phones, ways, hotlines, settings)),
        "trunks": ways,
        "transports": lines.transports(phones, ways),
        "tls_port": port(settings.tls_port) if settings.tls_port else None,
        "verifies": any(way.trunk.transport == "tls" for way in ways),
        "look_seconds": lines.LOOK_SECONDS,
        "hotline_seconds": HOTLINE_SECONDS,
        "hotline_ring_seconds": HOTLINE_RING_SECONDS,
        "test_seconds": TEST_SECONDS,
    }


def _national(number: str) -> str:
    """Ten digits, as they are dialled within the country; empty: there is no such number."""
    if number and not (len(number) == 10 and number.isascii() and number.isdigit()):
        raise AsteriskError(f"registered_number has ten digits, not {number!r}")
    return number


def _phones(kind: Kind, settings: Settings, phones: list[Phone]) -> list[Phone]:
    for phone in phones:
        checked("phone id" if kind is Kind.PLATFORM else "telephone number", phone.id)
        checked("password", phone.password)
    lines.must_be_free(phones, settings.asterisk.caller_id)
    return phones


def _address(text: str) -> ipaddress.IPv4Address:
    try:
        return ipaddress.IPv4Address(text)
    except ValueError:
        raise AsteriskError(
            f"Asterisk can't listen on {text!r}: it must be an IPv4 address"
        ) from None
