"""What reaches Asterisk and what calls leave by: phones, trunks, hotlines; and their rendering.

Nothing here is trusted: each value is checked before it is written.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from asterisk_conf.errors import AsteriskError
from asterisk_conf.words import checked, port
from store.settings import AsteriskSettings

TRANSPORTS = ("udp", "tcp", "tls")
CODECS = ("ulaw", "alaw", "g722")
LOOK_SECONDS = 10
"""How often a trunk is asked whether it lives, and by then it is passed over."""

_CODE = re.compile(r"[0-9]{2,6}")
_RESERVED = {"trunk", "phone", "line", "global", "system", *TRANSPORTS}


@dataclass(frozen=True)
class Phone:
    """A SIP phone. ``id`` is its user name: on the exchange, its telephone number in digits.

    ``addresses``: where it may come from, separated by commas; empty: from anywhere. ``encrypts``:
    its sound is SRTP or there is none. ``caller_id``: what called parties see; empty: the
    platform's own.
    """

    id: str
    password: str
    facility: str = ""
    transport: str = "udp"
    encrypts: bool = False
    codecs: str = "ulaw,alaw"
    addresses: str = ""
    caller_id: str = ""


@dataclass(frozen=True)
class Trunk:
    """A way to the telephone network. Without a ``facility`` it carries every facility's calls;
    without a ``capacity`` any number of them."""

    id: str
    host: str
    port: int
    facility: str = ""
    transport: str = "udp"
    encrypts: bool = False
    codecs: str = "ulaw,alaw"
    username: str = ""
    password: str = ""
    capacity: int | None = None


@dataclass(frozen=True)
class Hotline:
    """A number that a facility's phones reach by ``code``, whatever else is down."""

    facility: str
    code: str
    number: str


@dataclass(frozen=True)
class Station:
    """A phone as it is written: with its dialplan and the trunks of its calls."""

    phone: Phone
    context: str
    hotlines: str
    caller_id: str
    trunks: str
    permitted: tuple[str, ...]


@dataclass(frozen=True)
class Way:
    """A trunk as it is written. ``name`` is its endpoint's; no phone's id has a dot."""

    trunk: Trunk
    name: str
    contact: str
    looked_at: bool


def own_trunk(settings: AsteriskSettings) -> Trunk:
    """The trunk that the settings name: used where no other is known."""
    return Trunk("own", settings.trunk_host, settings.trunk_port, username=settings.caller_id)


def ways(trunks: Sequence[Trunk], settings: AsteriskSettings) -> list[Way]:
    """The trunks, best first. Raises :class:`AsteriskError`."""
    found = [_way(trunk, looked_at=True) for trunk in trunks]
    if len({way.name for way in found}) < len(found):
        raise AsteriskError("two trunks have the same id")
    for way in found:
        _must_be_safe(f"trunk {way.trunk.id}", way.trunk, settings)
    return found


def own_ways(settings: AsteriskSettings) -> list[Way]:
    """The settings' trunk alone. With no other to turn to, nobody asks whether it lives."""
    return [_way(own_trunk(settings), looked_at=False)]


def stations(
    phones: Sequence[Phone],
    trunks: Sequence[Way],
    hotlines: Sequence[Hotline],
    settings: AsteriskSettings,
) -> Iterator[Station]:
    """The phones with their dialplan and trunks. Raises :class:`AsteriskError`."""
    with_hotlines = {one.facility for one in hotlines}
    for phone in phones:
        _must_be_safe(f"phone {phone.id}", phone, settings)
        facility = phone.facility and checked("facility id", phone.facility)
        helped = facility in with_hotlines
        yield Station(
            phone,
            f"phones.{facility}" if helped else "caller",
            f"hotlines.{facility}" if helped else "",
            checked("telephone number", phone.caller_id or settings.caller_id),
            "&".join(_routes(trunks, facility)),
            tuple(_network(one) for one in filter(None, phone.addresses.split(","))),
        )


def must_be_free(phones: Iterable[Phone], caller_id: str) -> None:
    """Raises :class:`AsteriskError` when two sections would have one name."""
    taken = _RESERVED | {caller_id}
    for phone in phones:
        if phone.id in taken:
            raise AsteriskError(f"phone id {phone.id!r} is already taken")
        taken.add(phone.id)


def by_facility(hotlines: Sequence[Hotline]) -> dict[str, list[Hotline]]:
    """The hotlines of each facility that has any. Raises :class:`AsteriskError`."""
    found: dict[str, list[Hotline]] = {}
    for one in hotlines:
        if not _CODE.fullmatch(one.code):
            raise AsteriskError(f"hotline {one.code!r}: a code has 2 to 6 digits")
        checked("telephone number", one.number)
        found.setdefault(checked("facility id", one.facility), []).append(one)
    return found


def transports(phones: Iterable[Phone], trunks: Iterable[Way]) -> set[str]:
    """What is listened on: UDP always, anything else where somebody uses it."""
    used = {phone.transport for phone in phones} | {way.trunk.transport for way in trunks}
    return {"udp", *used}


def _way(trunk: Trunk, *, looked_at: bool) -> Way:
    host, wire = checked("host", trunk.host), trunk.transport
    # A semicolon would begin a comment.
    suffix = "" if wire == "udp" else rf"\;transport={wire}"
    contact = f"sip:{host}:{port(trunk.port)}{suffix}"
    return Way(trunk, f"trunk.{checked('trunk id', trunk.id)}", contact, looked_at)


def _routes(trunks: Iterable[Way], facility: str) -> Iterator[str]:
    for way in trunks:
        if way.trunk.facility in ("", facility):
            yield f"{way.name}:{way.trunk.capacity or 0}"


def _must_be_safe(what: str, line: Phone | Trunk, settings: AsteriskSettings) -> None:
    if line.transport not in TRANSPORTS:
        raise AsteriskError(f"{what}: {line.transport!r} is none of {', '.join(TRANSPORTS)}")
    if line.transport == "tls" and not settings.tls_port:
        raise AsteriskError(f"{what} is on TLS: set asterisk.tls_port in the settings")
    if line.encrypts and line.transport != "tls":
        raise AsteriskError(f"{what}: SRTP needs TLS, which hides its keys")
    if unknown := [one for one in line.codecs.split(",") if one not in CODECS]:
        raise AsteriskError(f"{what}: no codec {unknown[0]!r} (there are {', '.join(CODECS)})")
    if line.password:
        checked("password", line.password)
    if isinstance(line, Trunk) and line.username:
        checked("user name", line.username)


def _network(text: str) -> str:
    try:
        return str(ipaddress.IPv4Network(text.strip()))
    except ValueError:
        raise AsteriskError(f"{text!r} is no IPv4 address or network") from None
