"""What phones, trunks and hotlines have in common: their words, and what staff did to them."""

from __future__ import annotations

import ipaddress
from datetime import datetime

from sqlalchemy import Connection, select

from custody.places import PlaceError
from store.tables import line_orders
from store.types import AnyRow

TRANSPORTS = ("udp", "tcp", "tls")
CODECS = ("ulaw", "alaw", "g722")


def keep_order(
    connection: Connection, line: str, line_id: str, kind: str, actor: str, note: str, at: datetime
) -> None:
    """Keep what was done to a line, by whom and why."""
    row = {"line": line, "line_id": line_id, "kind": kind, "actor": actor, "note": note, "at": at}
    connection.execute(line_orders.insert(), row)


def orders(connection: Connection, line: str, line_id: str) -> list[AnyRow]:
    """What was done to a line, in the order of time."""
    rows = line_orders.c
    asked = select(line_orders).where(rows.line == line, rows.line_id == line_id)
    return list(connection.execute(asked.order_by(rows.id)))


def must_be_wire(transport: str, codecs: str, *, encrypts: bool) -> None:
    """Raises :class:`PlaceError` when a device can't be spoken to like this."""
    if transport not in TRANSPORTS:
        raise PlaceError(f"{transport!r} is no transport: {', '.join(TRANSPORTS)}")
    if encrypts and transport != "tls":
        raise PlaceError("SRTP needs the transport tls: without it its keys travel in the clear")
    words = codecs.split(",")
    if unknown := [one for one in words if one not in CODECS]:
        raise PlaceError(f"{unknown[0]!r} is no codec: {', '.join(CODECS)}, best first")
    if len(set(words)) < len(words):
        raise PlaceError("each codec once, best first")


def network(text: str) -> str:
    """An address or a network, as it is written. Raises :class:`PlaceError`."""
    try:
        return str(ipaddress.IPv4Network(text.strip()))
    except ValueError:
        raise PlaceError(f"{text!r} is no IPv4 address or network such as 10.1.0.0/24") from None
