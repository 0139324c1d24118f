"""Decks in the database: each version is kept, the newest is in force, none is ever changed.

A deck goes in whole, after it was read and held against the caps, or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, func, select

from rating import exchangestore
from rating.deck import NO_DECK, Deck
from rating.deckcheck import check
from rating.deckfile import parse
from rating.exchanges import NONE_LOADED
from rating.rules import FEDERAL_ONLY, Book, book
from rating.terms import FacilityTerms
from rating.tomlrows import DeckError
from store.database import Database
from store.tables import decks


def load(
    database: Database,
    file: str,
    text: str,
    facilities: Mapping[str, FacilityTerms],
    actor: str,
    at: datetime,
) -> Deck:
    """Read, check and store a deck; from now on it is in force.

    Raises :class:`rating.tomlrows.DeckError` and :class:`rating.deckcheck.DeckRefused`; nothing
    is stored then. Loading an older version again is refused: change its name or a comment.
    """
    deck = parse(file, text)
    check(deck, facilities, file)
    with database.begin() as connection:
        known = select(decks.c.id).where(decks.c.version == deck.version)
        if connection.execute(known).one_or_none():
            raise DeckError(f"{file}:1: file: this very deck, {deck.version}, was loaded before")
        row = {"version": deck.version, "text": text, "actor": actor, "loaded_at": at}
        connection.execute(decks.insert(), row)
    return deck


def versions(connection: Connection) -> list[tuple[str, datetime, str]]:
    """Version, moment and actor of every load, the newest first."""
    rows = connection.execute(
        select(decks.c.version, decks.c.loaded_at, decks.c.actor).order_by(decks.c.id.desc())
    )
    return [(version, at, actor) for version, at, actor in rows]


def find(connection: Connection, version: str = "") -> Deck:
    """A deck by its version, else the one in force, else no deck at all.

    Raises :class:`rating.tomlrows.DeckError` for a version that was never loaded.
    """
    newest = select(decks.c.version, decks.c.text).order_by(decks.c.id.desc()).limit(1)
    row = connection.execute(
        newest.where(decks.c.version == version) if version else newest
    ).one_or_none()
    if row is None and version:
        raise DeckError(f"no deck {version} was ever loaded")
    return parse(row.version, row.text) if row else NO_DECK


_DECK = select(decks.c.version).order_by(decks.c.id.desc()).limit(1).scalar_subquery()
IN_FORCE = func.coalesce(_DECK, "") + " " + func.coalesce(exchangestore.IN_FORCE, "")
"""The versions of the deck and the exchange data in force, a space between them.

To be asked along with other facts in one statement, and given to :func:`prices_of`.
"""


def prices(connection: Connection) -> Book:
    """The price book in force. It is read anew only after another load."""
    return prices_of(connection, connection.execute(select(IN_FORCE)).scalar_one())


def prices_of(connection: Connection, versions: str) -> Book:
    """The price book of :data:`IN_FORCE`; without any load it is the federal caps alone."""
    deck, _, exchanges = versions.rpartition(" ")
    if not (deck or exchanges):
        return FEDERAL_ONLY
    found = _books.get(versions)
    if found is None:
        # Two threads may both build it: either book is right, and one of them stays.
        located = exchangestore.find(connection, exchanges) if exchanges else NONE_LOADED
        found = book(find(connection, deck) if deck else NO_DECK, exchanges=located)
        _books.clear()
        _books[versions] = found
    return found


_books: dict[str, Book] = {}
