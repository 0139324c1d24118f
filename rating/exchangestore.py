"""Exchange data in the database: each load is kept, the newest is in force, none is ever changed.

All files of a load go in as one row, or nothing does. The columns of blocks are stored as they
stand in memory, so that a running server takes over a new load without reading CSV.
"""

from __future__ import annotations

import hashlib
import json
import sys
from array import array
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select

from rating.exchangefile import read
from rating.exchanges import NONE_LOADED, Exchange, ExchangeError, Exchanges
from store.database import Database
from store.tables import exchanges

IN_FORCE = select(exchanges.c.version).order_by(exchanges.c.id.desc()).limit(1).scalar_subquery()
"""The version of the exchange data in force, to be asked along with other facts."""


def load(database: Database, files: Sequence[Path], actor: str, at: datetime) -> Exchanges:
    """Read and store exchange data, the complete set; from now on it is in force.

    Raises :class:`rating.exchanges.ExchangeError`; nothing is stored then. Data that was in force
    before may come back; data that is in force already is refused.
    """
    found = read(files)
    row = _row(found)
    with database.begin() as connection:
        if connection.execute(select(IN_FORCE)).scalar_one_or_none() == row["version"]:
            raise ExchangeError(f"{files[0]}:1: file: {row['version']} is in force already")
        names = [path.name for path in files]
        connection.execute(exchanges.insert(), row | {"files": names, "actor": actor, "at": at})
    return replace(found, version=str(row["version"]))


def loads(connection: Connection) -> list[tuple[str, datetime, str, list[str]]]:
    """Version, moment, actor and files of every load, the newest first."""
    columns = (exchanges.c[name] for name in ("version", "at", "actor", "files"))
    rows = connection.execute(select(*columns).order_by(exchanges.c.id.desc()))
    return [(version, at, actor, files) for version, at, actor, files in rows]


def find(connection: Connection, version: str = "") -> Exchanges:
    """The data of a version, else what is in force, else none.

    Raises :class:`rating.exchanges.ExchangeError` for a version that was never loaded.
    """
    newest = select(exchanges).order_by(exchanges.c.id.desc()).limit(1)
    row = connection.execute(
        newest.where(exchanges.c.version == version) if version else newest
    ).one_or_none()
    if row is None and version:
        raise ExchangeError(f"no exchange data {version} was ever loaded")
    if row is None:
        return NONE_LOADED
    places = tuple(map(Exchange._make, row.places))
    local = frozenset((state, one, other) for state, one, other in row.local)
    return Exchanges(_ints(row.keys), _ints(row.codes), places, local, row.version)


def _row(found: Exchanges) -> dict[str, object]:
    places, local = found.places, sorted(found.local)
    keys, codes = _bytes(found.keys), _bytes(found.codes)
    digest = hashlib.sha256(keys + codes + json.dumps([places, local]).encode()).hexdigest()
    version = f"exchanges+{digest[:12]}"
    return {"version": version, "keys": keys, "codes": codes, "places": places, "local": local}


def _bytes(column: array[int]) -> bytes:
    return _little_endian(array("i", column)).tobytes()


def _ints(stored: bytes) -> array[int]:
    return _little_endian(array("i", stored))


def _little_endian(column: array[int]) -> array[int]:
    if sys.byteorder == "big":
        column.byteswap()
    return column
